//! Names of tools that write.

use std::collections::BTreeSet;

/// As other servers for agents call them: containers/kubernetes-mcp-server, kagent-dev/tools, Flux159/mcp-server-kubernetes,
/// argocd-mcp, mcp-grafana, flux-operator-mcp and GitHub's, as far as they are remembered; and the writing paths of Prometheus
/// and Alertmanager in the same form.
const KNOWN: &str = "pods_delete pods_exec pods_run resources_create_or_update resources_delete resources_scale helm_install \
    helm_uninstall helm_upgrade helm_repo_add helm_repo_update vm_create vm_lifecycle kubectl_apply kubectl_create kubectl_delete \
    kubectl_patch kubectl_scale kubectl_rollout kubectl_generic exec_in_pod port_forward stop_port_forward install_helm_chart \
    upgrade_helm_chart uninstall_helm_chart node_management cleanup_pods cleanup k8s_scale k8s_patch_resource k8s_patch_status \
    k8s_apply_manifest k8s_delete_resource k8s_create_resource k8s_create_resource_from_url k8s_execute_command k8s_rollout \
    k8s_label_resource k8s_remove_label k8s_annotate_resource k8s_remove_annotation k8s_check_service_connectivity \
    istio_install_istio istio_apply_waypoint istio_delete_waypoint cilium_install_cilium cilium_upgrade_cilium \
    cilium_uninstall_cilium cilium_toggle_hubble cilium_toggle_cluster_mesh cilium_set_kvstore_key \
    cilium_delete_key_from_kvstore cilium_update_service cilium_delete_service argo_promote_rollout argo_pause_rollout \
    argo_set_rollout_image shell create_application update_application delete_application sync_application run_resource_action \
    update_dashboard patch_dashboard create_folder create_incident add_activity_to_incident create_alert_rule update_alert_rule \
    delete_alert_rule create_annotation update_annotation patch_annotation apply_kubernetes_manifest \
    delete_kubernetes_resource reconcile_flux_kustomization reconcile_flux_helmrelease reconcile_flux_source \
    suspend_flux_reconciliation resume_flux_reconciliation install_flux_instance create_or_update_file push_files \
    merge_pull_request create_silence delete_silence post_alerts delete_series clean_tombstones reload_configuration";
const VERBS: [&str; 8] =
    ["create", "update", "patch", "delete", "apply", "replace", "scale", "restart"];
const KINDS: [&str; 14] = [
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "job",
    "cronjob",
    "service",
    "ingress",
    "configmap",
    "secret",
    "namespace",
    "node",
    "role",
    "rolebinding",
];

/// Two hundred of them: those that are known, and verbs with kinds.
pub(crate) fn names() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = KNOWN.split_whitespace().map(str::to_owned).collect();
    let made = KINDS.iter().flat_map(|kind| VERBS.map(|verb| format!("{verb}_{kind}")));
    for name in made {
        if names.len() < 200 {
            names.insert(name);
        }
    }
    names
}
