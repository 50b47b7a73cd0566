//! The API server's own account of who asked it for what.

use super::Cluster;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Who did what; bodies are never written.
const POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
";

/// One request in the audit log.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, ...
    pub verb: String,
    /// The path and query that was asked for.
    #[serde(rename = "requestURI")]
    pub uri: String,
    /// Who asked.
    pub user: User,
    /// What was asked for; none for paths that are not resources.
    pub object_ref: Option<Object>,
    /// What was answered.
    pub response_status: Option<Status>,
}

/// Who asked.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The name in the certificate or token.
    #[serde(default)]
    pub username: String,
}

/// What was asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Object {
    /// The resource in the plural.
    pub resource: String,
    /// `log`, `exec`, `proxy`, ... or empty.
    pub subresource: String,
    /// The namespace or empty.
    pub namespace: String,
    /// The name or empty.
    pub name: String,
}

/// What was answered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The HTTP status.
    pub code: u16,
}

impl Request {
    /// What was asked, in a few words: `list pods`, `get pods/log`.
    pub fn what(&self) -> String {
        let Some(object) = &self.object_ref else {
            let path = self.uri.split('?').next().unwrap_or_default();
            return format!("{} {path}", self.verb);
        };
        if object.subresource.is_empty() {
            return format!("{} {}", self.verb, object.resource);
        }
        format!("{} {}/{}", self.verb, object.resource, object.subresource)
    }

    /// Whether the request can only read: get, list or watch of anything but a subresource that opens a connection into
    /// a pod or node (exec over WebSocket is a `get`), or a question about one's own rights.
    pub fn only_reads(&self) -> bool {
        let object = self.object_ref.clone().unwrap_or_default();
        let is_review = matches!(
            object.resource.as_str(),
            "selfsubjectaccessreviews" | "selfsubjectrulesreviews" | "selfsubjectreviews"
        );
        match self.verb.as_str() {
            "get" | "list" | "watch" => {
                matches!(object.subresource.as_str(), "" | "log" | "status")
            }
            "create" => is_review,
            _ => false,
        }
    }
}

impl Cluster {
    /// Every request that a user made, in the order of the log.
    pub fn requests_of(&self, username: &str) -> Result<Vec<Request>> {
        let text = fs::read_to_string(self.folder().join("audit.jsonl"))?;
        let mut requests = Vec::new();
        for line in text.lines() {
            let request: Request = serde_json::from_str(line).context("an unreadable audit log")?;
            if request.user.username == username {
                requests.push(request);
            }
        }
        Ok(requests)
    }
}

/// How often each thing was asked, for messages of tests.
pub fn tally(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for request in requests {
        *tally.entry(request.what()).or_default() += 1;
    }
    tally
}

pub(super) fn write_policy(folder: &Path) -> Result<()> {
    fs::write(folder.join("audit-policy.yaml"), POLICY)?;
    Ok(())
}
