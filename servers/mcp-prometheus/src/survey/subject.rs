//! From labels to the objects that they are about.

use crate::ask::Desk;
use clients::prometheus::series::Labels;
use evidence::entity::Entity;
use std::collections::{BTreeMap, BTreeSet};

/// The label that queries of ours make from a pod's name.
pub(crate) const WORKLOAD: &str = "workload";

/// What a row's series are about, by which labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// `namespace`, `pod`; the container is the part.
    Container,
    /// `namespace`, `pod`; the node is the part.
    PodOnNode,
    /// `namespace` and the first of `workload`, `service`, `job`; the named label is the part.
    Serving(&'static str),
    /// The same, that calls whom the label names by its host.
    Calling(&'static str),
    /// Istio's `destination_workload`.
    MeshServing,
    /// Istio's `source_workload`, that calls `destination_workload`.
    MeshCalling,
    /// `node`, or the node at `instance`; the named label is the part.
    Node(&'static str),
    /// `namespace`, `persistentvolumeclaim`.
    Claim,
    /// `namespace`, `resourcequota`; the resource is the part.
    Quota,
    /// `namespace`, `horizontalpodautoscaler`.
    Autoscaler,
    /// cert-manager's `exported_namespace` or `namespace`, and `name`.
    Certificate,
    /// The host in `instance`, that a probe asks.
    Probed,
    /// The API server; the named label is the part.
    Apiserver(&'static str),
    /// A member of etcd, by its pod or `instance`.
    Etcd,
    /// `consumergroup`; the topic is the part.
    Consumer,
}

/// A series' object.
pub(crate) struct Subject {
    pub(crate) subject: Entity,
    pub(crate) part: String,
    pub(crate) peer: Option<Entity>,
}

/// The nodes behind addresses.
#[derive(Default)]
pub(crate) struct Names {
    /// Node by instance, or by the address in it.
    nodes: BTreeMap<String, String>,
}

impl Names {
    /// Reads who is who, as far as there are metrics that tell.
    pub(crate) async fn read(desk: &Desk, there: &BTreeSet<&str>) -> Names {
        let mut names = Names::default();
        for (metric, key, value) in
            [("node_uname_info", "instance", "nodename"), ("kube_node_info", "internal_ip", "node")]
        {
            if !there.contains(metric) {
                continue;
            }
            // Without it, the address stands for the node: worse, and not wrong.
            let Ok(found) = desk.series(metric, desk.now).await else { continue };
            for series in found.series {
                if let (Some(key), Some(value)) = (series.labels.get(key), series.labels.get(value))
                {
                    names.nodes.insert(key.clone(), value.clone());
                }
            }
        }
        names
    }

    fn node(&self, labels: &Labels) -> Option<Entity> {
        let named = labels.get("node").or_else(|| labels.get("nodename"));
        if let Some(name) = named.filter(|it| !it.is_empty()) {
            return Some(Entity::new("Node", "", name));
        }
        let instance = labels.get("instance")?;
        let host = host(instance);
        let name = self.nodes.get(instance).or_else(|| self.nodes.get(host));
        Some(Entity::new("Node", "", name.map_or(host, String::as_str)))
    }
}

impl About {
    /// The object of a series; none where its labels do not tell.
    pub(crate) fn read(self, labels: &Labels, names: &Names) -> Option<Subject> {
        let label = |name: &str| labels.get(name).map(String::as_str).filter(|it| !it.is_empty());
        let part = |name: &str| label(name).unwrap_or_default().to_owned();
        let of = |subject: Entity| Subject { subject, part: String::new(), peer: None };
        let in_namespace =
            |kind: &str, name: &str| Some(Entity::new(kind, label("namespace")?, label(name)?));
        Some(match self {
            About::Container => {
                Subject { part: part("container"), ..of(in_namespace("Pod", "pod")?) }
            }
            About::PodOnNode => Subject { part: part("node"), ..of(in_namespace("Pod", "pod")?) },
            About::Serving(name) => Subject { part: part(name), ..of(serving(labels)?) },
            About::Calling(name) => {
                let subject = serving(labels)?;
                let peer = peer(label(name)?, &subject.namespace);
                Subject { peer: Some(peer), ..of(subject) }
            }
            About::MeshServing => of(mesh(labels, "destination")?),
            About::MeshCalling => {
                Subject { peer: Some(mesh(labels, "destination")?), ..of(mesh(labels, "source")?) }
            }
            About::Node(name) => Subject { part: part(name), ..of(names.node(labels)?) },
            About::Claim => of(in_namespace("PersistentVolumeClaim", "persistentvolumeclaim")?),
            About::Quota => Subject {
                part: part("resource"),
                ..of(in_namespace("ResourceQuota", "resourcequota")?)
            },
            About::Autoscaler => {
                of(in_namespace("HorizontalPodAutoscaler", "horizontalpodautoscaler")?)
            }
            About::Certificate => {
                let namespace = label("exported_namespace").or_else(|| label("namespace"))?;
                of(Entity::new("Certificate", namespace, label("name")?))
            }
            About::Probed => {
                let target = label("instance")?;
                of(peer(target, label("namespace").unwrap_or_default()))
            }
            About::Apiserver(name) => {
                Subject { part: part(name), ..of(Entity::new("Service", "default", "kubernetes")) }
            }
            About::Etcd => match (label("namespace"), label("pod")) {
                (Some(namespace), Some(pod)) => of(Entity::new("Pod", namespace, pod)),
                _ => of(Entity::new("Etcd", "", host(label("instance")?))),
            },
            About::Consumer => Subject {
                part: part("topic"),
                ..of(Entity::new("ConsumerGroup", "", label("consumergroup")?))
            },
        })
    }
}

/// The workload, or the Service, or what its scrape job is called.
fn serving(labels: &Labels) -> Option<Entity> {
    let label = |name: &str| labels.get(name).map(String::as_str).filter(|it| !it.is_empty());
    let namespace = label("namespace")?;
    if let Some(name) = label(WORKLOAD) {
        return Some(Entity::new("Deployment", namespace, name));
    }
    if let Some(name) = label("service") {
        return Some(Entity::new("Service", namespace, name));
    }
    let job = label("job")?;
    Some(Entity::new("Service", namespace, job.rsplit('/').next().unwrap_or(job)))
}

fn mesh(labels: &Labels, side: &str) -> Option<Entity> {
    let label = |name: &str| {
        labels.get(name).map(String::as_str).filter(|it| !it.is_empty() && *it != "unknown")
    };
    let namespace = label(&format!("{side}_workload_namespace"))?;
    Some(Entity::new("Deployment", namespace, label(&format!("{side}_workload"))?))
}

/// Who is called by a host: a Service of the cluster where it may be one, else the host itself.
fn peer(target: &str, from: &str) -> Entity {
    let host = host(target);
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        [name] if !from.is_empty() && !name.is_empty() => Entity::new("Service", from, name),
        [name, namespace] if !is_public(namespace) => Entity::new("Service", namespace, name),
        [name, namespace, "svc", ..] => Entity::new("Service", namespace, name),
        _ => Entity::new("Host", "", host),
    }
}

/// The host of `http://web.shop:8080/x` or `10.0.0.1:9100`.
fn host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |it| it.1);
    let rest = rest.split('/').next().unwrap_or(rest);
    rest.rsplit_once(':').map_or(rest, |it| it.0)
}

fn is_public(label: &str) -> bool {
    matches!(label, "com" | "org" | "net" | "io" | "dev" | "local" | "internal" | "localhost")
}

/// The object that a scrape target is.
pub(crate) fn of_target(labels: &Labels, names: &Names) -> Option<Entity> {
    let label = |name: &str| labels.get(name).map(String::as_str).filter(|it| !it.is_empty());
    if let (Some(namespace), Some(pod)) = (label("namespace"), label("pod")) {
        return Some(Entity::new("Pod", namespace, pod));
    }
    if let (Some(namespace), Some(service)) = (label("namespace"), label("service")) {
        return Some(Entity::new("Service", namespace, service));
    }
    let of_node = label("job").is_some_and(|it| it.contains("node") || it.contains("kubelet"));
    if of_node { names.node(labels) } else { None }
}

#[cfg(test)]
mod tests {
    use super::peer;

    #[test]
    fn hosts_of_the_cluster_are_services() {
        let told = |host: &str| peer(host, "shop").to_string();
        assert_eq!(told("catalog:8080"), "Service shop/catalog");
        assert_eq!(told("http://catalog.data/x"), "Service data/catalog");
        assert_eq!(told("catalog.data.svc.cluster.local"), "Service data/catalog");
        assert_eq!(told("api.example.com:443"), "Host api.example.com");
    }
}
