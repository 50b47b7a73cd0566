//! What began with a workload's newest revision: pods of two revisions side by side tell it.

use super::Case;
use super::complaints::Complaint;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::State;
use evidence::fact::workload::Revision;
use evidence::question::Question;
use std::collections::BTreeMap;

/// A log shorter than this is no witness that something is not said.
const ENOUGH: u32 = 20;
/// Workloads of which the logs of two revisions are compared.
const MOST: usize = 4;

/// What the newest revision says and an older one, that runs beside it, does not.
#[derive(Clone, Debug)]
pub struct Novelty<'a> {
    /// The newest revision.
    pub revision: Seen<'a, Revision>,
    /// The older pod's log, which does not say it.
    pub silent: Cite,
}

impl Case {
    /// Whether a complaint of a pod of the newest revision is one that an older pod beside it does not have.
    pub fn novelty(&self, complaint: &Complaint<'_>) -> Option<Novelty<'_>> {
        let root = complaint.root();
        let owner = complaint.container.pod.it.meta.owner.as_ref()?;
        let newest = self.revisions_of(root).into_iter().next()?;
        if newest.meta.entity(&newest.it.kind) != *owner {
            return None;
        }
        let name = &complaint.container.spec.name;
        let older = self.containers().filter(|it| {
            *it.root == *root
                && it.spec.name == *name
                && it.status.ready
                && it.pod.it.meta.owner.as_ref().is_some_and(|it| it != owner)
        });
        for container in older {
            let meta = &container.pod.it.meta;
            let Some(log) = self.log(&meta.namespace, &meta.name, name, false) else { continue };
            let written: u32 = log.lines.iter().map(|it| it.count.max(1)).sum();
            if written.max(log.read) < ENOUGH {
                continue;
            }
            let says_it = self.said_in(log).any(|(said, _)| *said == complaint.said);
            if says_it {
                return None;
            }
            let pod = meta.entity("Pod");
            let says = format!("{pod}, of an older revision, does not say so");
            return Some(Novelty { revision: newest, silent: Cite::new(log.exhibit, says) });
        }
        None
    }

    /// The logs of one pod of each revision, where two of a workload run side by side.
    pub fn ask_both_revisions(&self) -> Vec<Question> {
        let mut beside: BTreeMap<&Entity, BTreeMap<&Entity, Question>> = BTreeMap::new();
        for container in self.containers().filter(|it| it.status.ready && !it.spec.init) {
            let runs = matches!(container.status.state, Some(State::Running { .. }));
            let Some(owner) = container.pod.it.meta.owner.as_ref().filter(|_| runs) else {
                continue;
            };
            if owner.kind != "ReplicaSet" {
                continue;
            }
            let question = container.ask_for_log(false);
            beside.entry(container.root).or_default().entry(owner).or_insert(question);
        }
        let both = beside.into_values().filter(|it| it.len() > 1).take(MOST);
        both.flat_map(|it| it.into_values().take(2)).collect()
    }
}
