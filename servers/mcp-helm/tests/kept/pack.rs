//! Releases that can be read, packed into the objects that Helm keeps them in: base64 of gzip of JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use replay::snapshot::Snapshot;
use replay::snapshot::object::{GroupKind, Object};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;

/// One file: a revision in Helm's own words, and how it is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revision {
    /// `Secret` or `ConfigMap`.
    kept_in: String,
    /// When its object was made.
    made: Timestamp,
    /// What Helm wrote.
    release: Map<String, Value>,
}

/// Puts every release of a folder into a snapshot.
pub(crate) fn into(snapshot: &mut Snapshot, folder: &Path) {
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let revision: Revision = serde_saphyr::from_str(&text).unwrap();
        let kind = GroupKind { group: String::new(), kind: revision.kept_in.clone() };
        let object = object(revision);
        let key = format!("{}/{}", object.namespace, object.name);
        snapshot.objects.looked_at.insert(kind.clone());
        snapshot.objects.of_kind.entry(kind).or_default().insert(key, object);
    }
}

fn object(revision: Revision) -> Object {
    let text = |field: &str| revision.release[field].as_str().unwrap().to_owned();
    let (release, namespace) = (text("name"), text("namespace"));
    let version = revision.release["version"].to_string();
    let status = revision.release["info"]["status"].clone();
    let name = format!("sh.helm.release.v1.{release}.v{version}");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(Value::Object(revision.release).to_string().as_bytes()).unwrap();
    let mut packed = STANDARD.encode(gzip.finish().unwrap());
    if revision.kept_in == "Secret" {
        packed = STANDARD.encode(packed);
    }
    let value = json!({
        "apiVersion": "v1",
        "kind": revision.kept_in,
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "creationTimestamp": revision.made,
            "labels": {"name": release, "owner": "helm", "status": status, "version": version},
        },
        "data": {"release": packed},
    });
    Object { namespace, name, value }
}
