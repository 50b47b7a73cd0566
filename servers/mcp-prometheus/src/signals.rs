//! The metrics that tell how a workload does, by the families that are common in clusters, and the query for each.

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
    /// The query; `$` stands for the selector's matchers.
    pub(crate) query: &'static str,
}

/// The metrics, for each signal the most telling first.
pub(crate) const KNOWN: &[Known] = &[
    known("istio_requests_total", Signal::Rate, "Istio", "sum(rate(istio_requests_total{$}[5m]))"),
    known(
        "istio_requests_total",
        Signal::Errors,
        "Istio",
        "sum(rate(istio_requests_total{$,response_code=~\"5..\"}[5m]))",
    ),
    known(
        "istio_request_duration_milliseconds_bucket",
        Signal::Duration,
        "Istio",
        "histogram_quantile(0.95, sum by (le) (rate(istio_request_duration_milliseconds_bucket{$}[5m])))",
    ),
    known(
        "http_server_request_duration_seconds_count",
        Signal::Rate,
        "OpenTelemetry",
        "sum(rate(http_server_request_duration_seconds_count{$}[5m]))",
    ),
    known(
        "http_server_request_duration_seconds_count",
        Signal::Errors,
        "OpenTelemetry",
        "sum(rate(http_server_request_duration_seconds_count{$,http_response_status_code=~\"5..\"}[5m]))",
    ),
    known(
        "http_server_request_duration_seconds_bucket",
        Signal::Duration,
        "OpenTelemetry",
        "histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket{$}[5m])))",
    ),
    known(
        "rpc_server_duration_milliseconds_count",
        Signal::Rate,
        "OpenTelemetry RPC",
        "sum(rate(rpc_server_duration_milliseconds_count{$}[5m]))",
    ),
    known(
        "rpc_server_duration_milliseconds_count",
        Signal::Errors,
        "OpenTelemetry RPC",
        "sum(rate(rpc_server_duration_milliseconds_count{$,rpc_grpc_status_code!=\"0\"}[5m]))",
    ),
    known(
        "rpc_server_duration_milliseconds_bucket",
        Signal::Duration,
        "OpenTelemetry RPC",
        "histogram_quantile(0.95, sum by (le) (rate(rpc_server_duration_milliseconds_bucket{$}[5m])))",
    ),
    known("http_requests_total", Signal::Rate, "HTTP", "sum(rate(http_requests_total{$}[5m]))"),
    known(
        "http_requests_total",
        Signal::Errors,
        "HTTP",
        "sum(rate(http_requests_total{$,code=~\"5..\"}[5m]))",
    ),
    known(
        "http_request_duration_seconds_bucket",
        Signal::Duration,
        "HTTP",
        "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{$}[5m])))",
    ),
    known(
        "http_request_duration_seconds_count",
        Signal::Rate,
        "HTTP",
        "sum(rate(http_request_duration_seconds_count{$}[5m]))",
    ),
    known(
        "http_server_requests_seconds_count",
        Signal::Rate,
        "Spring",
        "sum(rate(http_server_requests_seconds_count{$}[5m]))",
    ),
    known(
        "http_server_requests_seconds_count",
        Signal::Errors,
        "Spring",
        "sum(rate(http_server_requests_seconds_count{$,status=~\"5..\"}[5m]))",
    ),
    known(
        "http_server_requests_seconds_bucket",
        Signal::Duration,
        "Spring",
        "histogram_quantile(0.95, sum by (le) (rate(http_server_requests_seconds_bucket{$}[5m])))",
    ),
    known(
        "grpc_server_handled_total",
        Signal::Rate,
        "gRPC",
        "sum(rate(grpc_server_handled_total{$}[5m]))",
    ),
    known(
        "grpc_server_handled_total",
        Signal::Errors,
        "gRPC",
        "sum(rate(grpc_server_handled_total{$,grpc_code!=\"OK\"}[5m]))",
    ),
    known(
        "grpc_server_handling_seconds_bucket",
        Signal::Duration,
        "gRPC",
        "histogram_quantile(0.95, sum by (le) (rate(grpc_server_handling_seconds_bucket{$}[5m])))",
    ),
    known(
        "container_cpu_cfs_throttled_periods_total",
        Signal::Saturation,
        "cAdvisor",
        "sum(rate(container_cpu_cfs_throttled_periods_total{$}[5m])) / sum(rate(container_cpu_cfs_periods_total{$}[5m]))",
    ),
    known(
        "container_memory_working_set_bytes",
        Signal::Saturation,
        "cAdvisor",
        "max(max by (namespace, pod, container) (container_memory_working_set_bytes{$}) / on (namespace, pod, container) kube_pod_container_resource_limits{resource=\"memory\"})",
    ),
    known(
        "container_cpu_usage_seconds_total",
        Signal::Utilisation,
        "cAdvisor",
        "sum(rate(container_cpu_usage_seconds_total{$,container!=\"\"}[5m]))",
    ),
    known(
        "container_memory_working_set_bytes",
        Signal::Utilisation,
        "cAdvisor",
        "sum(container_memory_working_set_bytes{$,container!=\"\"})",
    ),
    known(
        "container_network_receive_bytes_total",
        Signal::Utilisation,
        "cAdvisor",
        "sum(rate(container_network_receive_bytes_total{$}[5m]))",
    ),
    known(
        "process_cpu_seconds_total",
        Signal::Utilisation,
        "process",
        "sum(rate(process_cpu_seconds_total{$}[5m]))",
    ),
    known(
        "process_resident_memory_bytes",
        Signal::Utilisation,
        "process",
        "sum(process_resident_memory_bytes{$})",
    ),
    known(
        "process_open_fds",
        Signal::Saturation,
        "process",
        "max(process_open_fds{$} / process_max_fds{$})",
    ),
    known(
        "kube_pod_container_status_restarts_total",
        Signal::State,
        "kube-state-metrics",
        "sum(increase(kube_pod_container_status_restarts_total{$}[1h]))",
    ),
    known(
        "kube_pod_container_status_waiting_reason",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_pod_container_status_waiting_reason{$})",
    ),
    known(
        "kube_deployment_status_replicas_unavailable",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_deployment_status_replicas_unavailable{$})",
    ),
    known(
        "kube_statefulset_status_replicas_ready",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_statefulset_replicas{$}) - sum(kube_statefulset_status_replicas_ready{$})",
    ),
    known(
        "kube_daemonset_status_number_unavailable",
        Signal::State,
        "kube-state-metrics",
        "sum(kube_daemonset_status_number_unavailable{$})",
    ),
    known("up", Signal::State, "scraping", "count(up{$} == 0) or vector(0)"),
];

const fn known(
    metric: &'static str,
    signal: Signal,
    family: &'static str,
    query: &'static str,
) -> Known {
    Known { metric, signal, family, query }
}
