//! Reads everything that there is to read in a place, for a recording that serves questions nobody has asked yet.

use crate::server::Kubernetes;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::logs::LogOptions;
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use futures::stream::{self, StreamExt};
use k8s_openapi::api::core::v1::Pod;
use mcp::failure::Failure;
use serde_json::Value;

/// Reads at the same time.
const AT_ONCE: usize = 8;

impl Kubernetes {
    /// Reads every kind that is worth it and every log, of one namespace and of what has none, or of the whole cluster.
    /// Whoever listens on the wire hears the answers; what is denied they hear too.
    ///
    /// # Errors
    /// Where the cluster cannot be reached, or does not say which kinds it serves.
    pub async fn read_everything(&self, namespace: Option<&str>) -> Result<(), Failure> {
        let client = self.client().await?;
        let served = client.discover().await.map_err(|refusal| Failure::from(&refusal))?;
        let kinds = served.kinds.iter().filter(|it| it.verbs.iter().any(|verb| verb == "list"));
        let kinds = kinds.map(|it| it.resource.clone()).filter(|it| !it.is_secret());
        let wanted: Vec<Resource> = kinds.filter(is_worth_it).collect();
        let reach = namespace.map_or(Reach::Cluster, Reach::Namespace);
        stream::iter(&wanted)
            .for_each_concurrent(AT_ONCE, |resource| list(&client, resource, reach))
            .await;
        logs(&client, reach).await;
        Ok(())
    }
}

fn is_worth_it(resource: &Resource) -> bool {
    let is_known = reads::TABLE.iter().any(|read| read.resource == *resource);
    let plurals = rbac::CUSTOM.iter().find(|(group, _)| *group == resource.group);
    let is_custom = plurals
        .is_some_and(|(_, plurals)| plurals.split(", ").any(|plural| *plural == *resource.plural));
    is_known || is_custom
}

async fn list(client: &Client, resource: &Resource, reach: Reach<'_>) {
    let reach = if resource.namespaced { reach } else { Reach::Cluster };
    // A refusal is heard on the wire, and a snapshot says so.
    let _ = client.list::<Value>(resource, reach, &ListOptions::default()).await;
}

async fn logs(client: &Client, reach: Reach<'_>) {
    let listed = client.list::<Pod>(&reads::PODS, reach, &ListOptions::default()).await;
    let pods = listed.map(|listed| listed.items).unwrap_or_default();
    let mut runs = Vec::new();
    for pod in &pods {
        let (Some(namespace), Some(name)) = (&pod.metadata.namespace, &pod.metadata.name) else {
            continue;
        };
        let status = pod.status.iter();
        let statuses = status.flat_map(|it| {
            it.init_container_statuses.iter().chain(&it.container_statuses).flatten()
        });
        for container in statuses {
            runs.push((namespace, name, container.name.clone(), false));
            if container.restart_count > 0 {
                runs.push((namespace, name, container.name.clone(), true));
            }
        }
    }
    stream::iter(runs)
        .for_each_concurrent(AT_ONCE, |(namespace, pod, container, previous)| async move {
            let container = Some(container);
            let options = LogOptions { container, previous, ..LogOptions::default() };
            let _ = client.logs(namespace, pod, &options).await;
        })
        .await;
}
