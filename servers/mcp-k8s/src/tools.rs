//! The tools, in reading order.

pub mod k8s_describe_resource;
pub mod k8s_diagnose_workload;
pub mod k8s_get_events;
pub mod k8s_get_pod_logs;
pub mod k8s_get_resource_yaml;
pub mod k8s_get_resources;
pub mod k8s_node_health;
pub mod k8s_service_path;
pub mod k8s_survey;
pub mod k8s_top;

use crate::server::{INSTRUCTIONS, Kubernetes, NAME};
use mcp::server::Server;
use mcp::tools::Tools;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(kubernetes: Arc<Kubernetes>) -> Server {
    let tools = Tools::new()
        .with::<k8s_survey::Survey>()
        .with::<k8s_diagnose_workload::DiagnoseWorkload>()
        .with::<k8s_service_path::ServicePath>()
        .with::<k8s_node_health::NodeHealth>()
        .with::<k8s_top::Top>()
        .with::<k8s_get_resources::GetResources>()
        .with::<k8s_describe_resource::DescribeResource>()
        .with::<k8s_get_events::GetEvents>()
        .with::<k8s_get_pod_logs::GetPodLogs>()
        .with::<k8s_get_resource_yaml::GetResourceYaml>();
    Server::new(NAME, INSTRUCTIONS, kubernetes, tools)
}
