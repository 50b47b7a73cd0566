//! The files of a snapshot, out of a directory or an archive, within limits.

use crate::snapshot::error::LoadError;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

/// Files by their path within the snapshot, with `/` between folders.
pub(crate) type Files = BTreeMap<String, Bytes>;

/// Bytes of one file; all pods of a cluster of ten thousand are about 80 MB of JSON.
const MAX_FILE: u64 = 256 << 20;
/// Bytes of all files, after decompression.
const MAX_TOTAL: u64 = 512 << 20;
/// Files; a log for each container of a large cluster.
const MAX_FILES: usize = 50_000;
/// Folders within folders; the deepest path of the form has four.
const MAX_DEPTH: usize = 8;

/// Reads a directory. Files and folders whose name begins with a dot are passed over.
pub(crate) fn of_directory(root: &Path) -> Result<Files, LoadError> {
    let mut files = Files::new();
    let mut left = MAX_TOTAL;
    walk(root, "", 0, &mut files, &mut left)?;
    Ok(files)
}

fn walk(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Files,
    left: &mut u64,
) -> Result<(), LoadError> {
    let place = if prefix.is_empty() { folder.display().to_string() } else { prefix.to_owned() };
    if depth > MAX_DEPTH {
        return Err(LoadError::new(&place, format!("lies more than {MAX_DEPTH} folders deep")));
    }
    let unreadable = |error: std::io::Error| LoadError::new(&place, error.to_string());
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else {
            return Err(LoadError::new(&place, "holds a file whose name is not UTF-8"));
        };
        if name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            walk(&entry.path(), &path, depth + 1, files, left)?;
        } else if kind.is_file() {
            let file = std::fs::File::open(entry.path()).map_err(unreadable)?;
            keep(files, left, path, file)?;
        } else {
            return Err(LoadError::new(&path, "is neither a file nor a folder"));
        }
    }
    Ok(())
}

/// Unpacks the bytes of a `.tar.zst`. `name` stands in messages. Nothing is written anywhere.
pub(crate) fn of_archive(name: &str, archive: impl Read) -> Result<Files, LoadError> {
    let unreadable = |error: std::io::Error| {
        LoadError::new(name, format!("is not a readable .tar.zst archive: {error}"))
    };
    let plain = zstd::stream::read::Decoder::new(archive).map_err(unreadable)?;
    // Headers and padding come on top of the files: a quarter more is enough for any honest archive.
    let mut tar = tar::Archive::new(plain.take(MAX_TOTAL + MAX_TOTAL / 4));
    let mut files = Files::new();
    let mut left = MAX_TOTAL;
    for entry in tar.entries().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = inside(name, &entry.path().map_err(unreadable)?)?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || path.is_empty() || hidden(&path) {
            continue;
        }
        if !kind.is_file() {
            return Err(LoadError::new(&path, "is neither a file nor a folder"));
        }
        if files.contains_key(&path) {
            return Err(LoadError::new(&path, "is in the archive twice"));
        }
        keep(&mut files, &mut left, path, entry)?;
    }
    Ok(without_top_folder(files))
}

fn keep(files: &mut Files, left: &mut u64, path: String, file: impl Read) -> Result<(), LoadError> {
    if files.len() == MAX_FILES {
        return Err(LoadError::new(&path, format!("is one file more than {MAX_FILES}")));
    }
    let limit = MAX_FILE.min(*left);
    let mut bytes = Vec::new();
    if let Err(error) = file.take(limit + 1).read_to_end(&mut bytes) {
        return Err(LoadError::new(&path, error.to_string()));
    }
    let size = bytes.len() as u64;
    if size > MAX_FILE {
        return Err(LoadError::new(&path, format!("is larger than {} MiB", MAX_FILE >> 20)));
    }
    if size > *left {
        let reason = format!("brings the snapshot over {} MiB", MAX_TOTAL >> 20);
        return Err(LoadError::new(&path, reason));
    }
    *left -= size;
    files.insert(path, Bytes::from(bytes));
    Ok(())
}

/// The path with `/` between its parts, where it stays inside the archive.
fn inside(archive: &str, path: &Path) -> Result<String, LoadError> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) if parts.len() <= MAX_DEPTH => match part.to_str() {
                Some(part) => parts.push(part),
                None => return Err(LoadError::new(archive, "holds a name that is not UTF-8")),
            },
            Component::Normal(_) => {
                let reason = format!("lies more than {MAX_DEPTH} folders deep");
                return Err(LoadError::new(&path.display().to_string(), reason));
            }
            _ => {
                let reason = format!("holds {:?}, which leads out of it", path.display());
                return Err(LoadError::new(archive, reason));
            }
        }
    }
    Ok(parts.join("/"))
}

fn hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// `tar c DIR` puts everything below `DIR/`; that is as good as `tar -C DIR c .`.
fn without_top_folder(files: Files) -> Files {
    if files.contains_key("snapshot.yaml") {
        return files;
    }
    let Some(top) = files.keys().next().and_then(|path| path.split('/').next()) else {
        return files;
    };
    let top = format!("{top}/");
    if !files.contains_key(&format!("{top}snapshot.yaml"))
        || !files.keys().all(|path| path.starts_with(&top))
    {
        return files;
    }
    files.into_iter().map(|(path, bytes)| (path.replacen(&top, "", 1), bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(&str, tar::EntryType)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, kind) in entries {
            let mut header = tar::Header::new_old();
            // The safe setters refuse what a hostile archive may hold.
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(1);
            header.set_cksum();
            tar.append(&header, &b"x"[..]).unwrap();
        }
        zstd::encode_all(&tar.into_inner().unwrap()[..], 1).unwrap()
    }

    fn refusal(entries: &[(&str, tar::EntryType)]) -> String {
        of_archive("a.tar.zst", &archive(entries)[..]).unwrap_err().to_string()
    }

    #[test]
    fn a_path_that_leads_out_of_the_archive_is_refused() {
        for path in ["../x", "/etc/x", "a/../../x"] {
            let refusal = refusal(&[(path, tar::EntryType::Regular)]);
            assert!(refusal.contains("leads out of it"), "{refusal}");
        }
    }

    #[test]
    fn a_link_is_refused() {
        let refusal = refusal(&[("logs/link", tar::EntryType::Symlink)]);
        assert_eq!(refusal, "logs/link: is neither a file nor a folder");
    }

    #[test]
    fn a_file_that_is_there_twice_is_refused() {
        let file = ("a", tar::EntryType::Regular);
        assert_eq!(refusal(&[file, file]), "a: is in the archive twice");
    }

    #[test]
    fn the_folder_around_everything_is_taken_off() {
        let entries =
            ["one/snapshot.yaml", "one/logs/x"].map(|path| (path, tar::EntryType::Regular));
        let files = of_archive("a.tar.zst", &archive(&entries)[..]).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["logs/x", "snapshot.yaml"]);
    }

    #[test]
    fn what_is_no_archive_is_refused_in_one_line() {
        let refusal = of_archive("a.tar.zst", &b"hello"[..]).unwrap_err().to_string();
        assert!(refusal.starts_with("a.tar.zst: is not a readable .tar.zst archive"), "{refusal}");
        assert!(!refusal.contains('\n'));
    }
}
