//! Which metrics tell how a workload does: rate, errors, duration, saturation, utilisation and state, each with its query.

use crate::ask::Desk;
use crate::labels::METRIC;
use crate::number::with_unit;
use crate::record::examined;
use crate::server::Prometheus;
use crate::signals::{Known, Signal, known};
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
        let all = known();
        for signal in Signal::ALL {
            let fitting = all.iter().filter(|it| it.signal == signal);
            let there = fitting.filter_map(|it| Some((it, names.get(it.metric)?)));
            chosen.extend(there.take(MOST_OF_ONE));
        }
        let rows =
            join_all(chosen.iter().map(|(known, matchers)| row(&desk, known, matchers))).await;
        let has: BTreeSet<Signal> = chosen.iter().map(|it| it.0.signal).collect();
        let lacks: Vec<&str> =
            Signal::ALL.iter().filter(|it| !has.contains(it)).map(|it| it.name()).collect();
        let own = own(&names, &all);
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
            examined: Examined {
                namespaces: vec![ask.namespace.clone()],
                ..examined(&desk.client)
            },
            ..Answer::default()
        };
        if !own.is_empty() {
            answer.problems.push(format!("metrics of its own: {}", own.join(", ")));
        }
        let query = rows.first().and_then(|it| it.last()).cloned();
        answer.next.extend(query.map(|query| format!("compare_metric(query={query})")));
        answer.table =
            Table { columns: ["SIGNAL", "NOW", "FROM", "QUERY"].map(str::to_owned).to_vec(), rows };
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
    let queries: Vec<String> = known.queries.iter().map(|it| it.replace('$', matchers)).collect();
    let values = join_all(queries.iter().map(|it| desk.number(it, desk.now))).await;
    let mut told = queries.first().cloned().unwrap_or_default();
    let mut now = if values.iter().any(Result::is_err) { "unknown" } else { "no value" }.to_owned();
    for (query, value) in queries.into_iter().zip(values) {
        if let Ok(Some(value)) = value {
            let unit = desk.client.expression(&query).ok();
            let unit = unit.and_then(|it| it.tree().map(unit::of)).unwrap_or_default();
            (now, told) = (with_unit(value, unit), query);
            break;
        }
    }
    vec![known.signal.name().to_owned(), now, known.family.to_owned(), told]
}

/// What is in none of the families that every workload has.
fn own(names: &BTreeMap<String, String>, known: &[Known]) -> Vec<String> {
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
            && !known.iter().any(|it| it.metric == name.as_str())
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
    let failure = |message: String, hint: String| Failure {
        code: Code::NotFound,
        message,
        retryable: false,
        hint,
    };
    let query = "count by (namespace) ({namespace!=\"\"})";
    match values(desk, query).await {
        Ok((spaces, all)) if all && !spaces.contains(namespace) => {
            let hint = offer(namespace, spaces.iter().map(String::as_str));
            return failure(format!("no metric has the namespace {namespace}"), hint);
        }
        // That it is there, or not, is not known.
        Err(_) | Ok(_) => {}
    }
    let query = format!(
        "count by (workload, deployment, statefulset, daemonset, app, pod) ({{namespace={namespace:?}}})"
    );
    let hint = match values(desk, &query).await {
        Ok((names, _)) => offer(workload, names.iter().map(String::as_str)),
        Err(why) => format!("what it names instead could not be read: {}", why.message),
    };
    failure(format!("no metric of namespace {namespace} names the workload {workload}"), hint)
}

/// The values of all labels of a query's series, and whether that is all of them.
async fn values(desk: &Desk, query: &str) -> Result<(BTreeSet<String>, bool), Failure> {
    let found = desk.series(query, desk.now).await?;
    let values = found.series.into_iter().flat_map(|it| it.labels.into_values());
    Ok((values.collect(), !found.cut))
}
