//! Who took the room of a pod that was preempted, and who had taken theirs.

use super::Case;
use super::denials::between;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::pod::Pod;
use jiff::SignedDuration;

/// Pods that are followed, each of which had to go for the next: classes are few.
const MOST: usize = 4;

/// Times of objects are whole seconds, those of the scheduler's events are finer.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Those who took a room: who did, and who had put that one out before.
#[derive(Clone, Debug, Default)]
pub struct Takers<'a> {
    /// Their pods, as far as they were seen: the last took a room that nobody had taken from it.
    pub pods: Vec<Seen<'a, Pod>>,
    /// Where it shows that each but the last was put out by the next.
    pub cites: Vec<Cite>,
    is_cut: bool,
}

impl Takers<'_> {
    /// Whether all of them were seen.
    pub fn is_whole(&self) -> bool {
        !self.is_cut
    }
}

/// Who took the room, as a scheduler says it: `Preempted by pod UID on node NAME`; before Kubernetes 1.29 `Preempted by a pod
/// on node NAME`.
pub(super) fn preemptor(message: &str) -> &str {
    let by = between(message, "Preempted by ", " on node ").unwrap_or_default();
    by.trim_start_matches("pod ")
}

impl Case {
    /// The pod that took a room, by its uid or, as older schedulers say it, by its name.
    pub fn taker(&self, by: &str) -> Option<Seen<'_, Pod>> {
        self.pods().find(|pod| {
            (!by.is_empty() && pod.meta.uid == by)
                || by == format!("{}/{}", pod.meta.namespace, pod.meta.name)
        })
    }

    /// Who took a room, and who had put that one out: a pod that was made since its predecessor was preempted looks for room
    /// itself. Priorities only rise on this way.
    pub fn takers(&self, by: &str) -> Takers<'_> {
        let mut takers = Takers::default();
        let mut by = by.to_owned();
        for _ in 0..MOST {
            let Some(pod) = self.taker(&by) else {
                break;
            };
            let priority = |it: &Seen<'_, Pod>| it.it.spec.priority.unwrap_or(0);
            if takers.pods.last().is_some_and(|it| priority(it) >= priority(&pod)) {
                takers.cites.pop();
                return takers;
            }
            takers.pods.push(pod);
            let root = self.root_of(&pod.meta, "Pod");
            let Some(event) = self.told_of_gone_pod(&root, "Preempted") else { return takers };
            let since = event.last.zip(pod.meta.created);
            if since.is_none_or(|(put_out, made)| made + SECOND < put_out) {
                return takers;
            }
            preemptor(&event.message).clone_into(&mut by);
            let says = format!("{}: Preempted, {} times", event.subject, event.count.max(1));
            takers.cites.push(Cite::quoting(event.exhibit, says, &event.message));
        }
        takers.is_cut = true;
        takers
    }
}
