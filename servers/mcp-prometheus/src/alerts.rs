//! Alerts as Prometheus raises them and Alertmanager passes them on, put together.

pub(crate) mod together;

use self::together::together;
use crate::ask::Desk;
use crate::elsewhere;
use crate::record::{Record, examined};
use crate::server::Prometheus;
use clients::alertmanager::alerts::{self as manager, Silence};
use clients::alertmanager::connection::Alertmanager;
use clients::prometheus::matchers::LabelMatchers;
use clients::prometheus::series::Labels;
use jiff::Timestamp;
use mcp::answer::Examined;
use mcp::failure::{Code, Failure};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The label with an alert's name.
pub(crate) const NAME: &str = "alertname";
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
    /// Position of the read that told it.
    pub(crate) source: usize,
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

/// What is made of an Alertmanager that nobody configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unset {
    /// A gap: who is told was asked.
    IsGap,
    /// Nothing: that it is silenced was not asked.
    IsFine,
}

/// Reads both, each as far as it answers. What one cannot tell is a gap.
///
/// # Errors
/// Where neither answers.
pub(crate) async fn read(
    server: &Prometheus,
    deadline: Instant,
    unset: Unset,
) -> Result<Alerts, Failure> {
    let desk = server.prometheus().map(|client| Desk::new(client, deadline));
    let raised = async {
        match &desk {
            Ok(desk) => desk.sourced(desk.client.alerts()).await,
            Err(failure) => Err(failure.clone()),
        }
    };
    let (raised, passed) = tokio::join!(raised, passed(server, deadline));
    let now = match (&desk, &passed) {
        (Ok(desk), _) => desk.now,
        (Err(_), Ok(passed)) => passed.now,
        (Err(failure), Err(_)) => return Err(failure.clone()),
    };
    if let (Ok(desk), Ok((alerts, _))) = (&desk, &raised)
        && alerts.is_empty()
    {
        elsewhere::rules(desk).await;
    }
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
    let mut silences = BTreeMap::new();
    let passed = match passed {
        Ok(passed) => {
            systems.push("Alertmanager");
            silences = passed.silences;
            Some((passed.alerts, record.merge(passed.record)))
        }
        Err(failure) => {
            if unset == Unset::IsGap || server.has_alertmanager() {
                quiet_unknown(&mut record, &failure);
            }
            None
        }
    };
    let (raised, source) = raised.unwrap_or_default();
    let alerts = together(raised, source, passed);
    let examined = Examined { system: systems.join(" and "), ..where_looked };
    Ok(Alerts { alerts, silences, now, record, examined })
}

/// Notes that nobody could say of which alerts nobody is told.
pub(crate) fn quiet_unknown(record: &mut Record, failure: &Failure) {
    let remedy = "set --alertmanager-url, or see why it does not answer";
    record.gap("silences and inhibitions", failure, remedy);
}

/// What Alertmanager has.
pub(crate) struct Passed {
    pub(crate) alerts: Vec<manager::Alert>,
    /// The silences that hold any of them, by id.
    pub(crate) silences: BTreeMap<String, Silence>,
    /// The first of its reads is that of the alerts.
    pub(crate) record: Record,
    now: Timestamp,
}

/// Reads what Alertmanager has, and the silences that hold any of it.
///
/// # Errors
/// Where it is not configured, or does not tell its alerts.
pub(crate) async fn passed(server: &Prometheus, deadline: Instant) -> Result<Passed, Failure> {
    let client = server.alertmanager()?;
    let by = deadline.checked_sub(TO_ANSWER).unwrap_or(deadline);
    let mut record = Record::default();
    let read = timeout_at(by, passed_on(&client, server.enforced(), &mut record)).await;
    record.spent_on_alerts(&client);
    let (alerts, silences) = read.map_err(|_| late())??;
    Ok(Passed { alerts, silences, record, now: client.now() })
}

async fn passed_on(
    client: &Alertmanager,
    enforced: Option<&LabelMatchers>,
    record: &mut Record,
) -> Result<(Vec<manager::Alert>, BTreeMap<String, Silence>), Failure> {
    let filters = enforced.map(LabelMatchers::texts).unwrap_or_default();
    let said = client.alerts(&filters).await.map_err(|refusal| Failure::from(&refusal))?;
    record.said(&said);
    let mut alerts = said.data;
    // Whatever it makes of a filter: what may not be seen is not told.
    alerts.retain(|it| enforced.is_none_or(|enforced| enforced.admits(&it.labels)));
    let held: BTreeSet<&String> = alerts.iter().flat_map(|it| &it.status.silenced_by).collect();
    let mut silences = BTreeMap::new();
    if !held.is_empty() {
        match client.silences().await {
            Ok(all) => {
                record.said(&all);
                let holding = all.data.into_iter().filter(|it| held.contains(&it.id));
                silences = holding.map(|it| (it.id.clone(), it)).collect();
            }
            Err(refusal) => {
                record.gap("who silenced, and why", &Failure::from(&refusal), "ask again");
            }
        }
    }
    Ok((alerts, silences))
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

/// Alertmanager was too slow.
pub(crate) fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "alertmanager did not answer before the call's deadline".to_owned(),
        retryable: true,
        hint: String::new(),
    }
}
