//! `http/SYSTEM.jsonl`: what a system answered that has no file of its own, one exchange a line.

use crate::snapshot::document;
use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The exchanges with each system, in the order of the recording.
pub type Exchanges = BTreeMap<String, Vec<Exchange>>;

/// Where they stand.
const FOLDER: &str = "http/";

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The method.
    #[serde(default = "get")]
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The query, as it was sent; the order of its pairs means nothing.
    #[serde(default)]
    pub query: String,
    /// The digest of the body that was sent, as `sha256:` and its digits; empty for none.
    #[serde(default)]
    pub body_digest: String,
    /// The status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers of the answer that matter.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The answer: text as a string, JSON as it is.
    #[serde(default)]
    pub body: Value,
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

/// Reads all of them.
pub(crate) fn read(files: &Files) -> Result<Exchanges, LoadError> {
    let mut exchanges = Exchanges::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(FOLDER)) {
        let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".jsonl"));
        let Some(system) = name.filter(|name| !name.contains('/')) else {
            return Err(LoadError::new(path, "is not http/SYSTEM.jsonl"));
        };
        let text = document::text(path, bytes)?;
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            lines.push(exchange(path, number, line)?);
        }
        exchanges.insert(system.to_owned(), lines);
    }
    Ok(exchanges)
}

fn exchange(file: &str, line: u64, text: &str) -> Result<Exchange, LoadError> {
    let refuse = |column: u64, reason: String| LoadError::at(file, line, column, reason);
    let exchange: Exchange = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let reason = words.rsplit_once(" at line ").map_or(words.as_str(), |(reason, _)| reason);
        refuse(error.column() as u64, reason.to_owned())
    })?;
    if !exchange.path.starts_with('/') {
        return Err(refuse(1, format!("path is {:?}, and must begin with a slash", exchange.path)));
    }
    if !(100..600).contains(&exchange.status) {
        return Err(refuse(1, format!("status is {}, which is none", exchange.status)));
    }
    Ok(exchange)
}
