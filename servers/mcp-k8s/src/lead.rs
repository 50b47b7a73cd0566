//! What the lead does with this server beside asking it: lays it over a snapshot, records it, prints its rights.

use crate::server::{Kubernetes, UNOPENED};
use clients::kubernetes::connection::{Cluster, Kubernetes as Client, Wire};
use clients::kubernetes::settings::KubernetesSettings;
use clients::kubernetes::{rbac, redact};
use jiff::Timestamp;
use mcp::failure::Failure;
use mcp::server::Server;
use mcp::upstream::unopened;
use serde_json::Value;
use std::sync::Arc;

/// The namespace of a snapshot that names none, as in a kubeconfig.
const DEFAULT_NAMESPACE: &str = "default";

impl Kubernetes {
    /// The cluster of that name as `wire` answers for it, at a moment that stands still.
    pub fn replaying(wire: Wire, cluster: &str, now: Timestamp) -> Self {
        let cluster = Cluster {
            name: cluster.to_owned(),
            namespace: DEFAULT_NAMESPACE.to_owned(),
            address: "snapshot".to_owned(),
        };
        Kubernetes::over(Client::over(wire, cluster, Arc::new(move || now)))
    }

    /// The cluster that the settings name, with what `listen` makes of the way to it. Connects at once.
    ///
    /// # Errors
    /// Where there is no cluster configured, or its configuration or credentials cannot be used.
    pub async fn recorded(
        settings: &KubernetesSettings,
        listen: impl FnOnce(Wire) -> Wire,
    ) -> Result<Self, Failure> {
        let client = Client::open_through(settings, listen).await;
        let client = client.map_err(|error| unopened(&error, UNOPENED))?;
        Ok(Kubernetes::over(client))
    }

    /// The cluster's name; empty where none is configured, which the first question will say.
    pub async fn cluster_name(&self) -> String {
        self.client().await.map(|client| client.cluster().name.clone()).unwrap_or_default()
    }
}

/// Takes the secrets out of one object, as it is written into a snapshot.
pub fn without_secrets(object: &mut Value) {
    redact::in_process(object);
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
    crate::tools::server(Arc::new(Kubernetes::open(nowhere, false)))
}
