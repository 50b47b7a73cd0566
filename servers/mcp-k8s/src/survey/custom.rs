//! Custom kinds that may stand behind a fault: read only where the cluster serves their group.

use super::reading::{Desk, Reading, Trouble};
use crate::translate;
use clients::kubernetes::groups::Groups;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use futures::future::join_all;
use mcp::failure::{Code, Failure};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::time::timeout_at;

/// Objects of one kind at most: 60 fields each, some 3 kB.
const MOST: usize = 500;

/// Where objects of a kind are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// They have no namespace.
    Cluster,
    /// In all namespaces: they act on others than their own.
    Everywhere,
    /// In the namespaces that are looked at.
    Here,
}

/// What is worth reading: group, plural, kind, and where.
const KINDS: [(&str, &str, &str, Place); 33] = [
    ("argoproj.io", "applications", "Application", Place::Everywhere),
    ("autoscaling.k8s.io", "verticalpodautoscalers", "VerticalPodAutoscaler", Place::Here),
    ("cert-manager.io", "certificates", "Certificate", Place::Here),
    ("chaos-mesh.org", "dnschaos", "DNSChaos", Place::Everywhere),
    ("chaos-mesh.org", "httpchaos", "HTTPChaos", Place::Everywhere),
    ("chaos-mesh.org", "iochaos", "IOChaos", Place::Everywhere),
    ("chaos-mesh.org", "jvmchaos", "JVMChaos", Place::Everywhere),
    ("chaos-mesh.org", "kernelchaos", "KernelChaos", Place::Everywhere),
    ("chaos-mesh.org", "networkchaos", "NetworkChaos", Place::Everywhere),
    ("chaos-mesh.org", "podchaos", "PodChaos", Place::Everywhere),
    ("chaos-mesh.org", "schedules", "Schedule", Place::Everywhere),
    ("chaos-mesh.org", "stresschaos", "StressChaos", Place::Everywhere),
    ("chaos-mesh.org", "timechaos", "TimeChaos", Place::Everywhere),
    (
        "cilium.io",
        "ciliumclusterwidenetworkpolicies",
        "CiliumClusterwideNetworkPolicy",
        Place::Cluster,
    ),
    ("cilium.io", "ciliumnetworkpolicies", "CiliumNetworkPolicy", Place::Here),
    ("crd.projectcalico.org", "globalnetworkpolicies", "GlobalNetworkPolicy", Place::Cluster),
    // Called NetworkPolicy like those of Kubernetes, which it must not be taken for.
    ("crd.projectcalico.org", "networkpolicies", "CalicoNetworkPolicy", Place::Here),
    ("external-secrets.io", "clustersecretstores", "ClusterSecretStore", Place::Cluster),
    ("external-secrets.io", "externalsecrets", "ExternalSecret", Place::Here),
    ("external-secrets.io", "secretstores", "SecretStore", Place::Here),
    ("gateway.networking.k8s.io", "gatewayclasses", "GatewayClass", Place::Cluster),
    ("gateway.networking.k8s.io", "gateways", "Gateway", Place::Everywhere),
    ("gateway.networking.k8s.io", "grpcroutes", "GRPCRoute", Place::Everywhere),
    ("gateway.networking.k8s.io", "httproutes", "HTTPRoute", Place::Everywhere),
    ("helm.toolkit.fluxcd.io", "helmreleases", "HelmRelease", Place::Everywhere),
    ("keda.sh", "scaledobjects", "ScaledObject", Place::Here),
    ("kustomize.toolkit.fluxcd.io", "kustomizations", "Kustomization", Place::Everywhere),
    ("policy.networking.k8s.io", "adminnetworkpolicies", "AdminNetworkPolicy", Place::Cluster),
    (
        "policy.networking.k8s.io",
        "baselineadminnetworkpolicies",
        "BaselineAdminNetworkPolicy",
        Place::Cluster,
    ),
    ("policy.networking.k8s.io", "clusternetworkpolicies", "ClusterNetworkPolicy", Place::Cluster),
    ("source.toolkit.fluxcd.io", "gitrepositories", "GitRepository", Place::Everywhere),
    ("source.toolkit.fluxcd.io", "helmrepositories", "HelmRepository", Place::Everywhere),
    ("source.toolkit.fluxcd.io", "ocirepositories", "OCIRepository", Place::Everywhere),
];

/// Which groups are served.
pub(crate) async fn served(desk: &Desk) -> Result<Arc<Groups>, Trouble> {
    match timeout_at(desk.deadline, desk.client.served_groups()).await {
        Ok(groups) => groups.map_err(|refusal| Failure::from(&refusal).into()),
        Err(_) => Err(Trouble::late()),
    }
}

/// Reads what is served of them. A kind that its group does not have is not missed.
pub(crate) async fn read(desk: &Desk, groups: &Groups, namespaces: &[String]) -> Vec<Reading> {
    let wanted = KINDS.iter().filter_map(|(group, plural, kind, place)| {
        let version = groups.version(group, plural)?;
        let resource = Resource {
            group: Cow::Borrowed(*group),
            version: version.into(),
            plural: Cow::Borrowed(*plural),
            kind: Cow::Borrowed(*kind),
            namespaced: *place != Place::Cluster,
        };
        Some(kind_at(desk, resource, *place, namespaces))
    });
    join_all(wanted).await.into_iter().flatten().collect()
}

async fn kind_at(
    desk: &Desk,
    resource: Resource,
    place: Place,
    namespaces: &[String],
) -> Vec<Reading> {
    if place != Place::Here {
        let reading = one(desk, &resource, Reach::Cluster).await;
        if is_unserved(&reading) {
            return Vec::new();
        }
        // Who may not list them everywhere may often list them in a namespace.
        let denied = reading.trouble.as_ref().is_some_and(|it| it.code == Code::Forbidden);
        if !denied || place == Place::Cluster || namespaces.is_empty() {
            return vec![reading];
        }
    }
    let here = namespaces.iter().map(|it| one(desk, &resource, Reach::Namespace(it)));
    join_all(here).await.into_iter().filter(|it| !is_unserved(it)).collect()
}

async fn one(desk: &Desk, resource: &Resource, reach: Reach<'_>) -> Reading {
    let (api_version, kind) = (resource.api_version(), resource.kind.as_ref());
    let mut bodies = Vec::new();
    let mut odd = None;
    let visit = |object: Value| match translate::any(&api_version, kind, object) {
        Ok(body) => bodies.push(body),
        Err(error) => odd = Some(Trouble::unknown_form(&error)),
    };
    let options = ListOptions { at_most: MOST, ..ListOptions::default() };
    let mut reading = desk.each(resource, reach, options, visit).await;
    reading.trouble = reading.trouble.or(odd);
    reading.bodies = bodies;
    reading
}

/// The group is there and this kind is not.
fn is_unserved(reading: &Reading) -> bool {
    reading.trouble.as_ref().is_some_and(|it| it.code == Code::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::rbac;

    #[test]
    fn what_is_read_is_asked_for_in_the_role() {
        for (group, plural, ..) in KINDS {
            let asked = rbac::CUSTOM.iter().find(|(it, _)| *it == group);
            let plurals = asked.map(|(_, plurals)| *plurals).unwrap_or_default();
            assert!(plurals.split(", ").any(|it| it == plural), "{plural}.{group}");
        }
    }
}
