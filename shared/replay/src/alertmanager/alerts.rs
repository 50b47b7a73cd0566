//! `/alerts`.

use crate::alertmanager::Reply;
use crate::alertmanager::filter::{filters, pass, whole};
use crate::prometheus::parameters::Parameters;
use crate::snapshot::alertmanager::Alert;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

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
        (flag(parameters, "active") || status.state != "active")
            && (flag(parameters, "unprocessed") || status.state != "unprocessed")
            && (flag(parameters, "silenced") || status.silenced_by.is_empty())
            && (flag(parameters, "inhibited") || status.inhibited_by.is_empty())
            && alert.ends_at.is_none_or(|end| end >= now)
            && (receiver.is_empty()
                || alert.receivers.iter().any(|one| pattern.is_match(&one.name)))
            && pass(&filters, &alert.labels)
    };
    let mut listed: Vec<&Alert> = alerts.iter().filter(asked_for).collect();
    listed.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    Ok(listed)
}

/// True unless it says otherwise, in any word.
fn flag(parameters: &Parameters, name: &str) -> bool {
    const YES: [&str; 11] =
        ["", "true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"];
    YES.contains(&parameters.text(name).to_ascii_lowercase().as_str())
}
