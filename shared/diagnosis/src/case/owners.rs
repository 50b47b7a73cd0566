//! Who owns what, from a pod up to the object that a human would change.

use super::keys::Sort;
use super::selecting::selects;
use super::touching::NEWS;
use super::{Case, looking};
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::pod::Pod;
use evidence::fact::workload::{Revision, Workload};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A new workload has come to rest after this long.
const SETTLING: SignedDuration = SignedDuration::from_mins(10);

impl Case {
    /// The topmost known owner of an object: itself where nothing owns it.
    pub fn root_of(&self, meta: &Meta, kind: &str) -> Entity {
        self.owners_of(meta).pop().unwrap_or_else(|| meta.entity(kind))
    }

    /// The known owners of an object, the topmost last.
    pub(super) fn owners_of(&self, meta: &Meta) -> Vec<Entity> {
        let mut owners = Vec::new();
        let mut owner = meta.owner.clone();
        // Owners form short chains; the bound only guards against a cycle in what was read.
        while let Some(next) = owner.filter(|_| owners.len() < 8) {
            owner = self.owner_of(&next);
            owners.push(next);
        }
        owners
    }

    fn owner_of(&self, entity: &Entity) -> Option<Entity> {
        let sort = match entity.kind.as_str() {
            "ReplicaSet" | "ControllerRevision" => Sort::Revision,
            "Job" => Sort::Job,
            "Deployment" | "StatefulSet" | "DaemonSet" => Sort::Workload,
            _ => Sort::Object,
        };
        let key = super::Key { sort, entity: entity.clone(), detail: String::new() };
        match self.index.get(&key).and_then(|at| self.body(*at)) {
            Some(Body::Revision(it)) => it.meta.owner.clone(),
            Some(Body::Job(it)) => it.meta.owner.clone(),
            Some(Body::Workload(it)) => it.meta.owner.clone(),
            Some(_) => None,
            None if entity.kind == "ReplicaSet" => self.deployment_of_unseen(entity),
            None => None,
        }
    }

    /// A ReplicaSet that was not read bears its Deployment's name and a hash.
    fn deployment_of_unseen(&self, replica_set: &Entity) -> Option<Entity> {
        let (name, hash) = replica_set.name.rsplit_once('-')?;
        let deployment = Entity::new("Deployment", &replica_set.namespace, name);
        let is_there = match self.workload(&deployment) {
            Presence::Present(_) => true,
            Presence::Absent => false,
            Presence::Unknown => is_template_hash(hash),
        };
        is_there.then_some(deployment)
    }

    /// The pods below an object, by name.
    pub fn pods_of(&self, owner: &Entity) -> impl Iterator<Item = Seen<'_, Pod>> {
        let pods = self.pods_by_root.get(owner).or_else(|| self.pods_by_owner.get(owner));
        let pods = pods.map(Vec::as_slice).unwrap_or_default();
        pods.iter().filter_map(|at| self.typed(*at, looking::pod))
    }

    /// The objects at the top of pods' owners, each with its pods.
    pub fn roots(&self) -> impl Iterator<Item = &Entity> {
        self.pods_by_root.keys()
    }

    /// The newest revision of a workload, and the one before it.
    pub fn two_newest(&self, owner: &Entity) -> Option<(Seen<'_, Revision>, Seen<'_, Revision>)> {
        let mut revisions = self.revisions_of(owner).into_iter();
        Some((revisions.next()?, revisions.next()?))
    }

    /// The revisions of a workload, or of the only one that a custom object owns; the newest first.
    pub fn revisions_of(&self, owner: &Entity) -> Vec<Seen<'_, Revision>> {
        let workload = self.only_workload_of(owner);
        let workload = workload.as_ref().unwrap_or(owner);
        let mut revisions: Vec<_> = self
            .revisions()
            .filter(|revision| revision.meta.owner.as_ref() == Some(workload))
            .collect();
        revisions.sort_by(|left, right| {
            (right.number, right.meta.created, &right.meta.name).cmp(&(
                left.number,
                left.meta.created,
                &left.meta.name,
            ))
        });
        revisions
    }

    /// The only workload that a custom object owns.
    fn only_workload_of(&self, owner: &Entity) -> Option<Entity> {
        if matches!(owner.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
            return None;
        }
        let mut owned =
            self.workloads_in(&owner.namespace).filter(|it| it.meta.owner.as_ref() == Some(owner));
        let first = owned.next()?;
        owned.next().is_none().then(|| first.meta.entity(&first.kind))
    }

    /// Pods that a Service's selector picks; none where it has no selector.
    pub fn selected_by<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = Seen<'a, Pod>> + 'a {
        let (namespace, name) = (service.meta.namespace.as_str(), service.meta.name.as_str());
        let pods = self.pods_by_service.get(namespace).and_then(|it| it.get(name));
        let pods = pods.map(Vec::as_slice).unwrap_or_default();
        pods.iter().filter_map(|at| self.typed(*at, looking::pod))
    }

    /// The pods of each Service's selector, by its namespace and name.
    pub(super) fn pods_selected(&self) -> BTreeMap<String, BTreeMap<String, Vec<usize>>> {
        let mut selected: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for service in self.services().filter(|it| !it.it.selector.is_empty()) {
            let pods = self.pods_in(&service.meta.namespace);
            let pods = pods.filter(|pod| selects(service.it, &pod.meta.labels));
            let pods = pods.map(|pod| pod.exhibit).collect();
            let of_namespace = selected.entry(service.meta.namespace.clone()).or_default();
            of_namespace.insert(service.meta.name.clone(), pods);
        }
        selected
    }

    /// Workloads whose pod template a Service's selector picks, pods or none.
    pub fn workloads_behind<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = Seen<'a, Workload>> + 'a {
        self.workloads_in(&service.meta.namespace)
            .filter(move |workload| selects(service, &workload.template_labels))
    }

    /// Services that lead to a workload's pods.
    pub fn services_before<'a>(
        &'a self,
        workload: &'a Workload,
    ) -> impl Iterator<Item = Seen<'a, Service>> + 'a {
        self.services_in(&workload.meta.namespace)
            .filter(move |service| selects(service.it, &workload.template_labels))
    }

    /// The objects whose pods mount a claim, ConfigMap or Secret.
    pub fn mounters(&self, mounted: &Entity) -> Vec<Entity> {
        let mut roots: Vec<Entity> = self
            .pods_in(&mounted.namespace)
            .filter(|pod| {
                let mut objects = pod.it.spec.volumes.iter().map(|it| &it.object);
                objects.any(|it| it.kind == mounted.kind && it.name == mounted.name)
            })
            .map(|pod| self.root_of(&pod.meta, "Pod"))
            .collect();
        roots.sort();
        roots.dedup();
        roots
    }

    /// Since when a workload that runs nothing has run nothing, where that began after it was made: nothing but that has
    /// changed its status since.
    pub fn emptied(&self, workload: &Workload) -> Option<Timestamp> {
        let status = workload.meta.touches.iter().filter(|it| it.subresource == "status");
        let at = status.filter_map(|it| it.at).max()?;
        let made = workload.meta.created?;
        (workload.desired == 0 && at.duration_since(made) > SETTLING).then_some(at)
    }

    /// Whether somebody misses the pods of a workload that runs none: it ran some within a day, or somebody who runs is
    /// configured to call it.
    pub fn is_wanted(&self, workload: &Workload) -> bool {
        // KEDA scales to nothing what has nothing to do.
        let rests = self.objects().any(|it| {
            let target = it.it.fields.get("spec.scaleTargetRef.name");
            it.it.kind == "ScaledObject"
                && it.it.meta.namespace == workload.meta.namespace
                && target == Some(&workload.meta.name)
        });
        if rests {
            return false;
        }
        let lately = self.emptied(workload).is_some_and(|at| self.as_of.duration_since(at) < NEWS);
        let called = |service: Seen<'_, Service>| {
            let (namespace, name) = (&service.it.meta.namespace, &service.it.meta.name);
            self.is_used(namespace, name)
                || self.clients_of(namespace, name).any(|client| client.desired > 0)
        };
        lately || self.services_before(workload).any(called)
    }
}

/// Whether a text is a hash as a Deployment gives its ReplicaSets: the digits of a number of 32 bits, each as `SafeEncodeString`
/// of k8s.io/apimachinery/pkg/util/rand writes it.
fn is_template_hash(text: &str) -> bool {
    let safe = |c: char| "456789bcdf".contains(c);
    (6..=10).contains(&text.len()) && text.chars().all(safe)
}

#[cfg(test)]
mod tests {
    use super::is_template_hash;

    #[test]
    fn knows_the_hashes_of_deployments() {
        for (text, is) in [("68f7d685d8", true), ("5d8c4", false), ("vghjkm", false), ("1", false)]
        {
            assert_eq!(is_template_hash(text), is, "{text}");
        }
    }
}
