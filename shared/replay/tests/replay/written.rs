//! A snapshot written for a test, and questions to its API.

use ::http::{Method, Request};
use bytes::Bytes;
use futures::StreamExt;
use readonly::transport::Transport;
use replay::kubernetes::Kubernetes;
use replay::snapshot::Snapshot;
use replay::snapshot::error::LoadError;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const ABOUT: &str =
    "apiVersion: inquest.dev/v1\nkind: Snapshot\ncluster: test\ncapturedAt: 2026-11-21T12:00:00Z\n";
pub(crate) const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
pub(crate) const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// Writes files into a new folder.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

/// Reads these files with an ordinary `snapshot.yaml`, unless they have their own.
pub(crate) fn load(files: &[(&str, &str)]) -> Result<Snapshot, LoadError> {
    let folder = folder(files);
    let about = folder.path().join("snapshot.yaml");
    if !about.exists() {
        std::fs::write(about, ABOUT).unwrap();
    }
    Snapshot::load(folder.path())
}

/// What is said to these files, which cannot be read.
pub(crate) fn refusal(files: &[(&str, &str)]) -> String {
    load(files).unwrap_err().to_string()
}

pub(crate) fn api(files: &[(&str, &str)]) -> Kubernetes {
    Kubernetes::of(Arc::new(load(files).unwrap()))
}

pub(crate) fn api_of(path: &Path) -> Kubernetes {
    Kubernetes::of(Arc::new(Snapshot::load(path).unwrap()))
}

/// Sends one request; the answer is JSON, or text.
pub(crate) async fn send(
    api: &dyn Transport,
    method: Method,
    path: &str,
    accept: &str,
    body: &str,
) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("accept", accept);
    let request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    let response = api.send(request).await.unwrap();
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut whole = Vec::new();
    while let Some(chunk) = body.next().await {
        whole.extend_from_slice(&chunk.unwrap());
    }
    let value = serde_json::from_slice(&whole);
    (status, value.unwrap_or_else(|_| String::from_utf8(whole).unwrap().into()))
}

pub(crate) async fn get(api: &dyn Transport, path: &str) -> (u16, Value) {
    send(api, Method::GET, path, "application/json", "").await
}

/// The names in a list, in its order.
pub(crate) fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}
