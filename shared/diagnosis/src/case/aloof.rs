//! Workloads that have to do with nobody else in the cluster.

use super::Case;
use super::containers::EVERYBODYS;
use super::peers::{Meant, peers_in};
use evidence::entity::Entity;
use evidence::fact::spec::{Container, PodSpec, VolumeRef};
use std::collections::BTreeSet;
use std::slice;

/// What Kubernetes mounts into every pod by itself: `ServiceAccountAdmission` of `plugin/pkg/admission/serviceaccount`.
const TOKEN: &str = "kube-api-access-";

impl Case {
    /// Whether nobody can call a workload, and it calls nobody of the cluster: no Service leads to it, it has no account of its
    /// own that may have rights, and nothing that it is told names a Service. What nobody could read may name one; where the
    /// look at workloads or Services was refused, nobody can say of any that it has to do with another.
    pub fn is_aloof(&self, entity: &Entity) -> bool {
        if !matches!(entity.kind.as_str(), "Deployment" | "StatefulSet") {
            return false;
        }
        let place = slice::from_ref(&entity.namespace);
        if [entity.kind.as_str(), "Service"].iter().any(|it| self.failed_to_look(it, place)) {
            return true;
        }
        let Some(workload) = self.workload(entity).seen() else { return false };
        let (namespace, spec) = (&workload.it.meta.namespace, &workload.it.template);
        matches!(spec.service_account.as_str(), "" | "default")
            && self.looked("Service", namespace)
            && !spec.containers.is_empty()
            && !spec.host_network
            && spec.volumes.iter().all(is_plain)
            && spec.containers.iter().all(reads_no_secret)
            && self.services_before(workload.it).next().is_none()
            && self.ask_for_destinations(&BTreeSet::from([entity])).is_empty()
            && self.calls_of(entity).is_empty()
            && !self.is_told_of_services(spec, namespace)
    }

    fn is_told_of_services(&self, spec: &PodSpec, namespace: &str) -> bool {
        let words = spec.containers.iter().flat_map(|it| it.command.iter().chain(&it.args));
        let told = self.destinations(spec, namespace).into_iter().chain(words.map(String::as_str));
        let mut peers = told.flat_map(|it| it.split('=')).flat_map(peers_in);
        peers.any(|it| matches!(self.meant(&it, namespace), Meant::Service(_) | Meant::Unknown))
    }
}

fn is_plain(volume: &VolumeRef) -> bool {
    match volume.object.kind.as_str() {
        "emptyDir" | "downwardAPI" | "ConfigMap" | "PersistentVolumeClaim" => true,
        "projected" => volume.volume.starts_with(TOKEN),
        _ => volume.object.name == EVERYBODYS,
    }
}

fn reads_no_secret(container: &Container) -> bool {
    let variables = container.env.iter().filter_map(|it| it.from.as_ref());
    variables.chain(&container.env_from).all(|it| it.kind != "Secret")
}
