//! What numbers show: answers that fail or are slow, and what is used up. Alerts are symptoms, too, where they are new.

use super::{Gravity, Symptom};
use crate::case::Case;
use crate::engine::no_incident::{OF_PROVIDERS, provider};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::alerting::{self, Urgency};
use evidence::entity::Entity;
use evidence::fact::metric::Alert;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    for hurt in case.hurts() {
        let gravity = if hurt.down { Gravity::Down } else { Gravity::Partial };
        let cites = vec![hurt.told.cite()];
        symptoms.push(Symptom {
            entity: hurt.entity,
            what: hurt.what,
            since: hurt.since,
            gravity,
            cites,
        });
    }
    for alert in case.alerts() {
        symptoms.extend(alerting(case, alert));
    }
}

/// An alert that began in the time that is looked at, and that somebody is called for.
fn alerting(case: &Case, alert: Seen<'_, Alert>) -> Option<Symptom> {
    let name = alert.it.name.as_str();
    let is_new = alert.it.since.is_none_or(|it| it >= case.window.start);
    // OBS-02: what always fires, or only holds others back, is no incident.
    let calls = Urgency::of(name, &alert.it.severity).calls();
    let held_back = !alert.it.silenced_by.is_empty() || !alert.it.inhibited_by.is_empty();
    // A provider's kube-proxy listens on its own node alone. It is the customer's all the same: asked about, it is looked at.
    let is_hidden = OF_PROVIDERS.contains(&name) || name == "KubeProxyDown";
    let not_scraped = is_hidden && provider(case).is_some();
    if alert.it.state != "firing" || !is_new || !calls || held_back || not_scraped {
        return None;
    }
    let entity = subject(case, alert.it)?;
    let what = format!("alert {name} fires");
    let says = format!("{entity}: {what}");
    let cites = vec![Cite::quoting(alert.exhibit, says, &alert.it.summary)];
    Some(Symptom { entity, what, since: alert.it.since, gravity: Gravity::Light, cites })
}

/// The object that an alert is about; none where its labels name none that a human knows.
fn subject(case: &Case, alert: &Alert) -> Option<Entity> {
    let (kind, name) = alerting::subject(&alert.labels)?;
    let namespace = match kind {
        "Node" => "",
        _ => alert.labels.get("namespace").map_or("", String::as_str),
    };
    Some(case.known_as(&Entity::new(kind, namespace, name)))
}
