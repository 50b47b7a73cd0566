//! Who owns what, from a pod up to the object that a human would change.

use super::{Case, Sort, looking};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::Meta;
use evidence::fact::network::Service;
use evidence::fact::pod::Pod;
use evidence::fact::workload::{Revision, Workload};

impl Case {
    /// The topmost known owner of an object: itself where nothing owns it.
    pub fn root_of(&self, meta: &Meta, kind: &str) -> Entity {
        let mut at = meta.entity(kind);
        let mut owner = meta.owner.clone();
        // Owners form short chains; the bound only guards against a cycle in what was read.
        for _ in 0..8 {
            let Some(next) = owner else { return at };
            owner = self.owner_of(&next);
            at = next;
        }
        at
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
        let (name, _) = replica_set.name.rsplit_once('-')?;
        let deployment = Entity::new("Deployment", &replica_set.namespace, name);
        self.workload(&deployment).seen().map(|_| deployment)
    }

    /// The pods below an object, by name.
    pub fn pods_of(&self, root: &Entity) -> impl Iterator<Item = Seen<'_, Pod>> {
        let pods = self.pods_by_root.get(root).map(Vec::as_slice).unwrap_or_default();
        pods.iter().filter_map(|at| self.typed(*at, looking::pod))
    }

    /// The objects at the top of pods' owners, each with its pods.
    pub fn roots(&self) -> impl Iterator<Item = &Entity> {
        self.pods_by_root.keys()
    }

    /// A workload's revisions, the newest first.
    pub fn revisions_of(&self, workload: &Entity) -> Vec<Seen<'_, Revision>> {
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

    /// Pods that a Service's selector picks; none where it has no selector.
    pub fn selected_by<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = Seen<'a, Pod>> + 'a {
        self.pods().filter(move |pod| {
            !service.selector.is_empty()
                && pod.meta.namespace == service.meta.namespace
                && service
                    .selector
                    .iter()
                    .all(|(key, value)| pod.meta.labels.get(key) == Some(value))
        })
    }

    /// Workloads whose pod template a Service's selector picks, pods or none.
    pub fn workloads_behind<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = Seen<'a, Workload>> + 'a {
        self.workloads().filter(move |workload| {
            !service.selector.is_empty()
                && workload.meta.namespace == service.meta.namespace
                && service
                    .selector
                    .iter()
                    .all(|(key, value)| workload.template_labels.get(key) == Some(value))
        })
    }

    /// Services that lead to a workload's pods.
    pub fn services_before<'a>(
        &'a self,
        workload: &'a Workload,
    ) -> impl Iterator<Item = Seen<'a, Service>> + 'a {
        self.services().filter(move |service| {
            !service.selector.is_empty()
                && service.meta.namespace == workload.meta.namespace
                && service
                    .selector
                    .iter()
                    .all(|(key, value)| workload.template_labels.get(key) == Some(value))
        })
    }

    /// The objects whose pods mount a claim, ConfigMap or Secret.
    pub fn mounters(&self, mounted: &Entity) -> Vec<Entity> {
        let mut roots: Vec<Entity> = self
            .pods()
            .filter(|pod| pod.meta.namespace == mounted.namespace)
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
}
