//! Names that workloads cannot resolve, and the cluster's name service that should answer.

use super::Case;
use super::complaints::Complaint;
use super::peers::Meant;
use super::words::said::Said;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::access::Config;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use evidence::question::Question;
use std::collections::BTreeMap;

/// Where the name service lives, in every distribution that keeps to the add-on's manifests.
pub const HOME: &str = "kube-system";

/// Where a distribution keeps the name service, and by which label its pods and by which names its Service and its
/// configuration are known.
#[derive(Debug)]
pub struct NameHome {
    /// The namespace.
    pub namespace: &'static str,
    /// The label of its pods.
    pub label: (&'static str, &'static str),
    /// The name of its Service.
    pub service: &'static str,
    /// The name of the ConfigMap that holds its Corefile.
    pub config: &'static str,
}

const USUAL: NameHome = NameHome {
    namespace: HOME,
    label: ("k8s-app", "kube-dns"),
    service: "kube-dns",
    config: "coredns",
};
/// OpenShift's operator keeps it in a namespace of its own.
const OPENSHIFT: NameHome = NameHome {
    namespace: "openshift-dns",
    label: ("dns.operator.openshift.io/daemonset-dns", "default"),
    service: "dns-default",
    config: "dns-default",
};

/// A name of a Service that is there, for which the resolver found no address or no answer.
#[derive(Clone, Debug)]
pub struct Unresolved<'a> {
    /// What the log says.
    pub complaint: Complaint<'a>,
    /// The Service that bears the name.
    pub service: Seen<'a, Service>,
}

impl Case {
    /// Complaints that the name service did not answer, or failed.
    pub fn unanswered(&self) -> Vec<Complaint<'_>> {
        let all = self.complaints().into_iter();
        all.filter(|it| matches!(it.said, Said::ResolverFailed { .. })).collect()
    }

    /// Complaints about the names of Services that are there. A headless Service without pods has no address, and is none.
    pub fn unresolved(&self) -> Vec<Unresolved<'_>> {
        let mut unresolved = Vec::new();
        for complaint in self.complaints() {
            let (Said::NameNotFound { name: Some(peer) }
            | Said::ResolverFailed { name: Some(peer) }) = &complaint.said
            else {
                continue;
            };
            let Meant::Service(service) = self.meant(peer, complaint.namespace()) else { continue };
            if service.headless && self.leads_nowhere(service).is_some() {
                continue;
            }
            unresolved.push(Unresolved { complaint, service });
        }
        unresolved
    }

    /// Where the name service lives in this cluster.
    pub fn name_home(&self) -> &'static NameHome {
        let openshift = self.namespaces().any(|it| it.meta.name == OPENSHIFT.namespace);
        home_in(if openshift { OPENSHIFT.namespace } else { USUAL.namespace })
    }

    /// The workload that answers names.
    pub fn name_server(&self) -> Option<Seen<'_, Workload>> {
        let home = self.name_home();
        self.workloads().find(|it| {
            it.meta.namespace == home.namespace && is_labelled(&it.template_labels, home)
        })
    }

    /// The workload that answers names; where it may not be seen, as its pods say whose they are.
    pub fn who_answers_names(&self) -> Option<Entity> {
        let server = self.name_server().map(|it| it.meta.entity(&it.kind));
        server.or_else(|| {
            let mut pods = self.pods().filter(|it| self.answers_names(&it.meta));
            pods.next().map(|it| self.root_of(&it.meta, "Pod"))
        })
    }

    /// The Service by whose address names are asked for.
    pub fn name_service(&self) -> Option<Seen<'_, Service>> {
        let home = self.name_home();
        let all = || self.services().filter(|it| it.meta.namespace == home.namespace);
        let named = all().find(|it| it.meta.name == home.service);
        named.or_else(|| all().find(|it| is_name_service(&it.meta)))
    }

    /// The port at which the name service's pods hear UDP, behind the Service's 53.
    pub fn name_port(&self) -> u16 {
        let service = self.name_service();
        let of_service = service.and_then(|it| it.it.ports.iter().find(|it| it.port == 53));
        let Some(target) = of_service.map(|it| it.target.as_str()) else { return 53 };
        let server = self.name_server();
        let mut declared =
            server.iter().flat_map(|it| &it.it.template.containers).flat_map(|it| &it.ports);
        let named = || declared.find(|it| it.name == target).map(|it| it.number);
        target.parse().ok().or_else(named).unwrap_or(53)
    }

    /// Whether pods ask a cache of their node for names, which asks the name service from the node's own network.
    pub fn caches_names(&self) -> bool {
        self.workloads_in(self.name_home().namespace).any(|it| {
            let mut ports = it.it.template.containers.iter().flat_map(|it| &it.ports);
            it.kind == "DaemonSet" && it.template.host_network && ports.any(|it| it.number == 53)
        })
    }

    /// Whether nobody ready answers names: by the Service's endpoints, or by the workload's count.
    pub fn name_server_is_down(&self) -> Option<bool> {
        if let Some(server) = self.name_server() {
            return Some(server.ready == 0);
        }
        let home = self.name_home();
        match self.endpoints(home.namespace, home.service) {
            Presence::Present(endpoints) => Some(endpoints.ready == 0),
            Presence::Absent | Presence::Unknown => None,
        }
    }

    /// What the name service is configured with, in parts.
    pub fn corefiles(&self) -> impl Iterator<Item = Seen<'_, Config>> {
        let home = self.name_home().namespace;
        self.configs().filter(move |it| it.meta.namespace == home && !it.corefile.is_empty())
    }

    /// Whether a pod is one of the name service's.
    pub fn answers_names(&self, meta: &Meta) -> bool {
        let home = self.name_home();
        meta.namespace == home.namespace && is_labelled(&meta.labels, home)
    }

    /// What would tell why names are not resolved.
    pub fn ask_about_names(&self) -> Vec<Question> {
        if self.unanswered().is_empty() && self.unresolved().is_empty() {
            return Vec::new();
        }
        let kinds = ["ConfigMap", "Deployment", "DaemonSet", "EndpointSlice", "Pod", "Service"];
        let home = self.name_home().namespace;
        let all =
            |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: home.to_owned() };
        kinds.into_iter().map(all).collect()
    }

    /// What a workload needs of the cluster itself, as its log tells: the name service, the network of its node;
    /// and as its pods tell that wait: who attaches its volumes, who makes a new node ready for it.
    pub fn rests_on(&self, entity: &Entity) -> Vec<Entity> {
        let mut needs = Vec::new();
        if self.unanswered().iter().any(|it| it.root() == entity) {
            needs.extend(self.who_answers_names());
        }
        let agents = self.absent_agents();
        for agent in agents.iter().filter(|it| it.victims.iter().any(|it| it.root() == entity)) {
            needs.push(agent.daemon.meta.entity("DaemonSet"));
        }
        needs.extend(self.storage_missed_by(entity));
        needs.extend(self.initialisers_missed_by(entity));
        needs.extend(self.plugins_missed_by(entity));
        needs
    }
}

/// The name service that lives in a namespace.
pub fn home_in(namespace: &str) -> &'static NameHome {
    if namespace == OPENSHIFT.namespace { &OPENSHIFT } else { &USUAL }
}

/// Whether a Service is the one by whose address every pod asks for names.
pub fn is_name_service(meta: &Meta) -> bool {
    [USUAL, OPENSHIFT].iter().any(|home| {
        let named = meta.name == home.service || is_labelled(&meta.labels, home);
        meta.namespace == home.namespace && named
    })
}

fn is_labelled(labels: &BTreeMap<String, String>, home: &NameHome) -> bool {
    let (key, value) = home.label;
    labels.get(key).is_some_and(|it| it == value)
}
