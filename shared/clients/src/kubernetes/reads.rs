//! The kinds that are read: the transport's allow-list, the RBAC that we ask for, and the words that need no
//! discovery are all made from this table.

use crate::kubernetes::list::METADATA_LIST;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::{access, discovery, version};
use http::Method;
use readonly::allow::{self, AllowList};

/// One kind that is read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The kind.
    pub resource: Resource,
    /// What people call it for short.
    pub short_names: &'static [&'static str],
    /// What it is read for.
    pub why: &'static str,
}

/// Namespace: which namespaces there are, and which are being deleted.
pub const NAMESPACES: Resource = Resource::clusterwide("", "v1", "namespaces", "Namespace");
/// Pod: states, restarts, exit codes and conditions of what runs.
pub const PODS: Resource = Resource::namespaced("", "v1", "pods", "Pod");
/// Service: selectors and ports.
pub const SERVICES: Resource = Resource::namespaced("", "v1", "services", "Service");
/// Endpoints: backends of a Service written by hand.
pub const ENDPOINTS: Resource = Resource::namespaced("", "v1", "endpoints", "Endpoints");
/// EndpointSlice: backends of a Service, ready or not.
pub const ENDPOINT_SLICES: Resource =
    Resource::namespaced("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
/// Event: what the cluster said about an object.
pub const EVENTS: Resource = Resource::namespaced("", "v1", "events", "Event");
/// ConfigMap: whether what a pod mounts exists, and with which keys.
pub const CONFIG_MAPS: Resource = Resource::namespaced("", "v1", "configmaps", "ConfigMap");
/// Secret: which Helm releases there are. The metadata of Helm's own is all that is ever asked for; that of others may hold
/// values, for `kubectl apply` repeats them in an annotation. No role of ours has the right.
pub const SECRETS: Resource = Resource::namespaced("", "v1", "secrets", "Secret");
/// ServiceAccount: identities and image pull secrets, by name.
pub const SERVICE_ACCOUNTS: Resource =
    Resource::namespaced("", "v1", "serviceaccounts", "ServiceAccount");
/// PersistentVolumeClaim: storage that pods wait for.
pub const CLAIMS: Resource =
    Resource::namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");
/// PersistentVolume: what a claim may bind to.
pub const VOLUMES: Resource =
    Resource::clusterwide("", "v1", "persistentvolumes", "PersistentVolume");
/// StorageClass: who provisions a claim, and when.
pub const STORAGE_CLASSES: Resource =
    Resource::clusterwide("storage.k8s.io", "v1", "storageclasses", "StorageClass");
/// VolumeAttachment: volumes that do not attach to their node.
pub const VOLUME_ATTACHMENTS: Resource =
    Resource::clusterwide("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment");
/// Node: conditions, taints and room.
pub const NODES: Resource = Resource::clusterwide("", "v1", "nodes", "Node");
/// Lease: node heartbeats and who leads.
pub const LEASES: Resource = Resource::namespaced("coordination.k8s.io", "v1", "leases", "Lease");
/// ResourceQuota: whether a namespace is full.
pub const QUOTAS: Resource = Resource::namespaced("", "v1", "resourcequotas", "ResourceQuota");
/// LimitRange: limits given to containers that name none.
pub const LIMIT_RANGES: Resource = Resource::namespaced("", "v1", "limitranges", "LimitRange");
/// ReplicationController: owners of old-style pods.
pub const REPLICATION_CONTROLLERS: Resource =
    Resource::namespaced("", "v1", "replicationcontrollers", "ReplicationController");
/// Deployment: desired and ready replicas, and the rollout.
pub const DEPLOYMENTS: Resource = Resource::namespaced("apps", "v1", "deployments", "Deployment");
/// ReplicaSet: revisions of a Deployment.
pub const REPLICA_SETS: Resource = Resource::namespaced("apps", "v1", "replicasets", "ReplicaSet");
/// StatefulSet: desired and ready replicas, and the rollout.
pub const STATEFUL_SETS: Resource =
    Resource::namespaced("apps", "v1", "statefulsets", "StatefulSet");
/// DaemonSet: desired and ready pods, node by node.
pub const DAEMON_SETS: Resource = Resource::namespaced("apps", "v1", "daemonsets", "DaemonSet");
/// ControllerRevision: revisions of a StatefulSet or DaemonSet.
pub const CONTROLLER_REVISIONS: Resource =
    Resource::namespaced("apps", "v1", "controllerrevisions", "ControllerRevision");
/// Job: runs that failed or did not end.
pub const JOBS: Resource = Resource::namespaced("batch", "v1", "jobs", "Job");
/// CronJob: schedules and suspensions.
pub const CRON_JOBS: Resource = Resource::namespaced("batch", "v1", "cronjobs", "CronJob");
/// HorizontalPodAutoscaler: who set the number of replicas, and what held it.
pub const AUTOSCALERS: Resource = Resource::namespaced(
    "autoscaling",
    "v2",
    "horizontalpodautoscalers",
    "HorizontalPodAutoscaler",
);
/// PodDisruptionBudget: what blocks a drain.
pub const BUDGETS: Resource =
    Resource::namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
/// Ingress: routes from outside to a Service.
pub const INGRESSES: Resource =
    Resource::namespaced("networking.k8s.io", "v1", "ingresses", "Ingress");
/// IngressClass: whether anything serves an Ingress.
pub const INGRESS_CLASSES: Resource =
    Resource::clusterwide("networking.k8s.io", "v1", "ingressclasses", "IngressClass");
/// NetworkPolicy: traffic that is not let through.
pub const NETWORK_POLICIES: Resource =
    Resource::namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");
/// PriorityClass: what may preempt a pod.
pub const PRIORITY_CLASSES: Resource =
    Resource::clusterwide("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass");
/// RuntimeClass: runtimes that a pod may ask for.
pub const RUNTIME_CLASSES: Resource =
    Resource::clusterwide("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass");
/// ValidatingWebhookConfiguration: who may refuse a new object.
pub const VALIDATING_WEBHOOKS: Resource = Resource::clusterwide(
    "admissionregistration.k8s.io",
    "v1",
    "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
);
/// MutatingWebhookConfiguration: who may change a new object.
pub const MUTATING_WEBHOOKS: Resource = Resource::clusterwide(
    "admissionregistration.k8s.io",
    "v1",
    "mutatingwebhookconfigurations",
    "MutatingWebhookConfiguration",
);
/// Role: rights that a workload lacks.
pub const ROLES: Resource =
    Resource::namespaced("rbac.authorization.k8s.io", "v1", "roles", "Role");
/// RoleBinding: who holds a Role.
pub const ROLE_BINDINGS: Resource =
    Resource::namespaced("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding");
/// ClusterRole: rights that a workload lacks.
pub const CLUSTER_ROLES: Resource =
    Resource::clusterwide("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole");
/// ClusterRoleBinding: who holds a ClusterRole.
pub const CLUSTER_ROLE_BINDINGS: Resource = Resource::clusterwide(
    "rbac.authorization.k8s.io",
    "v1",
    "clusterrolebindings",
    "ClusterRoleBinding",
);
/// CustomResourceDefinition: which custom kinds there are.
pub const CUSTOM_RESOURCES: Resource = Resource::clusterwide(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
);
/// APIService: aggregated APIs that do not answer.
pub const API_SERVICES: Resource =
    Resource::clusterwide("apiregistration.k8s.io", "v1", "apiservices", "APIService");
/// PodMetrics: what pods use.
pub const POD_METRICS: Resource =
    Resource::namespaced("metrics.k8s.io", "v1beta1", "pods", "PodMetrics");
/// NodeMetrics: what nodes use.
pub const NODE_METRICS: Resource =
    Resource::clusterwide("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics");

/// Every kind that is read, Secrets not among them.
pub const TABLE: &[Read] = &[
    read(NAMESPACES, &["ns"], "which namespaces there are, and which are being deleted"),
    read(PODS, &["po"], "states, restarts, exit codes and conditions of what runs"),
    read(SERVICES, &["svc"], "selectors and ports"),
    read(ENDPOINTS, &["ep"], "backends of a Service written by hand"),
    read(ENDPOINT_SLICES, &[], "backends of a Service, ready or not"),
    read(EVENTS, &["ev"], "what the cluster said about an object"),
    read(CONFIG_MAPS, &["cm"], "whether what a pod mounts exists, and with which keys"),
    read(SERVICE_ACCOUNTS, &["sa"], "identities and image pull secrets, by name"),
    read(CLAIMS, &["pvc"], "storage that pods wait for"),
    read(VOLUMES, &["pv"], "what a claim may bind to"),
    read(STORAGE_CLASSES, &["sc"], "who provisions a claim, and when"),
    read(VOLUME_ATTACHMENTS, &[], "volumes that do not attach to their node"),
    read(NODES, &["no"], "conditions, taints and room"),
    read(LEASES, &[], "node heartbeats and who leads"),
    read(QUOTAS, &["quota"], "whether a namespace is full"),
    read(LIMIT_RANGES, &["limits"], "limits given to containers that name none"),
    read(REPLICATION_CONTROLLERS, &["rc"], "owners of old-style pods"),
    read(DEPLOYMENTS, &["deploy"], "desired and ready replicas, and the rollout"),
    read(REPLICA_SETS, &["rs"], "revisions of a Deployment"),
    read(STATEFUL_SETS, &["sts"], "desired and ready replicas, and the rollout"),
    read(DAEMON_SETS, &["ds"], "desired and ready pods, node by node"),
    read(CONTROLLER_REVISIONS, &[], "revisions of a StatefulSet or DaemonSet"),
    read(JOBS, &[], "runs that failed or did not end"),
    read(CRON_JOBS, &["cj"], "schedules and suspensions"),
    read(AUTOSCALERS, &["hpa"], "who set the number of replicas, and what held it"),
    read(BUDGETS, &["pdb"], "what blocks a drain"),
    read(INGRESSES, &["ing"], "routes from outside to a Service"),
    read(INGRESS_CLASSES, &[], "whether anything serves an Ingress"),
    read(NETWORK_POLICIES, &["netpol"], "traffic that is not let through"),
    read(PRIORITY_CLASSES, &["pc"], "what may preempt a pod"),
    read(RUNTIME_CLASSES, &[], "runtimes that a pod may ask for"),
    read(VALIDATING_WEBHOOKS, &[], "who may refuse a new object"),
    read(MUTATING_WEBHOOKS, &[], "who may change a new object"),
    read(ROLES, &[], "rights that a workload lacks"),
    read(ROLE_BINDINGS, &[], "who holds a Role"),
    read(CLUSTER_ROLES, &[], "rights that a workload lacks"),
    read(CLUSTER_ROLE_BINDINGS, &[], "who holds a ClusterRole"),
    read(CUSTOM_RESOURCES, &["crd", "crds"], "which custom kinds there are"),
    read(API_SERVICES, &[], "aggregated APIs that do not answer"),
    read(POD_METRICS, &[], "what pods use"),
    read(NODE_METRICS, &[], "what nodes use"),
];

const fn read(resource: Resource, short_names: &'static [&'static str], why: &'static str) -> Read {
    Read { resource, short_names, why }
}

/// The subresources that are read.
pub const SUBRESOURCES: &[(Resource, &str)] = &[(PODS, "log")];

/// Selects what Helm keeps its releases in.
pub const HELM: &str = "owner=helm";

/// Where Secrets are listed, those of Helm alone and in the form without values.
const SECRETS_METADATA: &[&str] = &["/api/v1/secrets", "/api/v1/namespaces/{namespace}/secrets"];

/// Paths that are no resources: version, health and the groups that are served.
pub const PATHS: &[&str] =
    &[version::VERSION, version::READY, "/livez", discovery::CORE, discovery::GROUPS];

/// Paths of custom kinds, which discovery finds. There are no subresources among them, nor the core group, where Secrets are.
const CUSTOM: &[&str] = &[
    "/apis/{group}/{version}/{plural}",
    "/apis/{group}/{version}/{plural}/{name}",
    "/apis/{group}/{version}/namespaces/{namespace}/{plural}",
    "/apis/{group}/{version}/namespaces/{namespace}/{plural}/{name}",
];

/// Paths of the plain form of discovery, for servers without the aggregated one.
const PLAIN_DISCOVERY: &[&str] = &["/api/v1", "/apis/{group}/{version}"];

/// Everything that may be sent to an API server. What cannot stand on such a list is not on it, and so not sent.
pub(crate) fn allow_list() -> AllowList {
    let mut reads = Vec::new();
    for template in templates() {
        reads.extend(allow::Read::new(Method::GET, &template));
    }
    for template in SECRETS_METADATA {
        let read = allow::Read::new(Method::GET, template);
        let read = read.map(|it| it.in_form(METADATA_LIST).with_query("labelSelector", HELM));
        reads.extend(read);
    }
    for question in [access::ACCESS_REVIEWS, access::RULES_REVIEWS] {
        reads.extend(allow::Read::new(Method::POST, question));
    }
    AllowList::new(reads)
}

fn templates() -> Vec<String> {
    let fixed = PATHS.iter().chain(PLAIN_DISCOVERY).chain(CUSTOM);
    let mut templates: Vec<String> = fixed.map(|path| (*path).to_owned()).collect();
    for Read { resource, .. } in TABLE {
        let root = match resource.group.as_ref() {
            "" => format!("/api/{}", resource.version),
            group => format!("/apis/{group}/{}", resource.version),
        };
        let plural = &resource.plural;
        templates.push(format!("{root}/{plural}"));
        if resource.namespaced {
            templates.push(format!("{root}/namespaces/{{namespace}}/{plural}"));
            templates.push(format!("{root}/namespaces/{{namespace}}/{plural}/{{name}}"));
        } else {
            templates.push(format!("{root}/{plural}/{{name}}"));
        }
    }
    for (resource, subresource) in SUBRESOURCES {
        let plural = &resource.plural;
        templates.push(format!("/api/v1/namespaces/{{namespace}}/{plural}/{{name}}/{subresource}"));
    }
    templates
}
