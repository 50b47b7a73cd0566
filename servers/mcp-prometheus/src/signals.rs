//! The metrics that tell how a workload does, by the families that are common in clusters, and the query for each.

use crate::survey::families::{REQUESTS, Requests};

/// What a metric tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    Rate,
    Errors,
    Duration,
    Saturation,
    Utilisation,
    State,
}

impl Signal {
    /// All of them, in reading order.
    pub(crate) const ALL: [Signal; 6] = [
        Signal::Rate,
        Signal::Errors,
        Signal::Duration,
        Signal::Saturation,
        Signal::Utilisation,
        Signal::State,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Signal::Rate => "rate",
            Signal::Errors => "errors",
            Signal::Duration => "duration",
            Signal::Saturation => "saturation",
            Signal::Utilisation => "utilisation",
            Signal::State => "state",
        }
    }
}

/// One metric that tells something.
pub(crate) struct Known {
    /// The metric that must be there.
    pub(crate) metric: &'static str,
    pub(crate) signal: Signal,
    /// Where it comes from.
    pub(crate) family: &'static str,
    /// The query; `$` stands for the selector's matchers. Where there are several, the metric comes in several forms, and the
    /// first that has a value counts.
    pub(crate) queries: Vec<String>,
}

/// The metrics, for each signal the most telling first: those of requests as the survey knows them.
pub(crate) fn known() -> Vec<Known> {
    let mut all: Vec<Known> =
        REQUESTS.iter().filter(|it| it.are_served()).flat_map(of_requests).collect();
    all.extend(OTHERS.iter().map(|(metric, signal, family, query)| Known {
        metric,
        signal: *signal,
        family,
        queries: vec![(*query).to_owned()],
    }));
    all
}

/// Rate, errors and duration of one family.
fn of_requests(requests: &Requests) -> Vec<Known> {
    let Requests { family, count, failed, buckets, .. } = requests;
    let known = |metric: &'static str, signal, queries| Known { metric, signal, family, queries };
    let failed = failed.iter().map(|it| requests.rate(count, &format!("{it},")));
    let failed = failed.map(|rate| format!("sum({rate})")).collect();
    let mut rows = vec![
        known(count, Signal::Rate, vec![format!("sum({})", requests.rate(count, ""))]),
        known(count, Signal::Errors, failed),
    ];
    if !buckets.is_empty() {
        let rate = requests.rate(buckets, "");
        let query = format!("histogram_quantile(0.99, sum by (le) ({rate}))");
        rows.push(known(buckets, Signal::Duration, vec![query]));
    }
    rows
}

/// Metric, signal, family and query.
type Other = (&'static str, Signal, &'static str, &'static str);

/// All that is known but families of requests.
const OTHERS: &[Other] = &[
    (
        "http_request_duration_seconds_count",
        Signal::Rate,
        "HTTP",
        "sum(rate(http_request_duration_seconds_count{$}[5m]))",
    ),
    (
        "container_cpu_cfs_throttled_periods_total",
        Signal::Saturation,
        "cAdvisor",
        "sum(rate(container_cpu_cfs_throttled_periods_total{$}[5m])) / sum(rate(container_cpu_cfs_periods_total{$}[5m]))",
    ),
    (
        "container_memory_working_set_bytes",
        Signal::Saturation,
        "cAdvisor",
        "max(max by (namespace, pod, container) (container_memory_working_set_bytes{$}) / on (namespace, pod, container) kube_pod_container_resource_limits{resource=\"memory\"})",
    ),
    (
        "container_cpu_usage_seconds_total",
        Signal::Utilisation,
        "cAdvisor",
        "sum(rate(container_cpu_usage_seconds_total{$,container!=\"\"}[5m]))",
    ),
    (
        "container_memory_working_set_bytes",
        Signal::Utilisation,
        "cAdvisor",
        "sum(container_memory_working_set_bytes{$,container!=\"\"})",
    ),
    (
        "container_network_receive_bytes_total",
        Signal::Utilisation,
        "cAdvisor",
        "sum(rate(container_network_receive_bytes_total{$}[5m]))",
    ),
    (
        "process_cpu_seconds_total",
        Signal::Utilisation,
        "process",
        "sum(rate(process_cpu_seconds_total{$}[5m]))",
    ),
    (
        "process_resident_memory_bytes",
        Signal::Utilisation,
        "process",
        "sum(process_resident_memory_bytes{$})",
    ),
    (
        "process_open_fds",
        Signal::Saturation,
        "process",
        "max(process_open_fds{$} / process_max_fds{$})",
    ),
    (
        "kube_pod_container_status_restarts_total",
        Signal::State,
        "kube-state-metrics",
        "sum(increase(kube_pod_container_status_restarts_total{$}[1h]))",
    ),
    (
        "kube_pod_container_status_waiting_reason",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_pod_container_status_waiting_reason{$})",
    ),
    (
        "kube_deployment_status_replicas_unavailable",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_deployment_status_replicas_unavailable{$})",
    ),
    (
        "kube_statefulset_status_replicas_ready",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_statefulset_replicas{$}) - sum(kube_statefulset_status_replicas_ready{$})",
    ),
    (
        "kube_daemonset_status_number_unavailable",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_daemonset_status_number_unavailable{$})",
    ),
    ("up", Signal::State, "scraping", "count(up{$} == 0) or vector(0)"),
];
