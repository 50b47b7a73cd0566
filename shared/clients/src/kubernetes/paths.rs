//! Builds request paths. Nothing that could leave its segment gets into one.

use crate::kubernetes::connection::SYSTEM;
use crate::kubernetes::reach::Reach;
use crate::kubernetes::reads::SECRETS;
use crate::kubernetes::resource::Resource;
use readonly::names::{self, BadName};
use readonly::refusal::{Kind, Refusal};
use std::fmt::Write;

/// The path of a kind's list.
pub(crate) fn collection(resource: &Resource, reach: Reach<'_>) -> Result<String, Refusal> {
    if resource.is_secret() {
        return Err(refused("Secrets"));
    }
    list(resource, reach)
}

/// The path of a kind's list, to be asked for metadata alone: that of Secrets, too, of the core group and no other.
pub(crate) fn metadata(resource: &Resource, reach: Reach<'_>) -> Result<String, Refusal> {
    if *resource == SECRETS { list(resource, reach) } else { collection(resource, reach) }
}

fn list(resource: &Resource, reach: Reach<'_>) -> Result<String, Refusal> {
    let mut path = root(resource)?;
    if let Reach::Namespace(namespace) = reach {
        if !resource.namespaced {
            return Err(refused(&format!("{resource} of a namespace: they have none")));
        }
        names::label("namespace", namespace).map_err(bad)?;
        let _ = write!(path, "/namespaces/{}", names::encode(namespace));
    }
    names::subdomain("resource", &resource.plural).map_err(bad)?;
    let _ = write!(path, "/{}", names::encode(&resource.plural));
    Ok(path)
}

/// The path of one object.
pub(crate) fn object(resource: &Resource, reach: Reach<'_>, name: &str) -> Result<String, Refusal> {
    if resource.namespaced && reach == Reach::Cluster {
        return Err(refused(&format!("one of {resource} without its namespace")));
    }
    // Not only DNS names: a ClusterRole may be called `system:node`.
    names::segment("name", name).map_err(bad)?;
    Ok(format!("{}/{}", collection(resource, reach)?, names::encode(name)))
}

/// The path of a pod's log.
pub(crate) fn log(namespace: &str, pod: &str) -> Result<String, Refusal> {
    names::label("namespace", namespace).map_err(bad)?;
    names::subdomain("pod", pod).map_err(bad)?;
    let (namespace, pod) = (names::encode(namespace), names::encode(pod));
    Ok(format!("/api/v1/namespaces/{namespace}/pods/{pod}/log"))
}

/// `path` with `parameters` as its query, those without a value left out.
pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut whole = path.to_owned();
    let mut separator = '?';
    for (key, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(whole, "{separator}{key}={}", names::encode(value));
        separator = '&';
    }
    whole
}

fn root(resource: &Resource) -> Result<String, Refusal> {
    names::label("version", &resource.version).map_err(bad)?;
    if resource.group.is_empty() {
        return Ok(format!("/api/{}", resource.version));
    }
    names::subdomain("group", &resource.group).map_err(bad)?;
    Ok(format!("/apis/{}/{}", names::encode(&resource.group), resource.version))
}

fn bad(name: BadName) -> Refusal {
    refused(&format!("a path with {name}"))
}

fn refused(what: &str) -> Refusal {
    Refusal { system: SYSTEM, request: String::new(), kind: Kind::NotARead(what.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::reads::{CLUSTER_ROLES, DEPLOYMENTS, NODES, PODS};

    #[test]
    fn a_list_of_all_namespaces() {
        assert_eq!(collection(&PODS, Reach::Cluster).unwrap(), "/api/v1/pods");
    }

    #[test]
    fn a_list_of_one_namespace() {
        assert_eq!(
            collection(&DEPLOYMENTS, Reach::Namespace("shop")).unwrap(),
            "/apis/apps/v1/namespaces/shop/deployments"
        );
    }

    #[test]
    fn an_object_whose_name_is_no_dns_name() {
        assert_eq!(
            object(&CLUSTER_ROLES, Reach::Cluster, "system:node").unwrap(),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"
        );
    }

    #[test]
    fn names_that_leave_their_segment_are_refused() {
        for name in ["..", ".", "", "a/b", "../../x", "a%2fb/c", "a\u{0}", "a\nb"] {
            assert!(object(&PODS, Reach::Namespace("shop"), name).is_err(), "{name:?}");
            assert!(object(&PODS, Reach::Namespace(name), "web").is_err(), "{name:?}");
            assert!(log("shop", name).is_err(), "{name:?}");
            assert!(log(name, "web").is_err(), "{name:?}");
        }
    }

    #[test]
    fn secrets_are_refused_in_every_spelling() {
        for (group, version, plural, kind) in [
            ("", "v1", "secrets", "Secret"),
            ("", "v1beta1", "Secrets", "Secrets"),
            ("virtual.example.com", "v1", "secrets", "Anything"),
            ("virtual.example.com", "v1", "things", "SECRET"),
        ] {
            let secrets = Resource::namespaced(group, version, plural, kind);
            assert!(collection(&secrets, Reach::Cluster).is_err(), "{secrets}");
            assert!(object(&secrets, Reach::Namespace("shop"), "web").is_err(), "{secrets}");
        }
    }

    #[test]
    fn a_subresource_is_no_plural() {
        let log = Resource::namespaced("", "v1", "pods/log", "Pod");
        assert!(collection(&log, Reach::Cluster).is_err());
    }

    #[test]
    fn what_has_no_namespace_is_not_looked_for_in_one() {
        assert!(collection(&NODES, Reach::Namespace("shop")).is_err());
    }

    #[test]
    fn what_has_a_namespace_is_not_looked_for_outside() {
        assert!(object(&PODS, Reach::Cluster, "web").is_err());
    }

    #[test]
    fn query_values_are_encoded_and_empty_ones_left_out() {
        assert_eq!(
            with_query("/api/v1/pods", &[("labelSelector", "a in (b,c)&x"), ("continue", "")]),
            "/api/v1/pods?labelSelector=a%20in%20%28b%2Cc%29%26x"
        );
    }
}
