//! The tools, in reading order.

pub mod check_alerts;
pub mod compare_metric;
pub mod explain_alert;
pub mod find_metrics_for;
pub mod get_alertmanager_status;
pub mod get_metric_metadata;
pub mod get_tsdb_stats;
pub mod list_label_values;
pub mod list_metrics;
pub mod list_rules;
pub mod list_silences;
pub mod list_targets;
pub mod metrics_survey;
pub mod run_promql;
pub mod run_promql_range;

use crate::server::{INSTRUCTIONS, NAME, Prometheus};
use mcp::server::Server;
use mcp::tools::Tools;
use std::sync::Arc;

/// The server with all its tools.
pub fn server(prometheus: Arc<Prometheus>) -> Server {
    let tools = Tools::new()
        .with::<metrics_survey::MetricsSurvey>()
        .with::<check_alerts::CheckAlerts>()
        .with::<explain_alert::ExplainAlert>()
        .with::<find_metrics_for::FindMetricsFor>()
        .with::<run_promql::RunPromql>()
        .with::<run_promql_range::RunPromqlRange>()
        .with::<compare_metric::CompareMetric>()
        .with::<list_targets::ListTargets>()
        .with::<list_rules::ListRules>()
        .with::<list_metrics::ListMetrics>()
        .with::<get_metric_metadata::GetMetricMetadata>()
        .with::<list_label_values::ListLabelValues>()
        .with::<list_silences::ListSilences>()
        .with::<get_alertmanager_status::GetAlertmanagerStatus>()
        .with::<get_tsdb_stats::GetTsdbStats>();
    let asked = Arc::clone(&prometheus);
    Server::new(NAME, INSTRUCTIONS, prometheus, tools).with_readiness(move || {
        let prometheus = Arc::clone(&asked);
        Box::pin(async move { prometheus.ready().map_err(|failure| failure.message) })
    })
}
