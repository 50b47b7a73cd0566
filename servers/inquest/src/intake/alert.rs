//! Reads an alert as Alertmanager sends it to a webhook: what fires, where, and since when.

use super::words::{Named, Words};
use evidence::alerting::{self, Urgency};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// An alert that asks to be investigated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alert {
    /// Its name and summary, as a question.
    pub question: String,
    /// What its labels name.
    pub words: Words,
    /// When it began to fire.
    pub started: Option<Timestamp>,
    /// It fires now, and calls somebody.
    pub fires: bool,
}

/// Alertmanager's webhook, its API's list, or one alert.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    Webhook { alerts: Vec<Fired> },
    List(Vec<Fired>),
    One(Fired),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fired {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    starts_at: Option<Timestamp>,
    #[serde(default)]
    ends_at: Option<Timestamp>,
    #[serde(default)]
    status: serde_json::Value,
}

/// Reads the alert that most calls for somebody: of those that fire, the most severe, and of these the oldest.
///
/// # Errors
/// One line that says what is wrong with it.
pub fn read(text: &str) -> Result<Alert, String> {
    let payload: Payload = serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => "it is neither an Alertmanager webhook, a list of alerts nor one alert".to_owned(),
        false => format!("it is not JSON: {error}"),
    })?;
    let alerts = match payload {
        Payload::Webhook { alerts } | Payload::List(alerts) => alerts,
        Payload::One(alert) => vec![alert],
    };
    let firing = alerts.iter().filter(|it| it.status != "resolved");
    // One that does not tell since when is not the oldest.
    let most = firing.min_by_key(|it| (urgency(it), it.starts_at.is_none(), it.starts_at));
    let Some(fired) = most.or(alerts.first()) else {
        return Err("there is no alert in it".to_owned());
    };
    let resolved = fired.status == "resolved";
    Ok(Alert {
        question: question(fired),
        words: words(fired),
        started: if resolved { fired.ends_at } else { fired.starts_at },
        fires: !resolved && urgency(fired).calls(),
    })
}

fn urgency(fired: &Fired) -> Urgency {
    let label = |name: &str| fired.labels.get(name).map_or("", String::as_str);
    Urgency::of(label("alertname"), label("severity"))
}

fn question(fired: &Fired) -> String {
    let name = fired.labels.get("alertname").map_or("an alert", String::as_str);
    let told =
        ["summary", "description", "message"].iter().find_map(|key| fired.annotations.get(*key));
    match told {
        Some(told) => format!("{name}: {told}"),
        None => name.to_owned(),
    }
}

fn words(fired: &Fired) -> Words {
    let named = alerting::subject(&fired.labels).map(|(kind, name)| Named {
        kind: Some(kind),
        name: name.to_owned(),
        beside: None,
        certain: true,
    });
    let namespace = fired.labels.get("namespace").cloned();
    Words { namespace, workload: named, ..Words::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = r#"{"version": "4", "status": "firing", "alerts": [
        {"status": "resolved", "labels": {"alertname": "Old"}},
        {"status": "firing", "startsAt": "2026-05-03T10:00:00Z",
         "labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "web-1", "deployment": "web"},
         "annotations": {"summary": "Pod is crash looping."}}]}"#;

    #[test]
    fn the_firing_alert_of_a_webhook_counts() {
        let alert = read(WEBHOOK).unwrap();
        assert_eq!(alert.question, "KubePodCrashLooping: Pod is crash looping.");
        assert_eq!(alert.words.namespace.as_deref(), Some("shop"));
        let workload = alert.words.workload.unwrap();
        assert_eq!((workload.kind, workload.name.as_str()), (Some("Deployment"), "web"));
        assert_eq!(alert.started.unwrap().to_string(), "2026-05-03T10:00:00Z");
    }

    #[test]
    fn a_list_and_a_single_alert_are_read_too() {
        assert_eq!(read(r#"[{"labels": {"alertname": "A"}}]"#).unwrap().question, "A");
        assert_eq!(read(r#"{"labels": {"alertname": "A"}}"#).unwrap().question, "A");
    }

    #[test]
    fn of_a_group_the_most_severe_counts_whatever_else_is_in_it() {
        // As Alertmanager 0.25 to 0.31 send it: what fires ends in the year 1, and fields come and go.
        let group = r#"{"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "notification_reason": "new",
            "status": "firing", "receiver": "inquest", "groupLabels": {}, "routeLabels": {}, "commonLabels": {},
            "commonAnnotations": {}, "externalURL": "http://alertmanager", "alerts": [
            {"status": "firing", "labels": {"alertname": "Watchdog", "severity": "none"},
             "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "a"},
            {"status": "firing", "labels": {"alertname": "Slow", "severity": "warning", "namespace": "shop"},
             "startsAt": "2026-05-03T09:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "b"},
            {"status": "firing", "labels": {"alertname": "Down", "severity": "critical", "namespace": "shop"},
             "startsAt": "2026-05-03T10:00:00.123456789+02:00", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": ""}]}"#;
        let alert = read(group).unwrap();
        assert_eq!(alert.question, "Down");
        assert_eq!(alert.started.unwrap().to_string(), "2026-05-03T08:00:00.123456789Z");
    }

    #[test]
    fn what_is_no_alert_says_so() {
        assert!(read("nonsense").unwrap_err().starts_with("it is not JSON"));
        assert!(read(r#"{"a": 1}"#).unwrap_err().starts_with("it is neither"));
        assert_eq!(read("[]").unwrap_err(), "there is no alert in it");
    }
}
