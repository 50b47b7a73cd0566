//! The Kubernetes server in this process: over a live cluster, or over a snapshot of one.

use super::Witnesses;
use super::witness::Witness;
use crate::command::mcp::fit;
use crate::trouble::{Trouble, chain};
use evidence::report::Report;
use jiff::Timestamp;
use mcp::client::Specialist;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::settings::Settings;
use replay::capture::Recorder;
use replay::snapshot::Snapshot;
use replay::snapshot::about::{self, About};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The server over the cluster that the settings name.
pub(super) async fn in_memory(settings: &Settings, for_others: bool) -> Result<Witnesses, Trouble> {
    let kubernetes = Kubernetes::open(settings.kubernetes.clone(), for_others);
    fit(kubernetes.ready()).await?;
    Ok(serve(kubernetes, None).await)
}

/// The server over a snapshot, whose moment is the present.
pub async fn replaying(snapshot: Arc<Snapshot>) -> Witnesses {
    let now = snapshot.about.captured_at;
    let cluster = snapshot.about.cluster.clone();
    #[cfg(feature = "prometheus")]
    let numbers = super::prometheus::replaying(&snapshot).await;
    #[cfg(not(feature = "prometheus"))]
    let numbers = None;
    let transport = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let witnesses = serve(Kubernetes::replaying(transport, &cluster, now), Some(now)).await;
    witnesses.with("mcp-prometheus", numbers)
}

/// A server that is listened to.
pub struct Recorded {
    /// What can be asked.
    pub witnesses: Witnesses,
    /// The server itself.
    pub kubernetes: Arc<Kubernetes>,
    /// Hears all that it reads.
    pub recorder: Arc<Recorder>,
}

/// The server over the cluster that the settings name, with a recorder that hears all it reads.
///
/// # Errors
/// Where there is no cluster configured, or its configuration or credentials cannot be used.
pub async fn recorded(settings: &Settings) -> Result<Recorded, Trouble> {
    let mut recorder = None;
    let kubernetes = Kubernetes::recorded(&settings.kubernetes, |wire| {
        let listening = Arc::new(Recorder::over(wire));
        recorder = Some(Arc::clone(&listening));
        listening
    });
    let kubernetes = kubernetes.await.map_err(|failure| {
        Trouble::NothingExamined(format!("{}; {}", failure.message, failure.hint))
    })?;
    let Some(recorder) = recorder else {
        return Err(Trouble::Ours("the recorder was not put in place".to_owned()));
    };
    let kubernetes = Arc::new(kubernetes);
    let witnesses = share(Arc::clone(&kubernetes), None).await;
    Ok(Recorded { witnesses, kubernetes, recorder })
}

/// What the snapshot of an investigation says about itself.
pub fn about(report: &Report) -> About {
    About {
        api_version: about::API_VERSION.to_owned(),
        kind: "Snapshot".to_owned(),
        cluster: report.scope.cluster.clone(),
        captured_at: report.as_of,
        window: Some(report.window),
        redaction: Some("secrets are replaced by their length and a keyed digest".into()),
        sources: BTreeMap::new(),
    }
}

async fn serve(kubernetes: Kubernetes, frozen: Option<Timestamp>) -> Witnesses {
    share(Arc::new(kubernetes), frozen).await
}

async fn share(kubernetes: Arc<Kubernetes>, frozen: Option<Timestamp>) -> Witnesses {
    let cluster = kubernetes.cluster_name().await;
    let server = mcp_k8s::tools::server(kubernetes);
    let server = match Specialist::in_memory(server).await {
        Ok(specialist) => Witness::here(specialist),
        Err(error) => Witness::none(chain(&error)),
    };
    Witnesses::new(BTreeMap::from([("mcp-k8s", server)]), frozen).of_cluster(cluster)
}
