//! The Table form: the columns that `kubectl get` shows, printed by the server.

mod cells;
mod config;
mod custom;
mod network;
mod node;
mod pod;
mod policy;
mod storage;
mod workload;

use crate::kubernetes::list;
use crate::kubernetes::reply::{self, Reply};
use crate::snapshot::object::Object;
use crate::snapshot::resources::Resource;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Prints the cells of one object.
type Print = fn(&Object, Timestamp) -> Vec<Value>;

/// A table of these objects.
pub(crate) fn render(
    objects: &[&Object],
    resource: &Resource,
    metadata: Map<String, Value>,
    include_object: &str,
    now: Timestamp,
) -> Result<Value, Reply> {
    let object: fn(&Object, &Resource) -> Value = match include_object {
        "None" => |_, _| Value::Null,
        "" | "Metadata" => |object, _| list::metadata_of(object),
        "Object" => list::whole,
        other => {
            let message = format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: \
                must be 'Metadata', 'Object', 'None', or empty"
            );
            return Err(reply::bad_request(&message));
        }
    };
    let rows: Vec<_> = objects
        .iter()
        .map(|one| {
            let mut row =
                json!({"cells": cells_of(one, resource, now), "object": object(one, resource)});
            if let (Some(conditions), Some(row)) = (conditions(one, resource), row.as_object_mut())
            {
                row.insert("conditions".to_owned(), conditions);
            }
            row
        })
        .collect();
    Ok(json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": definitions(resource), "rows": rows,
    }))
}

fn cells_of(object: &Object, resource: &Resource, now: Timestamp) -> Vec<Value> {
    match &resource.columns {
        Some(columns) => custom::cells(object, columns, now),
        None => layout(resource).1(object, now),
    }
}

/// The column definitions; without the descriptions, which are the documentation of the fields.
fn definitions(resource: &Resource) -> Vec<Value> {
    let define = |name: &str, kind: &str, format: &str, priority: i64| json!({"name": name, "type": kind, "format": format, "description": "", "priority": priority});
    if let Some(columns) = &resource.columns {
        let own = columns.iter().map(|one| define(&one.name, &one.kind, &one.format, one.priority));
        return std::iter::once(define("Name", "string", "name", 0)).chain(own).collect();
    }
    let mut definitions = Vec::new();
    for column in layout(resource).0.split(',').map(str::trim) {
        let (name, kind) = column.split_once(':').unwrap_or((column, "string"));
        let wide = name.ends_with('*');
        let name = name.trim_end_matches('*');
        let format = if name == "Name" { "name" } else { "" };
        definitions.push(define(name, kind, format, i64::from(wide)));
    }
    definitions
}

/// Columns (`*` for those of the wide form, `:TYPE` where it is not text) and what prints them, as Kubernetes 1.34 has
/// them. A kind that is not here is shown as Kubernetes shows one that it has no columns for.
#[rustfmt::skip]
fn layout(resource: &Resource) -> (&'static str, Print) {
    match (resource.of.group.as_str(), resource.of.kind.as_str()) {
        ("", "Pod") => ("Name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*", pod::pod),
        ("", "Node") => ("Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*", node::node),
        ("", "Namespace") => ("Name, Status, Age", node::namespace),
        ("", "Event") => ("Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*", node::event),
        ("", "Service") => ("Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*", network::service),
        ("", "Endpoints") => ("Name, Endpoints, Age", network::endpoints),
        ("", "ConfigMap") => ("Name, Data, Age", config::config_map),
        ("", "Secret") => ("Name, Type, Data, Age", config::secret),
        ("", "ServiceAccount") => ("Name, Secrets, Age", config::service_account),
        ("", "ResourceQuota") => ("Name, Request, Limit, Age", policy::quota),
        ("", "PersistentVolumeClaim") => ("Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode*", storage::claim),
        ("", "PersistentVolume") => ("Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode*", storage::volume),
        ("", "ReplicationController") => ("Name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*", workload::replica_set),
        ("", "PodTemplate") => ("Name, Containers, Images, Pod Labels", workload::pod_template),
        ("apps", "Deployment") => ("Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*", workload::deployment),
        ("apps", "ReplicaSet") => ("Name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*", workload::replica_set),
        ("apps", "StatefulSet") => ("Name, Ready, Age, Containers*, Images*", workload::stateful_set),
        ("apps", "DaemonSet") => ("Name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age, Containers*, Images*, Selector*", workload::daemon_set),
        ("apps", "ControllerRevision") => ("Name, Controller, Revision, Age", workload::controller_revision),
        ("batch", "Job") => ("Name, Status, Completions, Duration, Age, Containers*, Images*, Selector*", workload::job),
        ("batch", "CronJob") => ("Name, Schedule, Timezone, Suspend:boolean, Active:integer, Last Schedule, Age, Containers*, Images*, Selector*", workload::cron_job),
        ("autoscaling", "HorizontalPodAutoscaler") => ("Name, Reference, Targets, MinPods, MaxPods, Replicas, Age", policy::autoscaler),
        ("discovery.k8s.io", "EndpointSlice") => ("Name, AddressType, Ports, Endpoints, Age", network::endpoint_slice),
        ("networking.k8s.io", "Ingress") => ("Name, Class, Hosts, Address, Ports, Age", network::ingress),
        ("networking.k8s.io", "IngressClass") => ("Name, Controller, Parameters, Age", network::ingress_class),
        ("networking.k8s.io", "NetworkPolicy") => ("Name, Pod-Selector, Age", network::policy),
        ("policy", "PodDisruptionBudget") => ("Name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age", policy::disruption_budget),
        ("storage.k8s.io", "StorageClass") => ("Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age", storage::class),
        ("scheduling.k8s.io", "PriorityClass") => ("Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy", policy::priority_class),
        ("coordination.k8s.io", "Lease") => ("Name, Holder, Age", config::lease),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => ("Name, Role, Age, Users*, Groups*, ServiceAccounts*", config::binding),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration") => ("Name, Webhooks:integer, Age", policy::webhooks),
        _ => ("Name, Created At:date", |object, _| vec![cells::name(object), object.text("/metadata/creationTimestamp").into()]),
    }
}

/// What a pod that has ended says beside its cells.
fn conditions(object: &Object, resource: &Resource) -> Option<Value> {
    if !resource.of.group.is_empty() || resource.of.kind != "Pod" {
        return None;
    }
    let (reason, message) = match object.text("/status/phase") {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]))
}
