//! What the command line does with this server beside running it: lays it over a snapshot, lists its tools, prints its
//! rights.

use crate::server::Helm;
use clients::helm::connection::Helm as Client;
use clients::helm::rbac;
use clients::kubernetes::connection::{Cluster, Wire};
use clients::kubernetes::settings::KubernetesSettings;
use jiff::Timestamp;
use mcp::server::Server;
use std::sync::Arc;

/// The namespace of a snapshot that names none, as in a kubeconfig.
const DEFAULT_NAMESPACE: &str = "default";

impl Helm {
    /// The cluster of that name as `wire` answers for it, at a moment that stands still.
    pub fn replaying(wire: Wire, cluster: &str, now: Timestamp) -> Self {
        let cluster = Cluster {
            name: cluster.to_owned(),
            namespace: DEFAULT_NAMESPACE.to_owned(),
            address: "snapshot".to_owned(),
        };
        Helm::over(Client::over(wire, cluster, Arc::new(move || now)))
    }
}

/// The rights that the tools need, as a `ClusterRole`, or as a `Role` for one namespace; YAML.
pub fn rights(name: &str, namespace: Option<&str>) -> String {
    match namespace {
        Some(namespace) => rbac::role(name, namespace),
        None => rbac::cluster_role(name),
    }
}

/// The server with no cluster behind it: enough to list its tools.
pub fn unconnected() -> Server {
    let nowhere = KubernetesSettings {
        kubeconfig: None,
        context: Vec::new(),
        request_timeout: 1,
        allow_overprivileged: false,
    };
    crate::tools::server(Arc::new(Helm::open(nowhere, false)))
}
