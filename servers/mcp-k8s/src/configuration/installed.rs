//! What is installed beside Kubernetes itself, by the custom kinds that are served and the DaemonSets that run.

use clients::kubernetes::discovery::Discovery;
use clients::kubernetes::list::Metadata;
use std::collections::{BTreeMap, BTreeSet};

/// What a kind tells of: its group, its plural, what it is for, and its name.
const BY_KIND: [(&str, &str, &str, &str); 30] = [
    ("apiextensions.crossplane.io", "compositions", "infrastructure", "Crossplane"),
    ("argoproj.io", "applications", "gitops", "Argo CD"),
    ("argoproj.io", "rollouts", "delivery", "Argo Rollouts"),
    ("argoproj.io", "workflows", "workflows", "Argo Workflows"),
    ("autoscaling.k8s.io", "verticalpodautoscalers", "autoscaling", "Vertical Pod Autoscaler"),
    ("cert-manager.io", "certificates", "certificates", "cert-manager"),
    ("chaos-mesh.org", "podchaos", "chaos", "Chaos Mesh"),
    ("cilium.io", "ciliumnodes", "network", "Cilium"),
    ("crd.antrea.io", "antreaagentinfos", "network", "Antrea"),
    ("crd.projectcalico.org", "ippools", "network", "Calico"),
    ("external-secrets.io", "externalsecrets", "secrets", "External Secrets"),
    ("flagger.app", "canaries", "delivery", "Flagger"),
    ("gateway.networking.k8s.io", "gateways", "ingress", "Gateway API"),
    ("infrastructure.cluster.x-k8s.io", "clusters", "infrastructure", "Cluster API"),
    ("karpenter.sh", "nodepools", "autoscaling", "Karpenter"),
    ("keda.sh", "scaledobjects", "autoscaling", "KEDA"),
    ("kubeflow.org", "notebooks", "machine learning", "Kubeflow"),
    ("kyverno.io", "clusterpolicies", "policy", "Kyverno"),
    ("metrics.k8s.io", "pods", "metrics", "metrics.k8s.io"),
    ("monitoring.coreos.com", "prometheuses", "metrics", "Prometheus Operator"),
    ("networking.istio.io", "virtualservices", "mesh", "Istio"),
    ("opentelemetry.io", "opentelemetrycollectors", "tracing", "OpenTelemetry Operator"),
    ("policy.linkerd.io", "servers", "mesh", "Linkerd"),
    ("serving.knative.dev", "services", "serving", "Knative"),
    ("source.toolkit.fluxcd.io", "gitrepositories", "gitops", "Flux"),
    ("templates.gatekeeper.sh", "constrainttemplates", "policy", "Gatekeeper"),
    ("terraform.appvia.io", "configurations", "infrastructure", "Terranetes"),
    ("traefik.io", "ingressroutes", "ingress", "Traefik"),
    ("velero.io", "backups", "backup", "Velero"),
    ("vpcresources.k8s.aws", "cninodes", "network", "Amazon VPC"),
];
/// What a DaemonSet's name begins with, what it is for, and its name.
const BY_DAEMON_SET: [(&str, &str, &str); 17] = [
    ("antrea-agent", "network", "Antrea"),
    ("aws-node", "network", "Amazon VPC"),
    ("azure-cns", "network", "Azure CNI"),
    ("calico-node", "network", "Calico"),
    ("canal", "network", "Canal"),
    ("cilium", "network", "Cilium"),
    ("istio-cni-node", "mesh", "Istio"),
    ("kindnet", "network", "kindnet"),
    ("kube-flannel", "network", "Flannel"),
    ("kube-ovn-cni", "network", "Kube-OVN"),
    ("kube-proxy", "network", "kube-proxy"),
    ("kube-router", "network", "kube-router"),
    ("linkerd-cni", "mesh", "Linkerd"),
    ("netd", "network", "GKE networking"),
    ("ovnkube-node", "network", "OVN-Kubernetes"),
    ("weave-net", "network", "Weave Net"),
    ("ztunnel", "mesh", "Istio ambient"),
];

/// What is installed.
#[derive(Default)]
pub(crate) struct Installed {
    found: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// How many custom kinds each custom group has.
    pub(crate) custom: BTreeMap<String, usize>,
}

impl Installed {
    /// Takes a DaemonSet into account.
    pub(crate) fn daemon_set(&mut self, from: Metadata) {
        let name = from.metadata.name.unwrap_or_default();
        if let Some((_, what, tool)) = BY_DAEMON_SET.iter().find(|it| name.starts_with(it.0)) {
            self.found.entry(what).or_default().insert(tool);
        }
    }

    /// Takes the kinds that are served into account.
    pub(crate) fn served(&mut self, discovery: &Discovery) {
        for kind in &discovery.kinds {
            let (group, plural) = (kind.resource.group.as_ref(), kind.resource.plural.as_ref());
            for (_, _, what, tool) in BY_KIND.iter().filter(|it| (it.0, it.1) == (group, plural)) {
                self.found.entry(what).or_default().insert(tool);
            }
            if group.contains('.') && !group.ends_with(".k8s.io") {
                *self.custom.entry(group.to_owned()).or_default() += 1;
            }
        }
    }

    /// By what it is for.
    pub(crate) fn described(&self) -> Vec<(String, String)> {
        let words = |tools: &BTreeSet<&str>| tools.iter().copied().collect::<Vec<_>>().join(", ");
        self.found.iter().map(|(what, tools)| ((*what).to_owned(), words(tools))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_by_is_sorted() {
        assert!(BY_KIND.is_sorted() && BY_DAEMON_SET.is_sorted());
    }
}
