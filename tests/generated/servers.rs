//! Every server over a snapshot of its own tests, with a witness on each way out, and the calls that its pages make.

use crate::witness::Witness;
use crate::{oracle, pack, shop};
use clients::{alertmanager, grafana, prometheus};
use inquest::tools::Lead;
use mcp::client::Specialist;
use mcp::server::Server;
use mcp::tools::Listed;
use replay::snapshot::Snapshot;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A server that is called.
pub(crate) struct Examined {
    pub(crate) name: &'static str,
    pub(crate) specialist: Specialist,
    pub(crate) tools: Vec<Listed>,
    /// Its ways out; the lead has none of its own.
    pub(crate) witness: Vec<Arc<Witness>>,
    /// Arguments of calls on its pages, by tool.
    pub(crate) seeds: BTreeMap<String, Vec<Map<String, Value>>>,
}

/// All servers.
pub(crate) async fn all() -> Vec<Examined> {
    vec![
        kubernetes("snapshot").await,
        kubernetes("paths").await,
        helm().await,
        with_numbers().await,
        dashboards().await,
        lead().await,
    ]
}

async fn kubernetes(folder: &str) -> Examined {
    let snapshot = Arc::new(Snapshot::load(&tests("mcp-k8s").join(folder)).unwrap());
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let witness = Witness::before(wire, oracle::kubernetes());
    let server = mcp_k8s::server::Kubernetes::replaying(witness.clone(), &cluster, now);
    examined("mcp-k8s", mcp_k8s::tools::server(Arc::new(server)), vec![witness]).await
}

async fn helm() -> Examined {
    let folder = tests("mcp-helm").join("snapshot");
    let mut snapshot = Snapshot::load(&folder).unwrap();
    pack::into(&mut snapshot, &folder.join("releases"));
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(Arc::new(snapshot)));
    let witness = Witness::before(wire, oracle::helm());
    let server = mcp_helm::server::Helm::replaying(witness.clone(), &cluster, now);
    examined("mcp-helm", mcp_helm::tools::server(Arc::new(server)), vec![witness]).await
}

async fn with_numbers() -> Examined {
    let folder = tests("mcp-prometheus").join("snapshot");
    let mut snapshot = Snapshot::load(&folder).unwrap();
    shop::measured(&mut snapshot, &folder);
    let now = snapshot.about.captured_at;
    let snapshot = Arc::new(snapshot);
    let rows = prometheus::reads::TABLE.iter().map(|row| (row.method, row.path)).collect();
    let numbers = Arc::new(replay::prometheus::Prometheus::of(Arc::clone(&snapshot)));
    let numbers = Witness::before(numbers, oracle::table(rows));
    let rows = alertmanager::reads::TABLE.iter().map(|row| ("GET", row.0)).collect();
    let alerts = Arc::new(replay::alertmanager::Alertmanager::of(snapshot));
    let alerts = Witness::before(alerts, oracle::table(rows));
    let wires = (Some(numbers.clone() as _), Some(alerts.clone() as _));
    let server = mcp_prometheus::server::Prometheus::replaying(wires.0, wires.1, now);
    let server = mcp_prometheus::tools::server(Arc::new(server));
    examined("mcp-prometheus", server, vec![numbers, alerts]).await
}

async fn dashboards() -> Examined {
    let snapshot = Snapshot::load(&tests("mcp-grafana").join("snapshot")).unwrap();
    let now = snapshot.about.captured_at;
    let wire = Arc::new(replay::recorded::Recorded::of(Arc::new(snapshot), "grafana"));
    let rows = grafana::reads::TABLE.iter().map(|row| ("GET", row.0)).collect();
    let witness = Witness::before(wire, oracle::table(rows));
    let server = mcp_grafana::server::Grafana::replaying(witness.clone(), now);
    examined("mcp-grafana", mcp_grafana::tools::server(Arc::new(server)), vec![witness]).await
}

/// What it asks goes through the servers above.
async fn lead() -> Examined {
    let snapshot = Snapshot::load(&tests("inquest").join("scenarios/image_not_found")).unwrap();
    let witnesses = inquest::witnesses::kubernetes::replaying(Arc::new(snapshot)).await;
    let lead = Lead::new(Arc::new(witnesses), Duration::from_secs(10));
    examined("inquest", inquest::tools::server(Arc::new(lead)), Vec::new()).await
}

async fn examined(name: &'static str, server: Server, witness: Vec<Arc<Witness>>) -> Examined {
    let tools = server.list();
    let pages = tests(name).join("pages");
    let seeds = tools.iter().map(|tool| (tool.name.clone(), calls(&pages, &tool.name))).collect();
    let specialist = Specialist::in_memory(server).await.unwrap();
    Examined { name, specialist, tools, witness, seeds }
}

/// The arguments of every call on a page.
fn calls(pages: &Path, tool: &str) -> Vec<Map<String, Value>> {
    let page = std::fs::read_to_string(pages.join(format!("{tool}.md"))).unwrap();
    let blocks = page.split("~~~").chain(page.split("```"));
    let blocks = blocks.filter_map(|block| block.split_once('\n'));
    blocks.filter_map(|(_, block)| serde_json::from_str(block).ok()).collect()
}

fn tests(server: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../servers").join(server).join("tests")
}
