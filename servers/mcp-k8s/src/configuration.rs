//! What a cluster is made of: nodes in pools, what is installed, and what the API server says of itself.

pub(crate) mod installed;
pub(crate) mod pools;

use crate::survey::reading::Desk;
use crate::survey::record::Record;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::list::Metadata;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{DAEMON_SETS, INGRESS_CLASSES, NODES, STORAGE_CLASSES};
use installed::Installed;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::storage::v1::StorageClass;
use pools::Pools;

/// The annotation that makes a class the one that is taken where none is named.
const DEFAULT_STORAGE: &str = "storageclass.kubernetes.io/is-default-class";
/// The same for an Ingress.
const DEFAULT_INGRESS: &str = "ingressclass.kubernetes.io/is-default-class";

/// What was read of the cluster's objects.
#[derive(Default)]
pub(crate) struct Configuration {
    /// Nodes by their pool.
    pub(crate) pools: Pools,
    /// All nodes were read.
    pub(crate) all_nodes: bool,
    /// What DaemonSets and custom groups tell of.
    pub(crate) installed: Installed,
    /// `nginx (k8s.io/ingress-nginx), default`.
    pub(crate) ingress: Vec<String>,
    /// `standard (disk.csi.example.com), default`.
    pub(crate) storage: Vec<String>,
}

/// Reads nodes, DaemonSets and classes; what cannot be read is a gap in the record.
pub(crate) async fn read(desk: &Desk, record: &mut Record) -> Configuration {
    let mut found = Configuration::default();
    let options = ListOptions::default;
    let reach = Reach::Cluster;
    let kinds = [NODES, DAEMON_SETS, INGRESS_CLASSES, STORAGE_CLASSES];
    let [node, daemon_set, ingress_class, storage_class] = &kinds;
    let Configuration { pools, installed, ingress, storage, .. } = &mut found;
    let (nodes, daemons, ingress_classes, storage_classes) = tokio::join!(
        desk.each(node, reach, options(), |node: Node| pools.add(node)),
        desk.metadata(daemon_set, reach, "", |it: Metadata| installed.daemon_set(it)),
        desk.each(ingress_class, reach, options(), |class: IngressClass| {
            let controller = class.spec.and_then(|spec| spec.controller).unwrap_or_default();
            let marks = class.metadata.annotations.unwrap_or_default();
            let name = class.metadata.name.unwrap_or_default();
            ingress.push(described(&name, &controller, marks.get(DEFAULT_INGRESS)));
        }),
        desk.each(storage_class, reach, options(), |class: StorageClass| {
            let marks = class.metadata.annotations.unwrap_or_default();
            let name = class.metadata.name.unwrap_or_default();
            storage.push(described(&name, &class.provisioner, marks.get(DEFAULT_STORAGE)));
        }),
    );
    found.all_nodes = nodes.trouble.is_none();
    for mut reading in [nodes, daemons, ingress_classes, storage_classes] {
        // What was read is summed up, and no fact: a look would say that what is no fact is not there.
        reading.is_look = false;
        record.add(reading);
    }
    found
}

fn described(name: &str, by: &str, mark: Option<&String>) -> String {
    let default = if mark.is_some_and(|it| it == "true") { ", default" } else { "" };
    format!("{name} ({by}){default}")
}
