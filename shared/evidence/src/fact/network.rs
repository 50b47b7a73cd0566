//! How callers reach pods: Services, endpoints, Ingresses and network policies.

use super::meta::{Meta, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Service {
    /// Its metadata.
    pub meta: Meta,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    #[serde(rename = "type")]
    pub kind: String,
    /// It has no address of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub headless: bool,
    /// Its own addresses, `clusterIPs`; none where it is headless.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// `externalName`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub external_name: String,
    /// The pods that it leads to; empty where somebody else writes its endpoints.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// Ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
    /// `publishNotReadyAddresses`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub publishes_not_ready: bool,
    /// `sessionAffinity` is `ClientIP`: each caller stays at one pod.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sticky: bool,
    /// `internalTrafficPolicy` is `Local`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub internal_local: bool,
    /// `externalTrafficPolicy` is `Local`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub external_local: bool,
    /// Addresses of its load balancer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub balancer: Vec<String>,
}

/// A Service's port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServicePort {
    /// Its name, where it has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The port that callers use.
    pub port: u16,
    /// The pods' port, a number or a name.
    pub target: String,
    /// `TCP`, `UDP` or `SCTP`; empty for `TCP`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol: String,
    /// `appProtocol`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub app_protocol: String,
    /// The port of every node that leads to it, `nodePort`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_port: Option<u16>,
}

/// The EndpointSlices of one Service, taken together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Endpoints {
    /// The Service's namespace.
    pub namespace: String,
    /// The Service.
    pub service: String,
    /// Addresses that are ready.
    pub ready: u32,
    /// Addresses that are not.
    pub not_ready: u32,
    /// The pods' ports, as the slices have them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<super::spec::Port>,
    /// Pods behind it; the first 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pods: Vec<String>,
    /// Nodes on which a ready address is; empty where the slices do not say it of all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// Those of its slices that no controller of Kubernetes keeps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<WrittenSlice>,
}

/// An EndpointSlice that somebody writes who is no controller of Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct WrittenSlice {
    /// Its metadata.
    pub meta: Meta,
    /// Addresses that are in it; the first 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// An Ingress.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ingress {
    /// Its metadata.
    pub meta: Meta,
    /// `ingressClassName`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub class: String,
    /// Where it sends what; the default backend has neither host nor path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Secrets with its certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tls_secrets: Vec<String>,
    /// Addresses that it was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// One rule of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Route {
    /// The host; empty for all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// `pathType` is `Exact`: nothing below the path is meant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// The Service that it leads to.
    pub service: String,
    /// That Service's port, a number or a name.
    pub port: String,
}

/// A NetworkPolicy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// The pods that it isolates.
    pub pods: Selector,
    /// It isolates them for what comes in.
    pub isolates_ingress: bool,
    /// It isolates them for what goes out.
    pub isolates_egress: bool,
    /// What may come in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<Allowance>,
    /// What may go out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<Allowance>,
}

/// One rule of a NetworkPolicy: these peers (none named: all) on these ports (none named: all).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Allowance {
    /// Who.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
    /// Ports as `TCP/8080`, `TCP/8000-8080` or `TCP/http`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<String>,
}

/// One peer of a network policy's rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Peer {
    /// Pods with these labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<Selector>,
    /// In namespaces with these labels; none for the policy's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Selector>,
    /// An address block, with what it leaves out, as `10.0.0.0/8 except 10.1.0.0/16`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub block: String,
}
