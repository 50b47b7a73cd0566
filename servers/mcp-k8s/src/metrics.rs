//! What pods and nodes use by the metrics API, and why nobody knows where it is not there.

use crate::survey::custom;
use crate::survey::reading::{Desk, Reading};
use crate::usage::Amount;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODE_METRICS, POD_METRICS};
use mcp::failure::Code;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The group that metrics-server, or an adapter, serves.
const GROUP: &str = "metrics.k8s.io";

/// What one pod or node uses, as the API answers it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Used {
    metadata: Named,
    window: String,
    usage: BTreeMap<String, String>,
    containers: Vec<OfContainer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    namespace: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfContainer {
    usage: BTreeMap<String, String>,
}

/// Amounts by namespace and name, and over how long they were measured.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By namespace (empty for nodes) and name.
    pub(crate) used: BTreeMap<(String, String), Amount>,
    /// As `30s`; empty where nothing was measured.
    pub(crate) window: String,
}

/// Which metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Of pods.
    Pods,
    /// Of nodes.
    Nodes,
}

/// Reads metrics; else why nobody knows.
pub(crate) async fn read(
    desk: &Desk,
    of: Of,
    reach: Reach<'_>,
) -> Result<(Metrics, Reading), String> {
    match custom::served(desk).await {
        Ok(groups) if !groups.preferred.contains_key(GROUP) => {
            let why = format!(
                "{GROUP} is not served: neither metrics-server nor an adapter is installed"
            );
            return Err(why);
        }
        Ok(_) => {}
        Err(trouble) => {
            return Err(format!("which APIs are served could not be read: {}", trouble.why));
        }
    }
    let resource = if of == Of::Pods { POD_METRICS } else { NODE_METRICS };
    let mut metrics = Metrics::default();
    let reading = desk
        .each(&resource, reach, ListOptions::default(), |it: Used| {
            let each = it.containers.iter().map(|it| Amount::of(&it.usage));
            let sum = each.fold(Amount::of(&it.usage), Amount::plus);
            metrics.used.insert((it.metadata.namespace, it.metadata.name), sum);
            metrics.window = it.window;
        })
        .await;
    let Some(trouble) = &reading.trouble else { return Ok((metrics, reading)) };
    let why = match trouble.code {
        Code::Forbidden => format!("{resource} may not be listed (403)"),
        _ => format!("{GROUP} is registered and does not answer: {}", trouble.why),
    };
    Err(why)
}
