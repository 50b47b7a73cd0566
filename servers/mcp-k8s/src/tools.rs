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
            Box::pin(async move {
                let mut why = String::new();
                for (name, kubernetes) in &clusters {
                    match kubernetes.ready().await {
                        Ok(()) => return Ok(()),
                        Err(failure) => why = format!("{name}: {}", failure.message),
                    }
                }
                Err(why)
            })
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
