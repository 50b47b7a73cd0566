//! What a pod is meant to be: shared by pods, workload templates and their revisions.

use super::meta::Requirement;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parts of a pod's `spec` that a diagnosis may need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PodSpec {
    /// Containers, init containers first, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// Volumes that name another object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VolumeRef>,
    /// `serviceAccountName`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_account: String,
    /// Names of `imagePullSecrets`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pull_secrets: Vec<String>,
    /// `nodeName` as written in a template; in a pod, the node that it was given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub node_name: String,
    /// `nodeSelector`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Required node affinity: one of these must hold whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub node_affinity: Vec<Vec<Requirement>>,
    /// Required pod affinity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pod_affinity: Vec<PodTerm>,
    /// Required pod anti-affinity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pod_anti_affinity: Vec<PodTerm>,
    /// Topology keys of spread constraints that say `DoNotSchedule`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spread: Vec<String>,
    /// Tolerations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// `schedulerName`, unless it is the default one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scheduler: String,
    /// Names of `schedulingGates`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<String>,
    /// `priorityClassName`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub priority_class: String,
    /// `priority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// `runtimeClassName`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime_class: String,
    /// `hostNetwork`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub host_network: bool,
    /// `dnsPolicy`, unless it is `ClusterFirst`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dns_policy: String,
    /// `dnsConfig.nameservers`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<String>,
    /// `dnsConfig.searches`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<String>,
    /// `hostAliases`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_aliases: Vec<HostAlias>,
    /// `restartPolicy`, unless it is `Always`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub restart_policy: String,
    /// `securityContext` that differs from the default, as `runAsNonRoot=true`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<String>,
}

/// Names that the pod's hosts file pins to an address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HostAlias {
    /// The address.
    pub address: String,
    /// The names.
    pub names: Vec<String>,
}

/// One container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// The image, as written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// `imagePullPolicy`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pull_policy: String,
    /// It is an init container (a sidecar too).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub init: bool,
    /// It is an init container that keeps running.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sidecar: bool,
    /// `command`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// `args`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// `workingDir`; empty where the image's own counts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Declared ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Requested resources, as written: `cpu`, `memory`, ...
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, String>,
    /// Resource limits, as written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, String>,
    /// Liveness probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Probe>,
    /// Readiness probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Probe>,
    /// Startup probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Probe>,
    /// Environment variables, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    /// Objects whose keys all become variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_from: Vec<ObjectRef>,
    /// Volume mounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// `securityContext`, as `runAsNonRoot=true`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<String>,
}

/// A declared container port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Port {
    /// Its name, where it has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its number.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`; empty for `TCP`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol: String,
    /// `hostPort`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<u16>,
}

/// A probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Probe {
    /// `http`, `https`, `tcp`, `grpc` or `exec`.
    pub handler: String,
    /// The port as written, a number or a name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub port: String,
    /// The path of an HTTP probe, or the command of an exec probe.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// `initialDelaySeconds`.
    pub delay: u32,
    /// `periodSeconds`.
    pub period: u32,
    /// `timeoutSeconds`.
    pub timeout: u32,
    /// `failureThreshold`.
    pub failures: u32,
}

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value, redacted where it may be secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where its value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<ObjectRef>,
}

/// A reference to a ConfigMap, Secret or claim, and to one of its keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ObjectRef {
    /// `ConfigMap`, `Secret`, `PersistentVolumeClaim` or `ServiceAccount`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The key wanted of it; empty for the whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The pod may start without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A volume that names another object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VolumeRef {
    /// The volume's name in the pod.
    pub volume: String,
    /// What it mounts; for other volumes `kind` is the volume's type, such as `emptyDir`.
    pub object: ObjectRef,
    /// Keys that are mounted, where not all are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// A volume mount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Mount {
    /// The volume's name in the pod.
    pub volume: String,
    /// Where it appears.
    pub path: String,
    /// Only one file or folder of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub_path: String,
    /// It may only be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

/// One term of a required pod affinity or anti-affinity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PodTerm {
    /// The pods meant.
    pub selector: super::meta::Selector,
    /// The node label that makes two places one.
    pub topology: String,
    /// Namespaces of the pods meant, where they are not the pod's own; `*` where a selector picks them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

/// A toleration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Toleration {
    /// The taint's key; empty with `Exists` for all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// `Equal` or `Exists`; empty for `Equal`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// The taint's value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The effect; empty for all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub effect: String,
}
