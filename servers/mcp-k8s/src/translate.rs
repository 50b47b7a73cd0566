//! From the API server's words to our facts: one function for each kind, and one that finds it by the kind's name.

pub mod access;
pub mod autoscaler;
pub mod container;
pub mod event;
pub mod job;
pub mod log;
pub mod meta;
pub mod network;
pub mod node;
pub mod object;
pub mod places;
pub mod pod;
pub mod policy;
pub mod row;
pub mod security;
pub mod slices;
pub mod spec;
pub mod storage;
pub mod touch;
pub mod volume;
pub mod workload;

use evidence::fact::Body;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The fact about an object of any kind, known or not. `api_version` is as in a manifest: `v1`, `apps/v1`.
///
/// An EndpointSlice becomes the endpoints of its Service as far as this slice knows them; read the slices of a
/// Service together with [`slices::Slices`]. Fails if the object is not in the form of its kind.
pub fn any(api_version: &str, kind: &str, from: Value) -> Result<Body, serde_json::Error> {
    Ok(match (api_version, kind) {
        ("v1", "Pod") => Body::Pod(pod::pod(read(from)?)),
        ("v1", "Service") => Body::Service(network::service(read(from)?)),
        ("v1", "Node") => Body::Node(node::node(read(from)?)),
        ("v1", "Namespace") => Body::Namespace(policy::namespace(read(from)?)),
        ("v1", "ConfigMap") => Body::Config(access::config_map(read(from)?)),
        ("v1", "Secret") => Body::Config(secret(from)?),
        ("v1", "ServiceAccount") => Body::Account(access::account(read(from)?)),
        ("v1", "PersistentVolumeClaim") => Body::Claim(storage::claim(read(from)?)),
        ("v1", "PersistentVolume") => Body::Volume(storage::volume(read(from)?)),
        ("v1", "ResourceQuota") => Body::Quota(policy::quota(read(from)?)),
        ("v1", "LimitRange") => Body::LimitRange(policy::limit_range(read(from)?)),
        ("v1", "Event") => Body::Event(event::one(read(from)?)),
        ("apps/v1", "Deployment") => Body::Workload(workload::deployment(read(from)?)),
        ("apps/v1", "StatefulSet") => Body::Workload(workload::stateful_set(read(from)?)),
        ("apps/v1", "DaemonSet") => Body::Workload(workload::daemon_set(read(from)?)),
        ("apps/v1", "ReplicaSet") => Body::Revision(workload::replica_set(read(from)?)),
        ("apps/v1", "ControllerRevision") => {
            Body::Revision(workload::controller_revision(read(from)?))
        }
        ("batch/v1", "Job") => Body::Job(job::job(read(from)?)),
        ("batch/v1", "CronJob") => Body::CronJob(job::cron_job(read(from)?)),
        ("policy/v1", "PodDisruptionBudget") => Body::Budget(job::budget(read(from)?)),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => {
            Body::Autoscaler(autoscaler::autoscaler(read(from)?))
        }
        ("networking.k8s.io/v1", "Ingress") => Body::Ingress(network::ingress(read(from)?)),
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            Body::NetworkPolicy(network::network_policy(read(from)?))
        }
        ("storage.k8s.io/v1", "StorageClass") => {
            Body::StorageClass(storage::storage_class(read(from)?))
        }
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration") => {
            Body::Webhooks(policy::validating(read(from)?))
        }
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration") => {
            Body::Webhooks(policy::mutating(read(from)?))
        }
        ("rbac.authorization.k8s.io/v1", "Role") => Body::Grant(access::role(read(from)?)),
        ("rbac.authorization.k8s.io/v1", "ClusterRole") => {
            Body::Grant(access::cluster_role(read(from)?))
        }
        ("rbac.authorization.k8s.io/v1", "RoleBinding") => {
            Body::Grant(access::role_binding(read(from)?))
        }
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding") => {
            Body::Grant(access::cluster_role_binding(read(from)?))
        }
        ("discovery.k8s.io/v1", "EndpointSlice") => {
            let mut slices = slices::Slices::default();
            slices.add(read(from.clone())?);
            match slices.all().next() {
                Some(endpoints) => Body::Endpoints(endpoints),
                None => Body::Object(object::object(api_version, kind, from)?),
            }
        }
        _ => Body::Object(object::object(api_version, kind, from)?),
    })
}

fn read<T: DeserializeOwned>(from: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(from)
}

/// A Secret is known by its name alone, even where somebody has read all of it.
fn secret(mut from: Value) -> Result<evidence::fact::access::Config, serde_json::Error> {
    let metadata: ObjectMeta = read(from.get_mut("metadata").map(Value::take).unwrap_or_default())?;
    Ok(access::config_known_by_name("Secret", metadata))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_known_kind_becomes_its_own_fact() {
        let body =
            any("apps/v1", "Deployment", json!({"metadata": {"name": "web", "namespace": "shop"}}))
                .unwrap();
        assert!(matches!(&body, Body::Workload(_)), "{body:?}");
        assert_eq!(body.entity().to_string(), "Deployment shop/web");
    }

    #[test]
    fn the_same_kind_of_another_group_is_any_object() {
        let body =
            any("serving.knative.dev/v1", "Service", json!({"metadata": {"name": "web"}})).unwrap();
        assert!(matches!(body, Body::Object(_)));
    }

    #[test]
    fn nothing_of_a_secret_but_its_name_is_taken_over() {
        let from = json!({"metadata": {"name": "db"}, "data": {"password": "aHVudGVyMg=="}});
        let body = any("v1", "Secret", from).unwrap();
        assert!(!serde_json::to_string(&body).unwrap().contains("aHVudGVyMg"));
    }

    #[test]
    fn an_object_in_another_form_is_refused() {
        assert!(any("v1", "Pod", json!({"metadata": {"name": 3}})).is_err());
    }
}
