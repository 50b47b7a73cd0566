//! The Prometheus server in this process, where one is configured or a snapshot has numbers in it.

use super::witness::Witness;
use crate::trouble::chain;
use mcp::client::Specialist;
use mcp_prometheus::server::Prometheus;
use mcp_prometheus::settings::Settings;
#[cfg(feature = "k8s")]
use replay::snapshot::Snapshot;
use std::sync::Arc;

/// The server over the Prometheus that the settings name; none where they name none.
pub(super) async fn in_memory(settings: &Settings) -> Option<Witness> {
    settings.prometheus.prometheus_url.as_ref()?;
    Some(serve(Prometheus::open(settings.clone())).await)
}

/// The server over what a snapshot recorded; none where that was no numbers. A snapshot is looked at with Kubernetes first.
#[cfg(feature = "k8s")]
pub(super) async fn replaying(snapshot: &Arc<Snapshot>) -> Option<Witness> {
    snapshot.metrics.as_ref()?;
    let now = snapshot.about.captured_at;
    let prometheus = replay::prometheus::Prometheus::of(Arc::clone(snapshot));
    let has_alerts = replay::alertmanager::Alertmanager::unavailable(snapshot).is_none();
    let alertmanager = replay::alertmanager::Alertmanager::of(Arc::clone(snapshot));
    let server = match has_alerts {
        true => {
            Prometheus::replaying(Some(Arc::new(prometheus)), Some(Arc::new(alertmanager)), now)
        }
        false => Prometheus::replaying(Some(Arc::new(prometheus)), None, now),
    };
    Some(serve(server).await)
}

async fn serve(prometheus: Prometheus) -> Witness {
    match Specialist::in_memory(mcp_prometheus::tools::server(Arc::new(prometheus))).await {
        Ok(specialist) => Witness::here(specialist),
        Err(error) => Witness::none(chain(&error)),
    }
}
