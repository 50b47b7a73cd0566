//! Events that still mean something: rules R1 and R2.

use super::keys::{Key, Sort};
use super::{Case, looking};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::meta::Meta;
use jiff::SignedDuration;

impl Case {
    /// Events about an object that is there now, by reason and message. With R1 off, about any object of that name.
    pub fn events_about<'a>(
        &'a self,
        subject: &Entity,
    ) -> impl Iterator<Item = Seen<'a, Event>> + 'a {
        let events = self.events_by_subject.get(subject).map(Vec::as_slice).unwrap_or_default();
        let uid = self.uid_of(subject);
        let gone = uid.is_none() && self.looked(&subject.kind, &subject.namespace);
        events.iter().filter_map(|at| self.typed(*at, looking::event)).filter(move |event| {
            if !self.rules.live_objects {
                return true;
            }
            let same = match uid {
                // A kubelet speaks of its node under the node's name, not its uid.
                Some(_) if event.subject.kind == "Node" && event.uid == event.subject.name => true,
                Some(uid) if !uid.is_empty() && !event.uid.is_empty() => uid == event.uid,
                _ => !gone,
            };
            same && self.is_recent(event)
        })
    }

    /// Events of these reasons about an object that is there now.
    pub fn events_of<'a>(
        &'a self,
        subject: &Entity,
        reasons: &'static [&'static str],
    ) -> impl Iterator<Item = Seen<'a, Event>> + 'a {
        self.events_about(subject).filter(move |event| reasons.contains(&event.reason.as_str()))
    }

    /// The last event of a reason about a pod of an object that is no longer there: what a pod was told when it had to
    /// go is told to nobody else. Whose it was is known by its name alone.
    pub fn told_of_gone_pod(&self, root: &Entity, reason: &str) -> Option<Seen<'_, Event>> {
        let is_part = |name: &str, of: &str| {
            name.strip_prefix(of).is_some_and(|rest| rest.starts_with('-') && rest.len() > 1)
        };
        let mut told: Option<Seen<'_, Event>> = None;
        for (subject, events) in &self.events_by_subject {
            let others = self.workloads().any(|it| {
                it.meta.namespace == root.namespace
                    && it.meta.name.len() > root.name.len()
                    && is_part(&subject.name, &it.meta.name)
            });
            if subject.kind != "Pod"
                || subject.namespace != root.namespace
                || !is_part(&subject.name, &root.name)
                || others
            {
                continue;
            }
            let seen = events.iter().filter_map(|at| self.typed(*at, looking::event));
            let gone = seen.filter(|event| {
                event.reason == reason
                    && self.is_recent(event)
                    && self
                        .uid_of(subject)
                        .is_none_or(|uid| uid != event.uid && !event.uid.is_empty())
            });
            told = told.into_iter().chain(gone).max_by_key(|it| it.last);
        }
        told
    }

    /// Whether an event was last seen within the window. One without a time is taken to be.
    fn is_recent(&self, event: &Event) -> bool {
        // The kubelet repeats itself every few minutes; a component that fell silent an hour ago is done.
        let earliest = self.window.start.min(self.as_of - SignedDuration::from_hours(1));
        event.last.or(event.first).is_none_or(|last| last >= earliest)
    }

    /// The uid of an object that was seen.
    fn uid_of(&self, entity: &Entity) -> Option<&str> {
        self.meta_of(entity).map(|meta| meta.uid.as_str())
    }

    /// Every object that was seen and carries metadata: its name, where it stands in the case, and that metadata.
    pub fn metas(&self) -> impl Iterator<Item = (&Entity, usize, &Meta)> {
        self.index.iter().filter_map(|(key, at)| {
            self.body(*at).and_then(meta).map(|meta| (&key.entity, *at, meta))
        })
    }

    /// The metadata of an object that was seen.
    pub fn meta_of(&self, entity: &Entity) -> Option<&Meta> {
        let sort = match entity.kind.as_str() {
            "EndpointSlice" => return self.written_slice(entity).map(|it| &it.it.meta),
            "Pod" => Sort::Pod,
            "Deployment" | "StatefulSet" | "DaemonSet" => Sort::Workload,
            "ReplicaSet" | "ControllerRevision" => Sort::Revision,
            "Job" => Sort::Job,
            "CronJob" => Sort::CronJob,
            "HorizontalPodAutoscaler" => Sort::Autoscaler,
            "PodDisruptionBudget" => Sort::Budget,
            "Service" => Sort::Service,
            "Ingress" => Sort::Ingress,
            "NetworkPolicy" => Sort::NetworkPolicy,
            "Node" => Sort::Node,
            "PersistentVolumeClaim" => Sort::Claim,
            "PersistentVolume" => Sort::Volume,
            "StorageClass" => Sort::StorageClass,
            "ResourceQuota" => Sort::Quota,
            "LimitRange" => Sort::LimitRange,
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => Sort::Webhooks,
            "Namespace" => Sort::Namespace,
            "ConfigMap" | "Secret" => Sort::Config,
            "ServiceAccount" => Sort::Account,
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => Sort::Grant,
            _ => Sort::Object,
        };
        let first = Key { sort, entity: entity.clone(), detail: String::new() };
        let (key, at) = self.index.range(first..).next()?;
        if key.sort != sort || key.entity != *entity {
            return None;
        }
        self.body(*at).and_then(meta)
    }
}

fn meta(body: &Body) -> Option<&Meta> {
    match body {
        Body::Pod(it) => Some(&it.meta),
        Body::Workload(it) => Some(&it.meta),
        Body::Revision(it) => Some(&it.meta),
        Body::Job(it) => Some(&it.meta),
        Body::CronJob(it) => Some(&it.meta),
        Body::Autoscaler(it) => Some(&it.meta),
        Body::Budget(it) => Some(&it.meta),
        Body::Service(it) => Some(&it.meta),
        Body::Ingress(it) => Some(&it.meta),
        Body::NetworkPolicy(it) => Some(&it.meta),
        Body::Node(it) => Some(&it.meta),
        Body::Claim(it) => Some(&it.meta),
        Body::Volume(it) => Some(&it.meta),
        Body::StorageClass(it) => Some(&it.meta),
        Body::Quota(it) => Some(&it.meta),
        Body::LimitRange(it) => Some(&it.meta),
        Body::Webhooks(it) => Some(&it.meta),
        Body::Namespace(it) => Some(&it.meta),
        Body::Config(it) => Some(&it.meta),
        Body::Account(it) => Some(&it.meta),
        Body::Grant(it) => Some(&it.meta),
        Body::Object(it) => Some(&it.meta),
        Body::Endpoints(_)
        | Body::Event(_)
        | Body::Log(_)
        | Body::Measure(_)
        | Body::Measured(_)
        | Body::Alert(_)
        | Body::ScrapeTarget(_)
        | Body::AlertingRule(_) => None,
    }
}
