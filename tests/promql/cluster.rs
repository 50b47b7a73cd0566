//! The metrics of a Kubernetes cluster, as far as the alerts of the kubernetes-mixin read them.

use crate::series::Text;

const KSM: &str = "job=\"kube-state-metrics\",instance=\"ksm:8080\"";
const KUBELET: &str = "job=\"kubelet\",metrics_path=\"/metrics\"";
const CADVISOR: &str = "job=\"kubelet\",metrics_path=\"/metrics/cadvisor\"";
const NODES: [&str; 3] = ["node-1", "node-2", "node-3"];

impl Text {
    pub(crate) fn cluster(&mut self) {
        self.pods();
        self.workloads();
        self.nodes();
        self.volumes();
        self.api_server();
    }

    fn pods(&mut self) {
        for (number, (pod, owner, phase)) in [
            ("web-1", "web", "Running"),
            ("web-2", "web", "Pending"),
            ("db-0", "db", "Running"),
            ("job-x", "job", "Failed"),
        ]
        .into_iter()
        .enumerate()
        {
            let of = format!("{KSM},namespace=\"shop\",pod=\"{pod}\"");
            let node = NODES[number % 3];
            for other in ["Pending", "Running", "Failed", "Unknown", "Succeeded"] {
                let is = f64::from(u8::from(other == phase));
                self.constant(&format!("kube_pod_status_phase{{{of},phase=\"{other}\"}}"), is);
            }
            let kind = if owner == "job" { "Job" } else { "ReplicaSet" };
            self.constant(
                &format!("kube_pod_owner{{{of},owner_kind=\"{kind}\",owner_name=\"{owner}\"}}"),
                1.0,
            );
            self.constant(
                &format!("kube_pod_info{{{of},node=\"{node}\",host_ip=\"10.0.0.{number}\"}}"),
                1.0,
            );
            self.constant(&format!("kube_pod_container_info{{{of},container=\"main\"}}"), 1.0);
            self.counter(
                &format!("kube_pod_container_status_restarts_total{{{of},container=\"main\"}}"),
                1.2,
                0.0,
            );
            for reason in ["CrashLoopBackOff", "ImagePullBackOff"] {
                let is = f64::from(u8::from(pod == "web-2" && reason == "CrashLoopBackOff"));
                self.turned(&format!("kube_pod_container_status_waiting_reason{{{of},container=\"main\",reason=\"{reason}\"}}"), 0.0, is);
            }
            for (resource, unit, size) in [("cpu", "core", 0.5), ("memory", "byte", 5e8)] {
                let labels = format!(
                    "{of},container=\"main\",node=\"{node}\",resource=\"{resource}\",unit=\"{unit}\""
                );
                self.constant(&format!("kube_pod_container_resource_requests{{{labels}}}"), size);
                self.constant(
                    &format!("kube_pod_container_resource_limits{{{labels}}}"),
                    size * 2.0,
                );
                self.constant(&format!("namespace_{resource}:kube_pod_container_resource_requests:sum{{namespace=\"shop{number}\"}}"), size * 3.0);
            }
            let of = format!(
                "{CADVISOR},namespace=\"shop\",pod=\"{pod}\",container=\"main\",node=\"{node}\",image=\"i\""
            );
            self.counter(&format!("container_cpu_usage_seconds_total{{{of}}}"), 8.0, 0.0);
            self.counter(&format!("container_cpu_cfs_periods_total{{{of}}}"), 100.0, 0.0);
            self.counter(&format!("container_cpu_cfs_throttled_periods_total{{{of}}}"), 60.0, 0.0);
            self.gauge(&format!("container_memory_working_set_bytes{{{of}}}"), 4e8, 2e8);
        }
    }

    fn workloads(&mut self) {
        let deployment = format!("{KSM},namespace=\"shop\",deployment=\"web\"");
        for (metric, before, after) in [
            ("spec_replicas", 3.0, 3.0),
            ("status_replicas_available", 3.0, 2.0),
            ("status_replicas_updated", 3.0, 3.0),
            ("status_observed_generation", 4.0, 4.0),
            ("metadata_generation", 4.0, 5.0),
        ] {
            self.turned(&format!("kube_deployment_{metric}{{{deployment}}}"), before, after);
        }
        let condition = format!("{deployment},condition=\"Progressing\"");
        for (status, is) in [("true", 0.0), ("false", 1.0), ("unknown", 0.0)] {
            self.turned(
                &format!("kube_deployment_status_condition{{{condition},status=\"{status}\"}}"),
                1.0 - is,
                is,
            );
        }
        let set = format!("{KSM},namespace=\"shop\",statefulset=\"db\"");
        for (metric, before, after) in [
            ("replicas", 2.0, 2.0),
            ("status_replicas", 2.0, 2.0),
            ("status_replicas_ready", 2.0, 1.0),
            ("status_replicas_updated", 2.0, 2.0),
            ("status_observed_generation", 1.0, 1.0),
            ("metadata_generation", 1.0, 2.0),
        ] {
            self.turned(&format!("kube_statefulset_{metric}{{{set}}}"), before, after);
        }
        self.constant(
            &format!("kube_statefulset_status_current_revision{{{set},revision=\"db-1\"}}"),
            1.0,
        );
        self.constant(
            &format!("kube_statefulset_status_update_revision{{{set},revision=\"db-2\"}}"),
            1.0,
        );
        let daemons = format!("{KSM},namespace=\"kube-system\",daemonset=\"proxy\"");
        for (metric, before, after) in [
            ("desired_number_scheduled", 3.0, 3.0),
            ("current_number_scheduled", 3.0, 2.0),
            ("number_misscheduled", 0.0, 1.0),
            ("updated_number_scheduled", 3.0, 2.0),
            ("number_available", 3.0, 2.0),
        ] {
            self.turned(&format!("kube_daemonset_status_{metric}{{{daemons}}}"), before, after);
        }
        let job = format!("{KSM},namespace=\"shop\",job_name=\"report\"");
        self.turned(&format!("kube_job_status_active{{{job}}}"), 0.0, 1.0);
        self.constant(&format!("kube_job_status_start_time{{{job}}}"), 1_699_900_000.0);
        self.turned(&format!("kube_job_failed{{{job},condition=\"true\"}}"), 0.0, 1.0);
        let scaler = format!("{KSM},namespace=\"shop\",horizontalpodautoscaler=\"web\"");
        for (metric, value) in [
            ("status_desired_replicas", 5.0),
            ("status_current_replicas", 4.0),
            ("spec_max_replicas", 5.0),
            ("spec_min_replicas", 1.0),
        ] {
            self.constant(&format!("kube_horizontalpodautoscaler_{metric}{{{scaler}}}"), value);
        }
        for (kind, value) in [("hard", 4.0), ("used", 3.9)] {
            self.constant(&format!("kube_resourcequota{{{KSM},namespace=\"shop\",resourcequota=\"q\",resource=\"requests.cpu\",type=\"{kind}\"}}"), value);
        }
    }

    fn nodes(&mut self) {
        for node in NODES {
            let of = format!("{KSM},node=\"{node}\"");
            let ready = if node == "node-3" { 0.0 } else { 1.0 };
            self.turned(
                &format!("kube_node_status_condition{{{of},condition=\"Ready\",status=\"true\"}}"),
                1.0,
                ready,
            );
            self.series(&format!("kube_node_status_condition{{{of},condition=\"MemoryPressure\",status=\"true\"}}"), |_, number| {
                Some((number / 20 % 2) as f64)
            });
            for (resource, unit, size) in
                [("cpu", "core", 4.0), ("memory", "byte", 8e9), ("pods", "integer", 2.0)]
            {
                self.constant(&format!("kube_node_status_allocatable{{{of},resource=\"{resource}\",unit=\"{unit}\"}}"), size);
                self.constant(
                    &format!(
                        "kube_node_status_capacity{{{of},resource=\"{resource}\",unit=\"{unit}\"}}"
                    ),
                    size,
                );
            }
            self.constant(&format!("kube_node_role{{{of},role=\"worker\"}}"), 1.0);
            let kubelet = format!("{KUBELET},node=\"{node}\",instance=\"{node}:10250\"");
            self.constant(&format!("up{{{kubelet}}}"), 1.0);
            self.constant(&format!("kubelet_node_name{{{kubelet}}}"), 1.0);
            self.constant(&format!("kubelet_running_pods{{{kubelet}}}"), 2.0);
            let version = if node == "node-1" { "v1.33.1" } else { "v1.34.4" };
            self.constant(
                &format!("kubernetes_build_info{{{kubelet},git_version=\"{version}\"}}"),
                1.0,
            );
            for (bound, step) in [("1", 1.0), ("10", 2.0), ("60", 3.0), ("+Inf", 4.0)] {
                self.counter(
                    &format!(
                        "kubelet_pleg_relist_duration_seconds_bucket{{{kubelet},le=\"{bound}\"}}"
                    ),
                    step,
                    0.0,
                );
                self.counter(
                    &format!(
                        "kubelet_pod_worker_duration_seconds_bucket{{{kubelet},le=\"{bound}\"}}"
                    ),
                    step,
                    0.0,
                );
            }
            self.counter(
                &format!("kubelet_certificate_manager_client_expiration_renew_errors{{{kubelet}}}"),
                1.3,
                0.0,
            );
            self.constant(
                &format!("kubelet_certificate_manager_client_ttl_seconds{{{kubelet}}}"),
                500_000.0,
            );
        }
        self.turned(&format!("kube_node_spec_taint{{{KSM},node=\"node-3\",key=\"node.kubernetes.io/unreachable\",effect=\"NoSchedule\"}}"), 0.0, 1.0);
    }

    fn volumes(&mut self) {
        for (claim, left) in [("data-db-0", 2e7), ("logs", 8e9)] {
            let of = format!(
                "{KUBELET},namespace=\"shop\",persistentvolumeclaim=\"{claim}\",node=\"node-1\""
            );
            self.constant(&format!("kubelet_volume_stats_capacity_bytes{{{of}}}"), 1e10);
            self.series(&format!("kubelet_volume_stats_available_bytes{{{of}}}"), |_, number| {
                Some(left - number as f64 * left / 500.0)
            });
            self.series(&format!("kubelet_volume_stats_used_bytes{{{of}}}"), |_, number| {
                Some(1e10 - left + number as f64 * left / 500.0)
            });
            self.constant(&format!("kubelet_volume_stats_inodes{{{of}}}"), 1e6);
            self.constant(&format!("kubelet_volume_stats_inodes_free{{{of}}}"), 2e4);
            self.constant(&format!("kubelet_volume_stats_inodes_used{{{of}}}"), 9.8e5);
            let mode = format!("{KSM},namespace=\"shop\",persistentvolumeclaim=\"{claim}\"");
            self.constant(
                &format!(
                    "kube_persistentvolumeclaim_access_mode{{{mode},access_mode=\"ReadWriteOnce\"}}"
                ),
                1.0,
            );
        }
        self.constant(&format!("kube_persistentvolumeclaim_labels{{{KSM},namespace=\"shop\",persistentvolumeclaim=\"other\",label_excluded_from_alerts=\"true\"}}"), 1.0);
        self.constant(&format!("kube_persistentvolume_status_phase{{{KSM},persistentvolume=\"pv-1\",phase=\"Failed\"}}"), 1.0);
    }

    fn api_server(&mut self) {
        let of = "job=\"apiserver\",instance=\"10.0.0.1:6443\"";
        self.constant(&format!("up{{{of}}}"), 1.0);
        self.constant(&format!("kubernetes_build_info{{{of},git_version=\"v1.34.4\"}}"), 1.0);
        for (verb, code) in
            [("GET", "200"), ("LIST", "200"), ("POST", "500"), ("WATCH", "200"), ("PUT", "429")]
        {
            let labels = format!(
                "{of},verb=\"{verb}\",code=\"{code}\",resource=\"pods\",scope=\"namespace\""
            );
            self.counter(&format!("apiserver_request_total{{{labels}}}"), 50.0, 0.001);
            let labels = format!(
                "{of},verb=\"{verb}\",resource=\"pods\",scope=\"namespace\",subresource=\"\""
            );
            let mut steps = 0.0;
            for bound in ["0.1", "0.5", "1", "5", "+Inf"] {
                steps += 10.0;
                self.counter(
                    &format!(
                        "apiserver_request_slo_duration_seconds_bucket{{{labels},le=\"{bound}\"}}"
                    ),
                    steps,
                    0.0,
                );
            }
            self.counter(
                &format!("apiserver_request_slo_duration_seconds_count{{{labels}}}"),
                50.0,
                0.0,
            );
        }
        self.counter(&format!("apiserver_request_terminations_total{{{of}}}"), 9.0, 0.0);
        self.counter(&format!("aggregator_unavailable_apiservice_total{{{of},name=\"v1beta1.metrics.k8s.io\",namespace=\"\"}}"), 1.2, 0.0);
        self.series(&format!("aggregator_unavailable_apiservice{{{of},name=\"v1beta1.metrics.k8s.io\",namespace=\"\"}}"), |text, _| {
            Some(if text.next() < 0.3 { 1.0 } else { 0.0 })
        });
        let client = "job=\"kubelet\",instance=\"node-1:10250\",namespace=\"kube-system\"";
        for code in ["200", "503"] {
            self.counter(
                &format!("rest_client_requests_total{{{client},code=\"{code}\"}}"),
                9.0,
                0.0,
            );
        }
        for (bound, step) in [("3600", 0.3), ("86400", 1.0), ("604800", 2.0), ("+Inf", 9.0)] {
            self.counter(
                &format!(
                    "apiserver_client_certificate_expiration_seconds_bucket{{{of},le=\"{bound}\"}}"
                ),
                step,
                0.0,
            );
        }
        self.counter(
            &format!("apiserver_client_certificate_expiration_seconds_count{{{of}}}"),
            9.0,
            0.0,
        );
        for window in ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] {
            self.gauge(&format!("apiserver_request:burnrate{window}{{cluster=\"c\"}}"), 0.15, 0.1);
        }
        self.constant("cluster:namespace:pod_memory:active:kube_pod_container_resource_requests{namespace=\"shop\",pod=\"db-0\"}", 5e8);
    }
}
