//! The rows of all signals but requests: each a query as it stands.

use super::super::subject::About;
use evidence::fact::metric::Signal;

pub(super) type Plain = (Signal, &'static [&'static str], &'static str, About);

/// All but requests. What has no `$` in it serves every namespace.
pub(super) const PLAIN: &[Plain] = &[
    (
        Signal::CpuThrottled,
        &["container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"],
        "sum by (namespace, pod, container) (rate(container_cpu_cfs_throttled_periods_total{container!=\"\",$}[5m])) / sum by (namespace, pod, container) (rate(container_cpu_cfs_periods_total{container!=\"\",$}[5m]))",
        About::Container,
    ),
    (
        Signal::CpuUseOfLimit,
        &["container_cpu_usage_seconds_total", "kube_pod_container_resource_limits"],
        "sum by (namespace, pod, container) (rate(container_cpu_usage_seconds_total{container!=\"\",$}[5m])) / max by (namespace, pod, container) (kube_pod_container_resource_limits{resource=\"cpu\",$})",
        About::Container,
    ),
    (
        Signal::MemoryUseOfLimit,
        &["container_memory_working_set_bytes", "kube_pod_container_resource_limits"],
        "max by (namespace, pod, container) (container_memory_working_set_bytes{container!=\"\",$}) / max by (namespace, pod, container) (kube_pod_container_resource_limits{resource=\"memory\",$})",
        About::Container,
    ),
    (
        // Whoever uses up a node may be of any namespace.
        Signal::CpuUse,
        &["container_cpu_usage_seconds_total", "kube_pod_info"],
        "sum by (namespace, pod, node) (sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=\"\"}[5m])) * on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info))",
        About::PodOnNode,
    ),
    (
        Signal::NodeCpuUse,
        &["node_cpu_seconds_total"],
        "1 - avg by (instance, node) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))",
        About::Node(""),
    ),
    (
        Signal::NodeMemoryAvailable,
        &["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"],
        "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        About::Node(""),
    ),
    (
        Signal::NodeDiskFree,
        &["node_filesystem_avail_bytes", "node_filesystem_size_bytes"],
        "node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs|overlay|squashfs|iso9660\"} / node_filesystem_size_bytes",
        About::Node("mountpoint"),
    ),
    (
        Signal::NodeInodesFree,
        &["node_filesystem_files_free", "node_filesystem_files"],
        "node_filesystem_files_free{fstype!~\"tmpfs|ramfs|overlay|squashfs|iso9660\"} / (node_filesystem_files > 0)",
        About::Node("mountpoint"),
    ),
    (
        Signal::ConntrackUse,
        &["node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"],
        "node_nf_conntrack_entries / node_nf_conntrack_entries_limit",
        About::Node(""),
    ),
    (
        Signal::NodeRetransmits,
        &["node_netstat_Tcp_RetransSegs", "node_netstat_Tcp_OutSegs"],
        "rate(node_netstat_Tcp_RetransSegs[5m]) / rate(node_netstat_Tcp_OutSegs[5m])",
        About::Node(""),
    ),
    (
        Signal::VolumeFree,
        &["kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"],
        "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{$} / kubelet_volume_stats_capacity_bytes)",
        About::Claim,
    ),
    (
        Signal::VolumeInodesFree,
        &["kubelet_volume_stats_inodes_free", "kubelet_volume_stats_inodes"],
        "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_inodes_free{$} / (kubelet_volume_stats_inodes > 0))",
        About::Claim,
    ),
    (
        Signal::QuotaUse,
        &["kube_resourcequota"],
        "max by (namespace, resourcequota, resource) (kube_resourcequota{type=\"used\",$} / ignoring (type) (kube_resourcequota{type=\"hard\"} > 0))",
        About::Quota,
    ),
    (
        Signal::ReplicasOfMaximum,
        &[
            "kube_horizontalpodautoscaler_status_current_replicas",
            "kube_horizontalpodautoscaler_spec_max_replicas",
        ],
        "max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas{$} / kube_horizontalpodautoscaler_spec_max_replicas)",
        About::Autoscaler,
    ),
    (
        Signal::CertificateLeft,
        &["certmanager_certificate_expiration_timestamp_seconds"],
        "min by (exported_namespace, namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time()",
        About::Certificate,
    ),
    (
        Signal::CertificateLeft,
        &["probe_ssl_earliest_cert_expiry"],
        "min by (namespace, instance) (probe_ssl_earliest_cert_expiry) - time()",
        About::Probed,
    ),
    (
        Signal::CertificateLeft,
        &["kubelet_certificate_manager_client_ttl_seconds"],
        "min by (instance, node) (kubelet_certificate_manager_client_ttl_seconds)",
        About::Node(""),
    ),
    (
        Signal::ProbeSuccess,
        &["probe_success"],
        "min by (namespace, instance) (probe_success)",
        About::Probed,
    ),
    (
        Signal::ApiserverRejected,
        &["apiserver_flowcontrol_rejected_requests_total"],
        "sum by (flow_schema) (rate(apiserver_flowcontrol_rejected_requests_total[5m]))",
        About::Apiserver("flow_schema"),
    ),
    (
        Signal::ApiserverLatency,
        &["apiserver_request_duration_seconds_bucket"],
        "histogram_quantile(0.99, sum by (le) (rate(apiserver_request_duration_seconds_bucket{verb!~\"WATCH|WATCHLIST|CONNECT\"}[5m])))",
        About::Apiserver(""),
    ),
    (
        Signal::EtcdLeader,
        &["etcd_server_has_leader"],
        "min by (namespace, pod, instance) (etcd_server_has_leader)",
        About::Etcd,
    ),
    (
        Signal::EtcdFsync,
        &["etcd_disk_wal_fsync_duration_seconds_bucket"],
        "histogram_quantile(0.99, sum by (le, namespace, pod, instance) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])))",
        About::Etcd,
    ),
    (
        Signal::EtcdSpace,
        &["etcd_mvcc_db_total_size_in_bytes", "etcd_server_quota_backend_bytes"],
        "max by (namespace, pod, instance) (etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes)",
        About::Etcd,
    ),
    (
        Signal::DnsErrors,
        &["coredns_dns_responses_total"],
        "(sum by (namespace, workload, service, job) (<<rate(coredns_dns_responses_total{rcode=\"SERVFAIL\"}[5m])>>) or sum by (namespace, workload, service, job) (<<rate(coredns_dns_responses_total[5m])>>) * 0) / (sum by (namespace, workload, service, job) (<<rate(coredns_dns_responses_total[5m])>>) > 0)",
        About::Serving(""),
    ),
    (
        Signal::PoolUse,
        &["hikaricp_connections_active", "hikaricp_connections_max"],
        "max by (namespace, workload, service, job, pool) (<<hikaricp_connections_active{$} / hikaricp_connections_max>>)",
        About::Serving("pool"),
    ),
    (
        Signal::PoolWaiting,
        &["hikaricp_connections_pending"],
        "sum by (namespace, workload, service, job, pool) (<<hikaricp_connections_pending{$}>>)",
        About::Serving("pool"),
    ),
    (
        Signal::PoolUse,
        &["pgxpool_acquired_conns", "pgxpool_max_conns"],
        "max by (namespace, workload, service, job) (<<pgxpool_acquired_conns{$} / pgxpool_max_conns>>)",
        About::Serving(""),
    ),
    (
        Signal::PoolUse,
        &["db_client_connections_usage", "db_client_connections_max"],
        "max by (namespace, workload, service, job, pool_name) (<<db_client_connections_usage{state=\"used\",$} / ignoring (state) db_client_connections_max>>)",
        About::Serving("pool_name"),
    ),
    (
        Signal::PoolWaiting,
        &["db_client_connections_pending_requests"],
        "sum by (namespace, workload, service, job, pool_name) (<<db_client_connections_pending_requests{$}>>)",
        About::Serving("pool_name"),
    ),
    (
        Signal::ConnectionsUse,
        &["pg_stat_activity_count", "pg_settings_max_connections"],
        "sum by (namespace, workload, service, job) (<<pg_stat_activity_count{$}>>) / max by (namespace, workload, service, job) (<<pg_settings_max_connections>>)",
        About::Serving(""),
    ),
    (
        Signal::ConnectionsUse,
        &["mysql_global_status_threads_connected", "mysql_global_variables_max_connections"],
        "max by (namespace, workload, service, job) (<<mysql_global_status_threads_connected{$} / mysql_global_variables_max_connections>>)",
        About::Serving(""),
    ),
    (
        Signal::QueueLag,
        &["kafka_consumergroup_lag"],
        "sum by (consumergroup, topic) (kafka_consumergroup_lag)",
        About::Consumer,
    ),
    (
        Signal::MeshOverflow,
        &["istio_requests_total"],
        "sum by (destination_workload_namespace, destination_workload) (rate(istio_requests_total{response_flags=~\".*UO.*\",$}[5m]))",
        About::MeshServing,
    ),
];
