//! Rules of other kinds that may stop a call and that are not evaluated here: whether there are any.

use super::{Pass, Step};
use crate::survey::reading::Desk;
use clients::kubernetes::groups::Groups;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use futures::future::join_all;
use mcp::failure::{Code, Failure};
use std::borrow::Cow;
use tokio::time::timeout_at;

/// Kinds that stop calls: group, plural, kind, and whether they live in namespaces.
const KINDS: [(&str, &str, &str, bool); 9] = [
    ("cilium.io", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", false),
    ("cilium.io", "ciliumnetworkpolicies", "CiliumNetworkPolicy", true),
    ("crd.projectcalico.org", "globalnetworkpolicies", "Calico GlobalNetworkPolicy", false),
    ("crd.projectcalico.org", "networkpolicies", "Calico NetworkPolicy", true),
    ("policy.networking.k8s.io", "adminnetworkpolicies", "AdminNetworkPolicy", false),
    (
        "policy.networking.k8s.io",
        "baselineadminnetworkpolicies",
        "BaselineAdminNetworkPolicy",
        false,
    ),
    ("policy.networking.k8s.io", "clusternetworkpolicies", "ClusterNetworkPolicy", false),
    ("security.istio.io", "authorizationpolicies", "Istio AuthorizationPolicy", true),
    ("security.istio.io", "peerauthentications", "Istio PeerAuthentication", true),
];

/// What is not evaluated, in these namespaces; none where there is nothing of it.
pub(crate) async fn look(desk: &Desk, groups: &Groups, namespaces: &[&str]) -> Option<Step> {
    let mut reads = Vec::new();
    for (group, plural, kind, namespaced) in KINDS {
        let Some(version) = groups.version(group, plural) else { continue };
        let resource = Resource {
            group: Cow::Borrowed(group),
            version: version.into(),
            plural: Cow::Borrowed(plural),
            kind: Cow::Borrowed(kind),
            namespaced,
        };
        if namespaced {
            reads.extend(
                namespaces.iter().map(|it| one(desk, resource.clone(), Reach::Namespace(it))),
            );
        } else {
            reads.push(one(desk, resource, Reach::Cluster));
        }
    }
    let mut found: Vec<String> = join_all(reads).await.into_iter().flatten().collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        return None;
    }
    let says = format!("not evaluated here: {}", found.join(", "));
    Some(Step::new("other policies", Pass::Unknown, says))
}

/// What is there of a kind, in words; nothing where there is none.
async fn one(desk: &Desk, resource: Resource, reach: Reach<'_>) -> Option<String> {
    let kind = resource.kind.to_string();
    let options = ListOptions { page: 1, at_most: 1, ..ListOptions::default() };
    let listed = timeout_at(desk.deadline, desk.client.list_metadata(&resource, reach, &options));
    match listed.await {
        Err(_) => Some(format!("{kind} (no answer in time)")),
        Ok(Ok(listed)) if listed.items.is_empty() => None,
        Ok(Ok(_)) => Some(kind),
        Ok(Err(refusal)) => match Failure::from(&refusal).code {
            // The group is there, and this kind is not.
            Code::NotFound => None,
            Code::Forbidden => Some(format!("{kind} (may not be listed)")),
            code => Some(format!("{kind} ({code})")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::rbac;

    #[test]
    fn what_is_looked_for_is_asked_for_in_the_role() {
        for (group, plural, ..) in KINDS {
            let asked = rbac::CUSTOM.iter().find(|(it, _)| *it == group);
            let plurals = asked.map(|(_, plurals)| *plurals).unwrap_or_default();
            assert!(plurals.split(", ").any(|it| it == plural), "{plural}.{group}");
        }
    }
}
