//! Alerts as Prometheus raises them and Alertmanager passes them on, put together.

use crate::ask::Desk;
use crate::record::{Record, examined};
use crate::server::Prometheus;
use clients::alertmanager::alerts::{self as manager, Silence};
use clients::alertmanager::connection::Alertmanager;
use clients::prometheus::rules;
use clients::prometheus::series::Labels;
use jiff::Timestamp;
use mcp::answer::Examined;
use mcp::failure::{Code, Failure};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The label with an alert's name.
pub(crate) const NAME: &str = "alertname";
/// Labels that a relabelling on the way may have taken off.
const MOST_LOST: usize = 2;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

/// One alert.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alert {
    pub(crate) labels: Labels,
    pub(crate) annotations: Labels,
    /// It fires; else it is pending.
    pub(crate) firing: bool,
    /// Since when its expression holds, or since when it fires where only Alertmanager knows it.
    pub(crate) since: Option<Timestamp>,
    /// The value of its expression; empty where only Alertmanager knows it.
    pub(crate) value: String,
    /// The silences that hold it, by id.
    pub(crate) silenced_by: Vec<String>,
    /// The alerts that inhibit it, in words.
    pub(crate) inhibited_by: Vec<String>,
    /// The times that mute it.
    pub(crate) muted_by: Vec<String>,
    /// Who is told.
    pub(crate) receivers: Vec<String>,
    /// Alertmanager has it; none where nobody could tell.
    pub(crate) passed_on: Option<bool>,
}

/// All alerts, and where they were looked for.
pub(crate) struct Alerts {
    pub(crate) alerts: Vec<Alert>,
    /// The silences that hold any of them, by id.
    pub(crate) silences: BTreeMap<String, Silence>,
    pub(crate) now: Timestamp,
    pub(crate) record: Record,
    pub(crate) examined: Examined,
}

impl Alert {
    /// A label's value; empty where it has none.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// Nobody is told of it.
    pub(crate) fn is_quiet(&self) -> bool {
        !(self.silenced_by.is_empty() && self.inhibited_by.is_empty() && self.muted_by.is_empty())
    }

    /// `firing`, or `pending`, and why nobody is told.
    pub(crate) fn state(&self) -> String {
        let state = if self.firing { "firing" } else { "pending" };
        let why = [
            (!self.silenced_by.is_empty(), "silenced"),
            (!self.inhibited_by.is_empty(), "inhibited"),
            (!self.muted_by.is_empty(), "muted"),
        ];
        let why: Vec<&str> = why.iter().filter(|it| it.0).map(|it| it.1).collect();
        if why.is_empty() { state.to_owned() } else { format!("{state}, {}", why.join(" and ")) }
    }
}

/// Reads both, each as far as it answers. What one cannot tell is a gap.
///
/// # Errors
/// Where neither answers.
pub(crate) async fn read(server: &Prometheus, deadline: Instant) -> Result<Alerts, Failure> {
    let by = deadline.checked_sub(TO_ANSWER).unwrap_or(deadline);
    let desk = server.prometheus().map(|client| Desk::new(client, deadline));
    let filters = match &desk {
        Ok(desk) => desk.client.enforced().map(|it| it.texts()).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let raised = async {
        match &desk {
            Ok(desk) => desk.read(desk.client.alerts()).await,
            Err(failure) => Err(failure.clone()),
        }
    };
    let passed = async {
        let client = server.alertmanager()?;
        let mut record = Record::default();
        let passed = timeout_at(by, passed_on(&client, &filters, &mut record)).await;
        record.spent_on_alerts(&client);
        let passed = passed.map_err(|_| late())??;
        Ok::<_, Failure>((passed, record, client.now()))
    };
    let (raised, passed) = tokio::join!(raised, passed);
    let now = match (&desk, &passed) {
        (Ok(desk), _) => desk.now,
        (Err(_), Ok((_, _, now))) => *now,
        (Err(failure), Err(_)) => return Err(failure.clone()),
    };
    let where_looked = desk.as_ref().map(|desk| examined(&desk.client)).unwrap_or_default();
    let mut record = desk.map(Desk::close).unwrap_or_default();
    let mut systems = Vec::new();
    match (&raised, &passed) {
        (Err(failure), Err(other)) => {
            // That it is not configured says less than that it failed.
            return Err(if failure.code == Code::NotFound {
                other.clone()
            } else {
                failure.clone()
            });
        }
        (Err(failure), Ok(_)) => record.gap(
            "pending alerts and values",
            failure,
            "set --prometheus-url, or see why it does not answer",
        ),
        _ => systems.push("Prometheus"),
    }
    let (passed, silences) = match passed {
        Ok(((passed, silences), told, _)) => {
            systems.push("Alertmanager");
            record.merge(told);
            (Some(passed), silences)
        }
        Err(failure) => {
            record.gap(
                "silences and inhibitions",
                &failure,
                "set --alertmanager-url, or see why it does not answer",
            );
            (None, BTreeMap::new())
        }
    };
    let alerts = together(raised.unwrap_or_default(), passed);
    let examined = Examined { system: systems.join(" and "), ..where_looked };
    Ok(Alerts { alerts, silences, now, record, examined })
}

type Passed = (Vec<manager::Alert>, BTreeMap<String, Silence>);

/// What Alertmanager has, with the silences that hold any of it.
async fn passed_on(
    client: &Alertmanager,
    filters: &[String],
    record: &mut Record,
) -> Result<Passed, Failure> {
    let said = client.alerts(filters).await.map_err(|refusal| Failure::from(&refusal))?;
    record.said(&said);
    let mut silences = BTreeMap::new();
    if said.data.iter().any(|it| !it.status.silenced_by.is_empty()) {
        match client.silences(&[]).await {
            Ok(all) => {
                record.said(&all);
                silences = all.data.into_iter().map(|it| (it.id.clone(), it)).collect();
            }
            Err(refusal) => {
                record.gap("who silenced, and why", &Failure::from(&refusal), "ask again");
            }
        }
    }
    Ok((said.data, silences))
}

/// Each alert once, whoever knows it.
fn together(raised: Vec<rules::Alert>, passed: Option<Vec<manager::Alert>>) -> Vec<Alert> {
    let knows = passed.is_some();
    let mut passed = passed.unwrap_or_default();
    let names: BTreeMap<String, String> =
        passed.iter().map(|it| (it.fingerprint.clone(), named(&it.labels))).collect();
    let mut alerts = Vec::new();
    for alert in raised {
        let firing = alert.state == "firing";
        let mut merged = Alert {
            labels: alert.labels,
            annotations: alert.annotations,
            firing,
            since: alert.active_at,
            value: alert.value,
            passed_on: (knows && firing).then_some(false),
            ..Alert::default()
        };
        if firing && let Some(at) = same(&passed, &merged.labels) {
            merged.told(passed.swap_remove(at), &names);
        }
        alerts.push(merged);
    }
    // Of another Prometheus, or of one that does not answer.
    for it in passed {
        let mut alert = Alert {
            labels: it.labels.clone(),
            annotations: it.annotations.clone(),
            firing: true,
            since: it.starts_at,
            ..Alert::default()
        };
        alert.told(it, &names);
        alerts.push(alert);
    }
    alerts.sort_by(|a, b| a.labels.cmp(&b.labels));
    alerts
}

impl Alert {
    fn told(&mut self, it: manager::Alert, names: &BTreeMap<String, String>) {
        let by = |print: &String| names.get(print).cloned().unwrap_or_else(|| print.clone());
        self.silenced_by = it.status.silenced_by;
        self.inhibited_by = it.status.inhibited_by.iter().map(by).collect();
        self.muted_by = it.status.muted_by;
        self.receivers = it.receivers.into_iter().map(|it| it.name).collect();
        self.passed_on = Some(true);
    }
}

/// The one that Alertmanager has of it: external labels may have come on, and a few may have been taken off.
fn same(passed: &[manager::Alert], labels: &Labels) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, it) in passed.iter().enumerate() {
        let differs =
            labels.iter().any(|(name, value)| it.labels.get(name).is_some_and(|its| its != value));
        let shared = labels.keys().filter(|name| it.labels.contains_key(*name)).count();
        let is_named = it.labels.get(NAME) == labels.get(NAME);
        if is_named
            && !differs
            && shared + MOST_LOST >= labels.len()
            && best.is_none_or(|(most, _)| shared > most)
        {
            best = Some((shared, at));
        }
    }
    best.map(|(_, at)| at)
}

/// `NodeDown(node=a)`: the name and what it is about.
pub(crate) fn named(labels: &Labels) -> String {
    let name = labels.get(NAME).map_or("?", String::as_str);
    match subject(labels).as_str() {
        "" => name.to_owned(),
        subject => format!("{name}({subject})"),
    }
}

/// Labels that say what an alert is about, the most telling first.
const SUBJECTS: [&str; 14] = [
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "job_name",
    "persistentvolumeclaim",
    "horizontalpodautoscaler",
    "workload",
    "node",
    "instance",
    "service",
    "device",
    "mountpoint",
    "job",
];

/// What an alert is about, as `pod=web-0`.
pub(crate) fn subject(labels: &Labels) -> String {
    let told = SUBJECTS.iter().find_map(|name| Some(format!("{name}={}", labels.get(*name)?)));
    let other = || {
        let is_own = |it: &(&String, &String)| {
            !matches!(it.0.as_str(), NAME | "severity" | "namespace" | "prometheus" | "cluster")
        };
        labels.iter().find(is_own).map(|(name, value)| format!("{name}={value}"))
    };
    told.or_else(other).unwrap_or_default()
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "alertmanager did not answer before the call's deadline".to_owned(),
        retryable: true,
        hint: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pairs = text.split(',').filter_map(|it| it.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn raised(text: &str, state: &str) -> rules::Alert {
        rules::Alert { labels: labels(text), state: state.to_owned(), ..Default::default() }
    }

    fn passed(text: &str, by: &str) -> manager::Alert {
        let inhibited_by = if by.is_empty() { Vec::new() } else { vec![by.to_owned()] };
        let status = manager::AlertStatus { inhibited_by, ..Default::default() };
        manager::Alert {
            labels: labels(text),
            fingerprint: text.to_owned(),
            status,
            ..Default::default()
        }
    }

    #[test]
    fn an_alert_with_external_labels_is_the_same_and_another_instance_is_not() {
        let of = |one: &str| vec![raised(one, "firing")];
        let there = vec![
            passed("alertname=Down,pod=a,cluster=x", ""),
            passed("alertname=Down,pod=b,cluster=x", ""),
        ];
        let all = together(of("alertname=Down,pod=b"), Some(there.clone()));
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|it| it.passed_on == Some(true)));
        let all = together(of("alertname=Down,pod=c"), Some(there));
        assert_eq!(all.iter().filter(|it| it.passed_on == Some(false)).count(), 1);
    }

    #[test]
    fn what_inhibits_is_told_by_name() {
        let node = "alertname=NodeDown,node=n1";
        let there = vec![passed(node, ""), passed("alertname=PodDown,pod=a", node)];
        let all = together(vec![raised("alertname=PodDown,pod=a", "firing")], Some(there));
        let pod = all.iter().find(|it| it.label(NAME) == "PodDown").unwrap();
        assert_eq!(
            (pod.inhibited_by.as_slice(), pod.state().as_str()),
            (["NodeDown(node=n1)".to_owned()].as_slice(), "firing, inhibited")
        );
    }

    #[test]
    fn nobody_asked_is_not_nobody_told() {
        let all =
            together(vec![raised("alertname=A", "firing"), raised("alertname=B", "pending")], None);
        assert!(all.iter().all(|it| it.passed_on.is_none()));
    }
}
