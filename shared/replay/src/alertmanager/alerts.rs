//! `/alerts`, `/alerts/groups` and `/receivers`.

use crate::alertmanager::Reply;
use crate::alertmanager::filter::{filters, pass, whole};
use crate::prometheus::parameters::Parameters;
use crate::snapshot::alertmanager::{Alert, Receiver};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The alerts that are asked for and have not ended, in the order of their fingerprints.
pub(super) fn list<'a>(
    alerts: &'a [Alert],
    parameters: &Parameters,
    now: Timestamp,
) -> Result<Vec<&'a Alert>, Reply> {
    let filters = filters(parameters)?;
    let receiver = parameters.text("receiver");
    let pattern = whole(receiver).ok_or_else(|| {
        let words = format!("failed to parse receiver param: {receiver}");
        (StatusCode::BAD_REQUEST, json!(words))
    })?;
    let asked_for = |alert: &&Alert| {
        let status = &alert.status;
        (parameters.flag("active") || status.state != "active")
            && (parameters.flag("unprocessed") || status.state != "unprocessed")
            && (parameters.flag("silenced") || status.silenced_by.is_empty())
            && (parameters.flag("inhibited") || status.inhibited_by.is_empty())
            && alert.ends_at.is_none_or(|end| end >= now)
            && (receiver.is_empty()
                || alert.receivers.iter().any(|one| pattern.is_match(&one.name)))
            && pass(&filters, &alert.labels)
    };
    let mut listed: Vec<&Alert> = alerts.iter().filter(asked_for).collect();
    listed.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    Ok(listed)
}

/// The alerts by receiver and `alertname`: by which labels the configuration groups them is not in a snapshot.
pub(super) fn groups(
    alerts: &[Alert],
    parameters: &Parameters,
    now: Timestamp,
) -> Result<Value, Reply> {
    let mut groups: BTreeMap<(&str, &Receiver), Vec<&Alert>> = BTreeMap::new();
    for alert in list(alerts, parameters, now)? {
        let name = alert.labels.get("alertname").map(String::as_str).unwrap_or_default();
        for receiver in &alert.receivers {
            groups.entry((name, receiver)).or_default().push(alert);
        }
    }
    let groups = groups.into_iter().map(|((name, receiver), alerts)| {
        json!({"labels": {"alertname": name}, "receiver": receiver, "alerts": alerts})
    });
    Ok(groups.collect())
}

pub(super) fn receivers(alerts: &[Alert]) -> Value {
    let receivers: BTreeSet<&Receiver> = alerts.iter().flat_map(|alert| &alert.receivers).collect();
    json!(receivers)
}
