//! The tools, in reading order.

pub mod argocd_app_diff;
pub mod argocd_app_events;
pub mod argocd_app_history;
pub mod argocd_get_application;
pub mod argocd_list_applications;
pub mod k8s_check_access;
pub mod k8s_describe_resource;
pub mod k8s_diagnose_workload;
pub mod k8s_get_available_api_resources;
pub mod k8s_get_cluster_configuration;
pub mod k8s_get_events;
pub mod k8s_get_pod_logs;
pub mod k8s_get_resource_yaml;
pub mod k8s_get_resources;
pub mod k8s_node_health;
pub mod k8s_recent_changes;
pub mod k8s_rollout_history;
pub mod k8s_service_path;
pub mod k8s_survey;
pub mod k8s_top;

use crate::server::{INSTRUCTIONS, Kubernetes, NAME, OF_SEVERAL};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use mcp::clusters::Clusters;
use mcp::server::Server;
use mcp::tools::Tools;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(kubernetes: Arc<Kubernetes>) -> Server {
    let (upstream, timed) = (Arc::clone(&kubernetes.upstream), Arc::clone(&kubernetes));
    Server::new(NAME, INSTRUCTIONS, kubernetes, all())
        .reading(&upstream)
        .with_clock(move || timed.now())
}

/// The same over several clusters, by their names. It is ready when one of them is: the others say why they are not when they are
/// asked.
pub fn server_of_several(clusters: BTreeMap<String, Arc<Kubernetes>>) -> Server {
    let (asked, told) = (clusters.clone(), clusters.clone());
    Server::of_several(NAME, OF_SEVERAL, &Clusters::new(clusters), all())
        .with_readiness(move || {
            let clusters = asked.clone();
            Box::pin(async move { one_is_ready(&clusters).await })
        })
        .with_notice(move || {
            let each = told.iter();
            let notices: Vec<String> = each
                .filter_map(|(name, it)| it.notice().map(|notice| format!("{name}: {notice}")))
                .collect();
            (!notices.is_empty()).then(|| notices.join("; "))
        })
        .with_clock(Timestamp::now)
}

/// Whether one of them can be asked. All are tried at once, so that one that does not answer keeps none from being ready.
async fn one_is_ready(clusters: &BTreeMap<String, Arc<Kubernetes>>) -> Result<(), String> {
    if clusters.values().any(|kubernetes| kubernetes.upstream.opened().is_some()) {
        return Ok(());
    }
    let trying = clusters.iter().map(|(name, kubernetes)| async move {
        kubernetes.ready().await.map_err(|failure| (name, failure.message))
    });
    let mut tried: FuturesUnordered<_> = trying.collect();
    let mut whys = BTreeMap::new();
    while let Some(ready) = tried.next().await {
        match ready {
            Ok(()) => return Ok(()),
            Err((name, why)) => drop(whys.insert(name, why)),
        }
    }
    let whys: Vec<String> = whys.into_iter().map(|(name, why)| format!("{name}: {why}")).collect();
    Err(whys.join("; "))
}

fn all() -> Tools<Kubernetes> {
    Tools::new()
        .with::<k8s_survey::Survey>()
        .with::<k8s_diagnose_workload::DiagnoseWorkload>()
        .with::<k8s_service_path::ServicePath>()
        .with::<k8s_node_health::NodeHealth>()
        .with::<k8s_top::Top>()
        .with::<k8s_get_resources::GetResources>()
        .with::<k8s_describe_resource::DescribeResource>()
        .with::<k8s_get_events::GetEvents>()
        .with::<k8s_get_pod_logs::GetPodLogs>()
        .with::<k8s_get_resource_yaml::GetResourceYaml>()
        .with::<k8s_recent_changes::RecentChanges>()
        .with::<k8s_rollout_history::RolloutHistory>()
        .with::<k8s_get_available_api_resources::GetAvailableApiResources>()
        .with::<k8s_get_cluster_configuration::GetClusterConfiguration>()
        .with::<k8s_check_access::CheckAccess>()
        .with::<argocd_list_applications::ListApplications>()
        .with::<argocd_get_application::GetApplication>()
        .with::<argocd_app_history::AppHistory>()
        .with::<argocd_app_diff::AppDiff>()
        .with::<argocd_app_events::AppEvents>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp::upstream::{Connected, Upstream, unopened};
    use replay::snapshot::Snapshot;
    use std::path::Path;

    type Clusters = BTreeMap<String, Arc<Kubernetes>>;

    fn clusters(all: Vec<(&str, Kubernetes)>) -> Clusters {
        all.into_iter().map(|(name, it)| (name.to_owned(), Arc::new(it))).collect()
    }

    /// One that never answers.
    fn mute() -> Kubernetes {
        let upstream = Upstream::new(NAME, || Box::pin(std::future::pending()));
        Kubernetes { upstream: Arc::new(upstream) }
    }

    fn down() -> Kubernetes {
        let upstream = Upstream::new(NAME, || {
            Box::pin(async { Err(unopened(&"no route", "check --context")) })
        });
        Kubernetes { upstream: Arc::new(upstream) }
    }

    /// One that answers, and was connected to already.
    fn opened() -> Kubernetes {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
        Kubernetes::replaying(wire, &cluster, now)
    }

    /// One that answers when it is asked.
    async fn well() -> Kubernetes {
        let client = opened().client().await.unwrap();
        let upstream = Upstream::new(NAME, move || {
            let connected = Connected { client: client.clone(), notice: None };
            Box::pin(async move { Ok(connected) })
        });
        Kubernetes { upstream: Arc::new(upstream) }
    }

    #[tokio::test]
    async fn one_that_does_not_answer_keeps_no_other_from_being_ready() {
        let clusters = clusters(vec![("a", mute()), ("b", down()), ("c", well().await)]);
        let server = server_of_several(clusters);
        assert_eq!(server.ready().await, Ok(()));
    }

    #[tokio::test]
    async fn what_was_connected_to_before_is_not_waited_for() {
        let clusters = clusters(vec![("a", mute()), ("z", opened())]);
        assert_eq!(one_is_ready(&clusters).await, Ok(()));
    }

    #[tokio::test]
    async fn where_none_is_ready_each_says_why() {
        let clusters = clusters(vec![("b", down()), ("a", down())]);
        assert_eq!(one_is_ready(&clusters).await, Err("a: no route; b: no route".to_owned()));
    }
}
