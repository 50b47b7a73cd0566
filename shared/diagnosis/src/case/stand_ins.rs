//! Workloads of which only what they made was seen: pods that nobody keeps, and those of custom controllers, such as an Argo
//! Rollout's ReplicaSets. Who calls whom, what a program reads and who is behind a Service is told by their pods' spec as well.

use super::keys::{Key, Sort};
use super::{Case, Exhibit};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::{Meta, Selector, condition};
use evidence::fact::pod::Pod;
use evidence::fact::workload::{Revision, Workload};
use std::collections::BTreeMap;

/// Kinds of which a fact of their own tells all this, or whose pods are to end.
const THEMSELVES: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Node"];

/// Whether a workload is known by what it made alone.
pub fn is_stand_in(kind: &str) -> bool {
    !THEMSELVES.contains(&kind)
}

impl Case {
    /// Puts a workload into the case for each root that is none, as its ReplicaSets or its pods show it.
    pub(super) fn put_stand_ins(&mut self) {
        let mut found: BTreeMap<Entity, (usize, Workload)> = BTreeMap::new();
        for root in self.pods_by_root.keys().filter(|it| is_stand_in(&it.kind)) {
            let pods: Vec<Seen<'_, Pod>> = self
                .pods_of(root)
                .filter(|it| is_kept_running(it) && !self.tells_itself(&it.it.meta))
                .collect();
            found.extend(of_pods(root, &pods).map(|it| (root.clone(), it)));
        }
        let mut sets: BTreeMap<Entity, Vec<Seen<'_, Revision>>> = BTreeMap::new();
        for set in self.revisions().filter(|it| it.kind == "ReplicaSet") {
            let root = self.root_of(&set.meta, &set.kind);
            if is_stand_in(&root.kind) && !self.tells_itself(&set.meta) {
                sets.entry(root).or_default().push(set);
            }
        }
        for (root, sets) in sets {
            found.extend(of_sets(&root, &sets).map(|it| (root, it)));
        }
        for (entity, (exhibit, workload)) in found {
            let Some(Exhibit { call, source, .. }) = self.exhibits.get(exhibit) else { continue };
            let body = Body::Workload(workload);
            let exhibit = Exhibit { call: *call, source: *source, body };
            let key = Key { sort: Sort::Workload, entity, detail: String::new() };
            if self.index.get(&key).and_then(|at| self.body(*at)) == Some(&exhibit.body) {
                continue;
            }
            self.index.insert(key, self.exhibits.len());
            self.exhibits.push(exhibit);
        }
    }

    /// Whether one of an object's owners tells what a stand-in would: an operator's own object often stands above one.
    fn tells_itself(&self, meta: &Meta) -> bool {
        self.owners_of(meta).iter().any(|it| !is_stand_in(&it.kind))
    }
}

fn is_kept_running(pod: &Pod) -> bool {
    let is_kept = matches!(pod.spec.restart_policy.as_str(), "" | "Always");
    is_kept && pod.meta.deleted.is_none() && matches!(pod.phase.as_str(), "Pending" | "Running")
}

fn of_pods(root: &Entity, pods: &[Seen<'_, Pod>]) -> Option<(usize, Workload)> {
    let newest = pods.iter().max_by_key(|it| (it.meta.created, &it.meta.name))?;
    let count = |it: &Seen<'_, Pod>| it.alike.saturating_add(1);
    let is_ready = |it: &&Seen<'_, Pod>| {
        condition(&it.conditions, "Ready").is_some_and(|it| it.status == "True")
    };
    let all: u32 = pods.iter().map(count).sum();
    let mut template = newest.spec.clone();
    template.node_name.clear();
    let workload = Workload {
        kind: root.kind.clone(),
        desired: all,
        current: all,
        updated: all,
        ready: pods.iter().filter(is_ready).map(count).sum(),
        template_labels: newest.meta.labels.clone(),
        template,
        meta: named(root),
        ..Workload::default()
    };
    Some((newest.exhibit, workload))
}

fn of_sets(root: &Entity, sets: &[Seen<'_, Revision>]) -> Option<(usize, Workload)> {
    let newest = sets.iter().max_by_key(|it| (it.number, it.meta.created, &it.meta.name))?;
    let sum = |count: fn(&Revision) -> u32| sets.iter().map(|it| count(it)).sum();
    let workload = Workload {
        kind: root.kind.clone(),
        desired: sum(|it| it.desired),
        current: sum(|it| it.current),
        updated: newest.current,
        ready: sum(|it| it.ready),
        available: sum(|it| it.ready),
        selector: Selector { labels: newest.template_labels.clone(), ..Selector::default() },
        template_labels: newest.template_labels.clone(),
        template: newest.template.clone(),
        // Its controller copies its own annotations to what it makes.
        meta: Meta { annotations: newest.meta.annotations.clone(), ..named(root) },
        ..Workload::default()
    };
    Some((newest.exhibit, workload))
}

fn named(root: &Entity) -> Meta {
    Meta { namespace: root.namespace.clone(), name: root.name.clone(), ..Meta::default() }
}
