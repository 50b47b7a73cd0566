//! What a pod is meant to be: one translation for pods, templates and their revisions.

use super::container;
use super::meta::{node_terms, selector, unless};
use super::security;
use super::volume;
use evidence::fact::spec::{HostAlias, PodSpec, PodTerm, Toleration};
use k8s_openapi::api::core::v1 as api;
use std::collections::BTreeMap;

/// A pod's spec.
pub fn spec(from: api::PodSpec) -> PodSpec {
    let affinity = from.affinity.unwrap_or_default();
    let node_affinity = affinity
        .node_affinity
        .and_then(|it| it.required_during_scheduling_ignored_during_execution)
        .map(|required| node_terms(required.node_selector_terms));
    let pod_affinity =
        affinity.pod_affinity.and_then(|it| it.required_during_scheduling_ignored_during_execution);
    let pod_anti_affinity = affinity
        .pod_anti_affinity
        .and_then(|it| it.required_during_scheduling_ignored_during_execution);
    let constraints = from.topology_spread_constraints.unwrap_or_default().into_iter();
    let dns = from.dns_config.unwrap_or_default();
    let hard = constraints.filter(|it| it.when_unsatisfiable == "DoNotSchedule");
    PodSpec {
        containers: container::containers(from.init_containers, from.containers),
        volumes: volume::volumes(from.volumes.unwrap_or_default()),
        service_account: from.service_account_name.unwrap_or_default(),
        pull_secrets: names(from.image_pull_secrets),
        node_name: from.node_name.unwrap_or_default(),
        node_selector: from.node_selector.unwrap_or_default(),
        node_affinity: node_affinity.unwrap_or_default(),
        pod_affinity: pod_terms(pod_affinity),
        pod_anti_affinity: pod_terms(pod_anti_affinity),
        spread: hard.map(|it| it.topology_key).collect(),
        tolerations: from.tolerations.unwrap_or_default().into_iter().map(toleration).collect(),
        scheduler: unless("default-scheduler", from.scheduler_name),
        gates: from.scheduling_gates.unwrap_or_default().into_iter().map(|it| it.name).collect(),
        priority_class: from.priority_class_name.unwrap_or_default(),
        priority: from.priority,
        runtime_class: from.runtime_class_name.unwrap_or_default(),
        host_network: from.host_network.unwrap_or(false),
        dns_policy: unless("ClusterFirst", from.dns_policy),
        nameservers: dns.nameservers.unwrap_or_default(),
        searches: dns.searches.unwrap_or_default(),
        host_aliases: from.host_aliases.unwrap_or_default().into_iter().map(alias).collect(),
        restart_policy: unless("Always", from.restart_policy),
        security: security::of_pod(from.security_context, from.host_pid, from.host_ipc),
    }
}

/// A pod template: its labels and its spec.
pub fn template(from: api::PodTemplateSpec) -> (BTreeMap<String, String>, PodSpec) {
    let labels = from.metadata.and_then(|meta| meta.labels).unwrap_or_default();
    (labels, from.spec.map(spec).unwrap_or_default())
}

/// Names of referenced objects in the same namespace.
pub fn names(from: Option<Vec<api::LocalObjectReference>>) -> Vec<String> {
    from.unwrap_or_default().into_iter().map(|it| it.name).collect()
}

fn alias(from: api::HostAlias) -> HostAlias {
    HostAlias { address: from.ip, names: from.hostnames.unwrap_or_default() }
}

fn pod_terms(from: Option<Vec<api::PodAffinityTerm>>) -> Vec<PodTerm> {
    let each = from.unwrap_or_default().into_iter();
    each.map(|it| {
        let mut namespaces = it.namespaces.unwrap_or_default();
        if it.namespace_selector.is_some() {
            namespaces.push("*".to_owned());
        }
        PodTerm {
            selector: it.label_selector.map(selector).unwrap_or_default(),
            topology: it.topology_key,
            namespaces,
        }
    })
    .collect()
}

fn toleration(from: api::Toleration) -> Toleration {
    Toleration {
        key: from.key.unwrap_or_default(),
        operator: from.operator.unwrap_or_default(),
        value: from.value.unwrap_or_default(),
        effect: from.effect.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> PodSpec {
        spec(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn defaults_that_say_nothing_are_left_out() {
        let spec = read(json!({"containers": [], "schedulerName": "default-scheduler",
            "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "securityContext": {}}));
        assert_eq!(spec, PodSpec::default());
    }

    #[test]
    fn only_required_affinity_and_hard_spread_are_taken() {
        let spec = read(json!({"containers": [],
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}],
                         "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]},
                    "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {
                        "matchExpressions": [{"key": "zone", "operator": "Exists"}]}}]},
                "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                    {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}]}},
            "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
                {"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "ScheduleAnyway"}]}));
        let keys: Vec<&str> = spec.node_affinity[0].iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, ["disk", "metadata.name"]);
        assert_eq!(spec.pod_anti_affinity[0].topology, "kubernetes.io/hostname");
        assert_eq!(spec.spread, ["zone"]);
    }

    #[test]
    fn an_affinity_says_whose_pods_it_means() {
        let term = |more: serde_json::Value| {
            let mut term = json!({"topologyKey": "zone"});
            term.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let spec = read(json!({"containers": [], "affinity": {"podAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [term]}}}));
            spec.pod_affinity[0].namespaces.clone()
        };
        assert_eq!(term(json!({})), Vec::<String>::new());
        assert_eq!(term(json!({"namespaces": ["data"], "namespaceSelector": {}})), ["data", "*"]);
    }

    #[test]
    fn names_that_are_pinned_are_taken() {
        let spec = read(json!({"containers": [], "hostAliases": [
            {"ip": "10.96.200.9", "hostnames": ["rentals", "rentals.hire"]}, {"ip": "10.0.0.1"}]}));
        let pinned =
            |at: usize| (spec.host_aliases[at].address.as_str(), spec.host_aliases[at].names.len());
        assert_eq!((pinned(0), pinned(1)), (("10.96.200.9", 2), ("10.0.0.1", 0)));
    }

    #[test]
    fn a_template_brings_its_labels() {
        let from = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [],
            "nodeName": "n1"}});
        let (labels, spec) = template(serde_json::from_value(from).unwrap());
        assert_eq!(labels["app"], "web");
        assert_eq!(spec.node_name, "n1");
    }
}
