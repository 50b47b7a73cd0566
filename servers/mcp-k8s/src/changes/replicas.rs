//! Deployments that were scaled, by their controller's own words: `kubectl scale` leaves no time in the managed fields.

use super::{Change, Window, change};
use crate::survey::reading::{Desk, Reading};
use crate::translate::event::one;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reads::EVENTS;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::meta::Meta;
use jiff::Timestamp;
use k8s_openapi::api::core::v1 as api;

/// A rollout scales, too; after its beginning it has as long as a Deployment has to progress.
const ROLLOUT: i64 = 600;

/// A ReplicaSet of a Deployment got more or fewer pods.
pub(super) struct Scaled {
    pub(super) owner: Entity,
    at: Timestamp,
    replica_set: String,
    numbers: String,
}

/// What the controller said.
pub(super) async fn heard(desk: &Desk, window: Window<'_>) -> (Vec<Scaled>, Reading) {
    let fields = "reason=ScalingReplicaSet".to_owned();
    let options = ListOptions { fields, ..ListOptions::default() };
    let mut found = Vec::new();
    let kind = EVENTS;
    let visit = |it: api::Event| found.extend(scaled(one(it), window));
    let reading = desk.each(&kind, window.reach, options, visit).await;
    (found, reading)
}

/// `Scaled up replica set web-5d9c from 3 to 5`.
fn scaled(event: Event, window: Window<'_>) -> Option<Scaled> {
    let at = window.holds(event.last)?;
    let (_, rest) = event.message.split_once("replica set ")?;
    let (replica_set, numbers) = rest.split_once(' ')?;
    let is_plain = |word: &str| {
        matches!(word, "from" | "to") || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !numbers.split(' ').all(is_plain) {
        return None;
    }
    let (replica_set, numbers) = (replica_set.to_owned(), numbers.to_owned());
    Some(Scaled { owner: event.subject, at, replica_set, numbers })
}

/// The change that it is; none where a rollout or an autoscaler did it, which have rows of their own. `newest` is the
/// Deployment's newest ReplicaSet, `began` when its last rollout did.
pub(super) fn by_somebody(
    it: &Scaled,
    newest: &str,
    began: Option<Timestamp>,
    workload: Option<&Meta>,
) -> Option<Change> {
    let is_rollout = began.is_some_and(|began| {
        let since = it.at.as_second() - began.as_second();
        (-ROLLOUT..=ROLLOUT).contains(&since)
    });
    if it.replica_set != newest || is_rollout {
        return None;
    }
    let touches = workload.map(|meta| meta.touches.as_slice()).unwrap_or_default();
    let by = touches.iter().rev().find(|it| it.subresource == "scale");
    if by.is_some_and(|it| super::CONTROLLERS.contains(&it.manager.as_str())) {
        return None;
    }
    let actor = by.map(|it| it.manager.clone()).unwrap_or_default();
    Some(change(it.at, it.owner.clone(), format!("scaled {}", it.numbers), actor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::reach::Reach;

    fn said(message: &str, began: &str) -> Option<String> {
        let at = "2026-11-02T11:30:00Z".parse().ok();
        let subject = Entity::new("Deployment", "shop", "web");
        let event = Event { subject, message: message.to_owned(), last: at, ..Event::default() };
        let since = "2026-11-02T11:00:00Z".parse().unwrap();
        let found = scaled(event, Window { reach: Reach::Cluster, since })?;
        by_somebody(&found, "web-2", began.parse().ok(), None).map(|it| it.what)
    }

    #[test]
    fn a_scaling_long_after_the_rollout_is_somebodys() {
        let message = "Scaled up replica set web-2 from 3 to 5";
        assert_eq!(said(message, "2026-11-01T00:00:00Z").unwrap(), "scaled from 3 to 5");
        assert_eq!(said(message, "2026-11-02T11:29:00Z"), None);
    }

    #[test]
    fn an_old_revision_is_scaled_by_rollouts_alone() {
        assert_eq!(said("Scaled down replica set web-1 from 1 to 0", "2026-11-01T00:00:00Z"), None);
    }

    #[test]
    fn words_that_are_no_numbers_are_not_taken_over() {
        assert_eq!(said("Scaled up replica set web-2 from here to there", ""), None);
    }
}
