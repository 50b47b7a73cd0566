//! Errors that the logs of what was asked about repeat now, and that no rule explains: what to look at next.

use super::answer::{Told, is_asked_about};
use crate::case::Case;
use crate::case::refrains::Refrain;
use crate::finding::Cite;
use evidence::entity::Entity;

/// Refrains told.
const MOST: usize = 3;

/// One line of each container that was asked about: the form that it repeats most.
pub(super) fn of(case: &Case) -> Vec<Told> {
    let mut told = Vec::new();
    for log in case.logs().filter(|it| !it.previous) {
        let pod = Entity::new("Pod", &log.namespace, &log.pod);
        if !is_asked_about(case, &pod) {
            continue;
        }
        let Some(Refrain { line, count, .. }) = case.refrain(log.it) else { continue };
        let what = format!("container {} repeats an error that no rule explains", log.container);
        let says = format!("{pod}: container {} wrote {count} times in this form", log.container);
        let cites = vec![Cite::quoting(log.exhibit, says, &line.text)];
        told.push((count, Told { at: line.last.unwrap_or(case.as_of), what, entity: pod, cites }));
    }
    told.sort_by(|left, right| {
        right.0.cmp(&left.0).then_with(|| left.1.entity.cmp(&right.1.entity))
    });
    told.into_iter().take(MOST).map(|(_, told)| told).collect()
}
