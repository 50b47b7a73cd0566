//! That a workload which had pods until then was scaled to nothing, and nothing does its work since.

use super::Case;
use super::containers::repository;
use super::news::{News, Turn};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::event::Event;
use evidence::fact::workload::Workload;

/// Reasons of events in which a controller tells that it takes pods away: of Deployments, of StatefulSets.
const REASONS: [&str; 2] = ["ScalingReplicaSet", "SuccessfulDelete"];

impl Case {
    /// That it was, and when, where nobody planned it: `kubectl scale` leaves no other trace than what the controller says.
    pub(super) fn news_of_stop(&self, workload: Seen<'_, Workload>) -> Option<News> {
        if workload.desired > 0 || workload.kind == "DaemonSet" {
            return None;
        }
        let subject = workload.meta.entity(&workload.kind);
        if self.autoscalers().any(|it| it.target == subject && it.min == 0)
            || self.asleep(workload).is_some()
            || self.rests(workload.it)
            || self.rests_unmissed(workload.it)
            || self.is_replaced(workload.it)
        {
            return None;
        }
        let event = self
            .events_of(&subject, &REASONS)
            .filter(|it| tells_of_it(it.it))
            .max_by_key(|it| it.last)?;
        let at = event.last.filter(|it| self.is_news(Some(*it)))?;
        let says = format!("{subject} was scaled to 0 at {at}");
        let cite = Cite::quoting(event.exhibit, says, &event.message);
        Some(News { subject, field: "spec.replicas".to_owned(), turn: Turn::Stop, at, cite })
    }

    /// Whether another workload beside it runs the same program.
    fn is_replaced(&self, stopped: &Workload) -> bool {
        let own: Vec<&str> =
            stopped.template.containers.iter().map(|it| repository(&it.image)).collect();
        self.workloads_in(&stopped.meta.namespace).any(|other| {
            let mut programs = other.it.template.containers.iter().map(|it| repository(&it.image));
            other.it.desired > 0 && programs.any(|it| own.contains(&it))
        })
    }
}

/// Whether it tells that the last pods go: `Scaled down replica set web-5d9c from 1 to 0`, `delete Pod web-0 in StatefulSet
/// web successful`.
fn tells_of_it(event: &Event) -> bool {
    let (begin, end) = match event.reason.as_str() {
        "ScalingReplicaSet" => ("Scaled down replica set ", " to 0"),
        _ => ("delete Pod ", " successful"),
    };
    event.message.starts_with(begin) && event.message.ends_with(end)
}
