//! What autoscalers did, and who changed them.

use super::{Change, Told, Window, change, fields, maker, writes};
use crate::survey::reading::Desk;
use crate::translate::autoscaler::autoscaler;
use crate::translate::event::one;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reads::{AUTOSCALERS, EVENTS};
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::workload::Autoscaler;
use jiff::Timestamp;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1 as api;

/// What the controller calls itself in its events.
const CONTROLLER: &str = "horizontal-pod-autoscaler";
/// Between an event and the time in the autoscaler's status, in seconds.
const TOGETHER: i64 = 60;

/// Scalings by the autoscalers' own words where events are kept, and by their status; writes of autoscalers.
pub(super) async fn read(desk: &Desk, window: Window<'_>) -> Told {
    let options =
        ListOptions { fields: "reason=SuccessfulRescale".to_owned(), ..ListOptions::default() };
    let mut events: Vec<Event> = Vec::new();
    let (kind, said_of) = (AUTOSCALERS, EVENTS);
    let heard = desk.each(&said_of, window.reach, options, |it: api::Event| events.push(one(it)));
    let mut seen: Vec<(Autoscaler, Option<Timestamp>)> = Vec::new();
    let visit = |it: HorizontalPodAutoscaler| {
        let at = it.status.as_ref().and_then(|it| it.last_scale_time.as_ref()).map(|time| time.0);
        seen.push((autoscaler(it), at));
    };
    let read = desk.each(&kind, window.reach, ListOptions::default(), visit);
    let (heard, mut reading) = tokio::join!(heard, read);
    let mut changes: Vec<Change> = events
        .iter()
        .filter(|it| it.subject.kind == "HorizontalPodAutoscaler")
        .filter_map(|it| said(it, window))
        .collect();
    for (it, scaled) in seen {
        let found = of(&it, scaled, window, &changes);
        if !found.is_empty() {
            changes.extend(found);
            reading.bodies.push(Body::Autoscaler(it));
        }
    }
    Told { changes, readings: vec![heard, reading], ..Told::default() }
}

/// `New size: 5; reason: cpu resource utilization (percentage of request) above target`.
fn said(event: &Event, window: Window<'_>) -> Option<Change> {
    let at = window.holds(event.last)?;
    let size = event.message.strip_prefix("New size: ").and_then(|rest| rest.split(';').next());
    let what = match size.and_then(|size| size.trim().parse::<u32>().ok()) {
        Some(size) => format!("scaled to {size}"),
        None => "scaled".to_owned(),
    };
    let details = vec![event.message.clone()];
    Some(Change { details, ..change(at, event.subject.clone(), what, CONTROLLER) })
}

fn of(
    it: &Autoscaler,
    scaled: Option<Timestamp>,
    window: Window<'_>,
    said: &[Change],
) -> Vec<Change> {
    let subject = it.meta.entity("HorizontalPodAutoscaler");
    let mut changes = Vec::new();
    if let Some(at) = window.holds(scaled) {
        let near = |one: &&Change| {
            one.subject == subject && (one.at.as_second() - at.as_second()).abs() <= TOGETHER
        };
        if said.iter().find(near).is_none() {
            let what = format!(
                "scaled {} {} to {} of {} to {}",
                it.target.kind, it.target.name, it.desired, it.min, it.max
            );
            let details =
                if it.metrics.is_empty() { Vec::new() } else { vec![it.metrics.join(", ")] };
            changes.push(Change { details, ..change(at, subject.clone(), what, CONTROLLER) });
        }
    }
    if let Some(at) = window.holds(it.meta.created) {
        changes.push(change(at, subject.clone(), "created", maker(&it.meta)));
    }
    for (at, touch) in writes(&it.meta, window) {
        let what = format!("written{}, now {} to {} replicas", fields(touch), it.min, it.max);
        changes.push(change(at, subject.clone(), what, &touch.manager));
    }
    changes
}
