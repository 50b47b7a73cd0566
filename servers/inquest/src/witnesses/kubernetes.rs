//! The Kubernetes server in this process: over a live cluster, or over a snapshot of one.

use super::Witnesses;
use crate::trouble::chain;
use mcp::client::Specialist;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::settings::Settings;
use replay::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The server over the cluster that the settings name.
pub(super) async fn in_memory(settings: &Settings) -> Result<Specialist, String> {
    serve(Kubernetes::open(settings.kubernetes.clone())).await
}

/// The server over a snapshot, whose moment is the present.
pub async fn replaying(snapshot: Arc<Snapshot>) -> Witnesses {
    let now = snapshot.about.captured_at;
    let cluster = snapshot.about.cluster.clone();
    let transport = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let server = serve(Kubernetes::replaying(transport, &cluster, now)).await;
    Witnesses::new(BTreeMap::from([("mcp-k8s", server)]), Some(now))
}

async fn serve(kubernetes: Kubernetes) -> Result<Specialist, String> {
    let server = mcp_k8s::tools::server(Arc::new(kubernetes));
    Specialist::in_memory(server).await.map_err(|error| chain(&error))
}
