//! As much of a pod as the kubelet's report needs.

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct List {
    pub(super) items: Vec<Pod>,
}

/// A pod as the API server shows it.
#[derive(Deserialize)]
pub(in crate::cluster) struct Pod {
    pub(in crate::cluster) metadata: Metadata,
    pub(super) spec: Spec,
    pub(super) status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cluster) struct Metadata {
    pub(in crate::cluster) name: String,
    pub(super) namespace: String,
    pub(super) uid: String,
    pub(super) creation_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    /// Empty until the scheduler has decided.
    #[serde(default)]
    pub(super) node_name: String,
    pub(super) containers: Vec<Container>,
}

#[derive(Deserialize)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) phase: String,
    #[serde(rename = "podIP")]
    pod_ip: Option<String>,
    pub(super) start_time: Option<String>,
}

impl Pod {
    /// The container of a name; the first if none is said.
    pub(super) fn container(&self, name: Option<&str>) -> Result<&Container> {
        let mut containers = self.spec.containers.iter();
        let found = containers.find(|container| name.is_none_or(|name| container.name == name));
        found.with_context(|| format!("{} has no such container", self.metadata.name))
    }

    /// Its address; one of our own if it has none yet. kwok counts its addresses up from 1: ours begin at 200.
    pub(super) fn address(&self, number: usize) -> String {
        let ours = || format!("10.244.{}.{}", self.node_number(), 200 + number);
        self.status.pod_ip.clone().unwrap_or_else(ours)
    }

    /// The address of its node, as `nodes` gives them.
    pub(super) fn node_address(&self) -> String {
        format!("10.224.0.{}", 4 + self.node_number())
    }

    fn node_number(&self) -> u16 {
        let number = self.spec.node_name.strip_prefix("node-");
        number.and_then(|number| number.parse().ok()).unwrap_or_default()
    }
}
