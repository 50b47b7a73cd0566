//! The tools, in reading order.

pub mod grafana_get_annotations;
pub mod grafana_get_dashboard;
pub mod grafana_list_alert_rules;
pub mod grafana_list_datasources;
pub mod grafana_search_dashboards;

use crate::server::{Grafana, INSTRUCTIONS, NAME};
use mcp::server::Server;
use mcp::tools::Tools;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(grafana: Arc<Grafana>) -> Server {
    let tools = Tools::new()
        .with::<grafana_search_dashboards::SearchDashboards>()
        .with::<grafana_get_dashboard::GetDashboard>()
        .with::<grafana_list_alert_rules::ListAlertRules>()
        .with::<grafana_get_annotations::GetAnnotations>()
        .with::<grafana_list_datasources::ListDatasources>();
    let asked = Arc::clone(&grafana);
    Server::new(NAME, INSTRUCTIONS, grafana, tools).with_readiness(move || {
        let grafana = Arc::clone(&asked);
        Box::pin(async move { grafana.ready().map_err(|failure| failure.message) })
    })
}
