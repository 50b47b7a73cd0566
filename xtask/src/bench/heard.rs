//! What the API server heard from inquest during a piece of work, from the end of its audit log.

use crate::cluster::Cluster;
use crate::inquest::READER;
use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::Deserialize;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

/// One request, and when it was answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heard {
    /// `get`, `list`, `create`, ...
    pub(super) verb: String,
    /// The path and query.
    #[serde(rename = "requestURI")]
    pub(super) uri: String,
    /// When it came.
    #[serde(rename = "requestReceivedTimestamp")]
    pub(super) came: Timestamp,
    /// When it was answered.
    #[serde(rename = "stageTimestamp")]
    pub(super) answered: Timestamp,
    user: User,
}

#[derive(Clone, Debug, Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

/// A place in the audit log.
#[derive(Debug)]
pub(super) struct Mark {
    log: PathBuf,
    length: u64,
}

impl Mark {
    /// The end of the log as it is now.
    pub(super) fn now(cluster: &Cluster) -> Result<Mark> {
        let log = cluster.folder().join("audit.jsonl");
        let length = std::fs::metadata(&log)?.len();
        Ok(Mark { log, length })
    }

    /// What inquest has asked since, in the order of arrival.
    pub(super) fn heard(&self) -> Result<Vec<Heard>> {
        let mut log = File::open(&self.log)?;
        log.seek(SeekFrom::Start(self.length))?;
        let mut text = String::new();
        log.read_to_string(&mut text)?;
        let mut heard = Vec::new();
        // The last line may still be on its way: another user's, for inquest has its answers.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        for line in lines.filter(|line| line.contains(READER)) {
            let one: Heard = serde_json::from_str(line).context("an unreadable audit log")?;
            if one.user.username == READER {
                heard.push(one);
            }
        }
        heard.sort_by_key(|one| one.came);
        Ok(heard)
    }
}
