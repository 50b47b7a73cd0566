//! Errors that logs repeat, in whatever words, of those who fail or of whom users report a trouble.

use super::Case;
use super::containers::Running;
use crate::finding::Cite;
use evidence::fact::event::Log;
use jiff::Timestamp;

/// How often an error must have been said; and where nothing tells since when: programs say many things when they start.
const OFTEN: u32 = 3;
const VERY_OFTEN: u32 = 6;

/// So many pauses between two errors are no chance.
const USUAL: i32 = 2;

/// An error that a container repeats now.
#[derive(Clone, Debug)]
pub struct Trouble<'a> {
    /// Who repeats it.
    pub container: Running<'a>,
    /// When it was first said, as far as the log goes back.
    pub first: Option<Timestamp>,
    /// Since when, where the log reaches back before it.
    pub since: Option<Timestamp>,
    /// The last such line.
    pub cite: Cite,
}

impl Case {
    /// The errors that those repeat who fail, or of whom users report a trouble; one of each workload that was asked about.
    pub fn troubles(&self) -> Vec<Trouble<'_>> {
        let mut troubles: Vec<Trouble<'_>> = Vec::new();
        for container in self.containers().filter(|it| !it.spec.init) {
            let fails = !container.status.ready;
            let here = self.is_in_scope(&container.pod.meta.namespace);
            let known = troubles.iter().any(|it| it.container.root == container.root);
            if !here || known || !(fails || self.reported) {
                continue;
            }
            let log = if fails { self.words_of(&container) } else { self.log_now(&container) };
            let Some(log) = log else { continue };
            let Some(refrain) = self.refrain(log.it) else { continue };
            let since = refrain.since.filter(|since| begins_before(log.it, *since, refrain.count));
            let needed = if since.is_some() { OFTEN } else { VERY_OFTEN };
            if !fails && refrain.count < needed {
                continue;
            }
            let pod = container.pod.meta.entity("Pod");
            let says = format!("{pod} repeats an error, {} times", refrain.count);
            let cite = Cite::quoting(log.exhibit, says, &refrain.line.text);
            troubles.push(Trouble { container, first: refrain.since, since, cite });
        }
        for complaint in self.complaints() {
            let here = self.is_in_scope(&complaint.container.pod.meta.namespace);
            let known = troubles.iter().any(|it| it.container.root == complaint.root());
            if here && !known && (complaint.fails || self.reported) {
                let (container, cite) = (complaint.container, complaint.cite());
                let log = complaint.log.it;
                let since = complaint.since.filter(|it| begins_before(log, *it, complaint.count));
                troubles.push(Trouble { container, first: complaint.since, since, cite });
            }
        }
        troubles
    }

    /// Whether a namespace was asked about.
    pub fn is_in_scope(&self, namespace: &String) -> bool {
        self.scope.namespaces.is_empty() || self.scope.namespaces.contains(namespace)
    }
}

/// Whether a log reaches back before an error that it says so often since a moment: further than the next one usually follows.
fn begins_before(log: &Log, since: Timestamp, count: u32) -> bool {
    let times = || log.lines.iter().flat_map(|it| [it.first, it.last]).flatten();
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return false };
    let usual = last.duration_since(since) / i32::try_from(count.max(1)).unwrap_or(i32::MAX);
    since.duration_since(first) > usual * USUAL
}
