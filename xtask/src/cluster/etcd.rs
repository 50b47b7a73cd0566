//! What the API server keeps in etcd, through etcd's JSON gateway: only to move time, never to invent objects.

use super::{Cluster, control_plane};
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// A connection to the etcd of a cluster.
pub(super) struct Store {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    address: String,
}

/// An object as it is stored.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) object: Value,
    revision: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    kvs: Vec<Stored>,
    succeeded: bool,
}

#[derive(Deserialize)]
struct Stored {
    key: String,
    value: String,
    mod_revision: String,
}

impl Store {
    pub(super) fn open(cluster: &Cluster) -> Result<Store> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let address = control_plane::etcd_address(cluster);
        Ok(Store { runtime, client: reqwest::Client::new(), address })
    }

    /// Every object below a prefix; what is not an object is left out.
    pub(super) fn objects(&self, prefix: &str) -> Result<Vec<Entry>> {
        // The end of a range is the prefix with its last byte, a slash, raised by one.
        let end = format!("{}0", prefix.trim_end_matches('/'));
        let range = json!({"key": encoded(prefix), "range_end": encoded(&end)});
        let mut entries = Vec::new();
        for stored in self.ask("range", &range)?.kvs {
            let Ok(object) = serde_json::from_slice(&decoded(&stored.value)?) else { continue };
            let key = String::from_utf8(decoded(&stored.key)?)?;
            entries.push(Entry { key, object, revision: stored.mod_revision });
        }
        Ok(entries)
    }

    /// Writes an object back unless somebody else has written it since it was read; then it answers false.
    pub(super) fn put(&self, entry: &Entry) -> Result<bool> {
        let key = encoded(&entry.key);
        let value = BASE64_STANDARD.encode(serde_json::to_vec(&entry.object)?);
        let transaction = json!({
            "compare": [{"key": key, "target": "MOD", "result": "EQUAL", "mod_revision": entry.revision}],
            "success": [{"request_put": {"key": key, "value": value, "ignore_lease": true}}],
        });
        Ok(self.ask("txn", &transaction)?.succeeded)
    }

    /// Removes an object, as its lease does when it ends.
    pub(super) fn remove(&self, key: &str) -> Result<()> {
        self.ask("deleterange", &json!({"key": encoded(key)}))?;
        Ok(())
    }

    fn ask(&self, what: &str, body: &Value) -> Result<Answer> {
        let request = self.client.post(format!("{}/v3/kv/{what}", self.address)).json(body);
        self.runtime
            .block_on(async { request.send().await?.error_for_status()?.json().await })
            .context("etcd did not answer")
    }
}

fn encoded(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD.decode(text).context("etcd did not answer in base64")
}
