//! The files of a captured snapshot, the same for the same reads, in a directory or an archive.

use crate::capture::collect::{Collected, Collection};
use crate::capture::{CaptureError, Redact};
use crate::snapshot::about::About;
use crate::snapshot::resources;
use readonly::redact::Redactor;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// By their path within the snapshot.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Small, and still quick to unpack.
const COMPRESSION: i32 = 15;

pub(super) fn files(
    about: &About,
    collected: Collected,
    redact: Redact,
) -> Result<Files, CaptureError> {
    let mut files = Files::new();
    let text = serde_saphyr::to_string(about).map_err(|_| CaptureError::Form("snapshot.yaml"))?;
    files.insert("snapshot.yaml".to_owned(), text.into_bytes());
    let known = resources::built_in();
    for ((namespace, plural, group), collection) in collected.objects {
        let folder = if namespace.is_empty() { "_cluster" } else { &namespace };
        let custom = !known.iter().any(|one| one.of.group == group && one.plural == plural);
        let name = if custom { format!("{plural}.{group}") } else { plural };
        files.insert(format!("kubernetes/{folder}/{name}.json"), list(collection, redact));
    }
    for (of, log) in collected.logs {
        let log = String::from_utf8_lossy(&log);
        let log = Redactor::of_process().text(&log).into_owned();
        files.insert(of.path(), log.into_bytes());
    }
    Ok(files)
}

/// A List with one object a line, by name.
fn list(collection: Collection, redact: Redact) -> Vec<u8> {
    let kind = json!(format!("{}List", collection.kind));
    let mut text =
        format!("{{\"apiVersion\":{},\"kind\":{kind},\"items\":[", json!(collection.api_version));
    for (index, mut object) in collection.items.into_values().enumerate() {
        redact(&mut object);
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&object.to_string());
    }
    text.push_str("\n]}\n");
    text.into_bytes()
}

/// Writes the files where nothing is yet.
pub(super) fn write(files: &Files, path: &Path) -> Result<(), CaptureError> {
    let name = path.display().to_string();
    let failed = |source| CaptureError::Write { path: name.clone(), source };
    if name.ends_with(".tar.zst") {
        let archive = archive(files).map_err(failed)?;
        let mut file = std::fs::File::create_new(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => CaptureError::Exists(name.clone()),
            _ => failed(source),
        })?;
        return file.write_all(&archive).map_err(failed);
    }
    if path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || path.is_file() {
        return Err(CaptureError::Exists(name));
    }
    for (inside, bytes) in files {
        let file = path.join(inside);
        let failed = |source| CaptureError::Write { path: file.display().to_string(), source };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&file, bytes).map_err(failed)?;
    }
    Ok(())
}

fn archive(files: &Files) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, &bytes[..])?;
    }
    zstd::encode_all(&tar.into_inner()?[..], COMPRESSION)
}
