//! Which metrics tell how a workload does: rate, errors, duration, saturation, utilisation and state, each with its query.

use crate::ask::Desk;
use crate::labels::METRIC;
use crate::number::with_unit;
use crate::record::examined;
use crate::server::Prometheus;
use crate::signals::{KNOWN, Known, Signal};
use crate::unit;
use futures::future::join_all;
use mcp::answer::{Answer, Examined, Table};
use mcp::arguments::label;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The tool.
pub struct FindMetricsFor;

/// Which workload.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: String,
    /// As web, or deployment/web.
    workload: String,
}

/// Metrics of the workload's own that are named.
const MOST_OWN: usize = 20;
/// Rows of one signal: a second family tells the same again.
const MOST_OF_ONE: usize = 2;

/// How a metric may name a workload: matchers, in which `$` is its name; the most certain first.
const WAYS: [&str; 8] = [
    // What Kubernetes puts behind a name has no vowels, so that `web` does not find the pods of `web-frontend`.
    "pod=~\"$(-[^aeiou-]{5,10}){0,2}|$-[0-9]+\"",
    "deployment=\"$\"",
    "statefulset=\"$\"",
    "daemonset=\"$\"",
    "destination_workload=\"$\"",
    "workload=\"$\"",
    "app=\"$\"",
    "job=~\"(.+/)?$\"",
];

impl Tool<Prometheus> for FindMetricsFor {
    const NAME: &'static str = "find_metrics_for";
    const ABOUT: &'static str = "A workload's golden signals: which metrics tell its rate, errors, duration, saturation, state; query and \
value now.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        label("namespace", &ask.namespace)?;
        let workload = ask.workload.rsplit('/').next().unwrap_or_default();
        mcp::arguments::label("workload", &workload.replace('.', "-"))?;
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let names = found(&desk, &ask.namespace, workload).await?;
        if names.is_empty() {
            return Err(nothing(&desk, &ask.namespace, workload).await);
        }
        let mut chosen: Vec<(&Known, &String)> = Vec::new();
        for signal in Signal::ALL {
            let fitting = KNOWN.iter().filter(|it| it.signal == signal);
            let there = fitting.filter_map(|it| Some((it, names.get(it.metric)?)));
            chosen.extend(there.take(MOST_OF_ONE));
        }
        let rows =
            join_all(chosen.iter().map(|(known, matchers)| row(&desk, known, matchers))).await;
        let has: BTreeSet<Signal> = chosen.iter().map(|it| it.0.signal).collect();
        let lacks: Vec<&str> =
            Signal::ALL.iter().filter(|it| !has.contains(it)).map(|it| it.name()).collect();
        let own = own(&names);
        let mut answer = Answer {
            summary: format!(
                "{} metrics are about {}/{workload}; {} of {} signals are covered{}.",
                names.len(),
                ask.namespace,
                has.len(),
                Signal::ALL.len(),
                if lacks.is_empty() {
                    String::new()
                } else {
                    format!(", not {}", lacks.join(", "))
                }
            ),
            table: Table {
                columns: ["SIGNAL", "NOW", "FROM", "QUERY"].map(str::to_owned).to_vec(),
                rows,
            },
            examined: Examined {
                namespaces: vec![ask.namespace.clone()],
                ..examined(&desk.client)
            },
            ..Answer::default()
        };
        if !own.is_empty() {
            answer.problems.push(format!("metrics of its own: {}", own.join(", ")));
        }
        if let Some((known, matchers)) = chosen.first() {
            answer
                .next
                .push(format!("compare_metric(query={})", known.query.replace('$', matchers)));
        }
        Ok(desk.close().into(answer))
    }
}

/// The metrics that name the workload, each with the matchers that find it.
async fn found(
    desk: &Desk,
    namespace: &str,
    workload: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let name = workload.replace('.', "\\\\.");
    let ways: Vec<String> = WAYS
        .iter()
        .map(|way| {
            let space = if way.starts_with("destination") {
                "destination_workload_namespace"
            } else {
                "namespace"
            };
            format!("{space}={namespace:?},{}", way.replace('$', &name))
        })
        .collect();
    let ask = |matchers: &String| {
        let query = format!("count by ({METRIC}) ({{{matchers}}})");
        async move { desk.series(&query, desk.now).await }
    };
    let all = join_all(ways.iter().map(ask)).await;
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut failed = None;
    for (matchers, found) in ways.iter().zip(all) {
        match found {
            Ok(found) => {
                for mut series in found.series {
                    if let Some(name) = series.labels.remove(METRIC) {
                        names.entry(name).or_insert_with(|| matchers.clone());
                    }
                }
            }
            Err(failure) => failed = Some(failure),
        }
    }
    match failed {
        Some(failure) if names.is_empty() => Err(failure),
        Some(failure) => {
            desk.note(|record| record.gap("some ways to find its metrics", &failure, "ask again"));
            Ok(names)
        }
        None => Ok(names),
    }
}

async fn row(desk: &Desk, known: &Known, matchers: &str) -> Vec<String> {
    let query = known.query.replace('$', matchers);
    let unit = desk.client.expression(&query).ok();
    let unit = unit.and_then(|it| it.tree().map(unit::of)).unwrap_or_default();
    let now = match desk.number(&query, desk.now).await {
        Ok(Some(value)) => with_unit(value, unit),
        Ok(None) => "no value".to_owned(),
        Err(_) => "unknown".to_owned(),
    };
    vec![known.signal.name().to_owned(), now, known.family.to_owned(), query]
}

/// What is in none of the families that every workload has.
fn own(names: &BTreeMap<String, String>) -> Vec<String> {
    const COMMON: [&str; 10] = [
        "kube_",
        "container_",
        "go_",
        "process_",
        "scrape_",
        "istio_",
        "envoy_",
        "promhttp_",
        "python_",
        "jvm_",
    ];
    let is_own = |name: &&String| {
        name.as_str() != "up"
            && !COMMON.iter().any(|it| name.starts_with(it))
            && !KNOWN.iter().any(|it| it.metric == name.as_str())
    };
    let mut own: Vec<String> = names.keys().filter(is_own).cloned().collect();
    let more = own.len().saturating_sub(MOST_OWN);
    own.truncate(MOST_OWN);
    if more > 0 {
        own.push(format!("{more} more"));
    }
    own
}

/// No metric names the workload: perhaps another was meant.
async fn nothing(desk: &Desk, namespace: &str, workload: &str) -> Failure {
    let spaces = desk.series("count by (namespace) ({namespace!=\"\"})", desk.now).await;
    let spaces: Vec<String> = spaces
        .map(|it| {
            it.series.into_iter().filter_map(|mut it| it.labels.remove("namespace")).collect()
        })
        .unwrap_or_default();
    let failure = |message: String, hint: String| Failure {
        code: Code::NotFound,
        message,
        retryable: false,
        hint,
    };
    if !spaces.iter().any(|it| it == namespace) {
        let hint = offer(namespace, spaces.iter().map(String::as_str));
        return failure(format!("no metric has the namespace {namespace}"), hint);
    }
    let query = format!(
        "count by (workload, deployment, statefulset, daemonset, app, pod) ({{namespace={namespace:?}}})"
    );
    let there = desk.series(&query, desk.now).await.map(|it| it.series).unwrap_or_default();
    let names: BTreeSet<String> =
        there.into_iter().flat_map(|it| it.labels.into_values()).collect();
    let hint = offer(workload, names.iter().map(String::as_str));
    failure(format!("no metric of namespace {namespace} names the workload {workload}"), hint)
}
