//! What pods or nodes use, beside what they asked for and may have.

use crate::address::check_namespace;
use crate::metrics::{self, Metrics, Of};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use crate::translate::{node, spec};
use crate::usage::{self, Amount};
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{NODES, PODS};
use evidence::testimony::Cost;
use k8s_openapi::api::core::v1 as api;
use mcp::answer::{Answer, Examined, Page, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// The tool.
pub struct Top;

/// What to show.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    target: Target,
    namespace: Option<String>,
    sort: Option<Sort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Target {
    Pods,
    Nodes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Sort {
    Cpu,
    #[default]
    Memory,
}

/// Rows: the greatest; some 600 tokens.
const ROWS: usize = 20;
/// At this share of a limit the next request may be the one too many, in percent.
const CLOSE: u64 = 90;
/// Pods that are named for being close to a limit.
const MOST_CLOSE: usize = 10;
/// What has no metrics is named up to this many.
const MOST_UNMEASURED: usize = 5;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);
/// What shows the use of pods to who has Prometheus.
const PODS_IN_PROMQL: [&str; 2] = [
    "topk(20, sum by (namespace, pod) (container_memory_working_set_bytes{container!=\"\"}))",
    "topk(20, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{container!=\"\"}[5m])))",
];
/// What shows the use of nodes.
const NODES_IN_PROMQL: [&str; 2] = [
    "topk(20, 1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
    "topk(20, 1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m])))",
];

/// What a pod asked for, and what it may use: none of a resource without a limit.
type Asked = (Amount, (Option<u64>, Option<u64>));

/// One pod or node.
struct Line {
    namespace: String,
    name: String,
    used: Amount,
    requested: Option<Amount>,
    may: (Option<u64>, Option<u64>),
}

impl Tool<Kubernetes> for Top {
    const NAME: &'static str = "k8s_top";
    const ABOUT: &'static str = "CPU and memory that pods or nodes use, beside requests and limits. Use it for load and OOM.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let namespace = ask.namespace.as_deref();
        namespace.map_or(Ok(()), check_namespace)?;
        if namespace.is_some() && ask.target == Target::Nodes {
            return Err(Failure::invalid("argument `namespace` must be left out: nodes have none"));
        }
        let client = server.client().await?;
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let reach = namespace.map_or(Reach::Cluster, Reach::Namespace);
        let of = if ask.target == Target::Pods { Of::Pods } else { Of::Nodes };
        let mut record = Record::default();
        let mut answer = match metrics::read(&desk, of, reach).await {
            Ok((metrics, reading)) => {
                let whole = reading.trouble.is_none();
                record.add(reading);
                let (mut lines, without) = match of {
                    Of::Pods => pods(&desk, &mut record, reach, &metrics).await,
                    Of::Nodes => nodes(&desk, &mut record, &metrics).await,
                };
                order(&mut lines, ask.sort.unwrap_or_default());
                let mut answer = shown(of, &lines, namespace.is_none(), &metrics.window);
                answer.page = answer.page.map(|page| Page { exact: whole, ..page });
                answer.problems.extend(unmeasured(of, &without));
                answer
            }
            Err(why) => {
                let remedy = "install metrics-server, or ask Prometheus".to_owned();
                record.gap(format!("what {} use", words(of)), why.clone(), remedy);
                Answer {
                    summary: format!("What {} use is unknown: {why}.", words(of)),
                    problems: in_promql(of)
                        .iter()
                        .map(|it| format!("PromQL that shows it: {it}"))
                        .collect(),
                    ..Answer::default()
                }
            }
        };
        let denied = record.denied();
        let mut testimony = record.into_testimony();
        let gaps: Vec<String> = testimony.gaps.iter().map(|it| it.what.clone()).collect();
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.tool = Self::NAME.to_owned();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        answer.examined = Examined {
            namespaces: namespace.map(str::to_owned).into_iter().collect(),
            incomplete: (!gaps.is_empty()).then(|| gaps.join(", ")),
            denied,
            ..Examined::default()
        };
        answer.testimony = testimony;
        Ok(answer)
    }
}

fn in_promql(of: Of) -> [&'static str; 2] {
    if of == Of::Pods { PODS_IN_PROMQL } else { NODES_IN_PROMQL }
}

fn words(of: Of) -> &'static str {
    if of == Of::Pods { "pods" } else { "nodes" }
}

async fn pods(
    desk: &Desk,
    record: &mut Record,
    reach: Reach<'_>,
    metrics: &Metrics,
) -> (Vec<Line>, Vec<String>) {
    let mut without = Vec::new();
    let mut asked: BTreeMap<(String, String), Asked> = BTreeMap::new();
    let reading = desk
        .each(&PODS, reach, ListOptions::default(), |it: api::Pod| {
            let key =
                (it.metadata.namespace.unwrap_or_default(), it.metadata.name.unwrap_or_default());
            if metrics.used.contains_key(&key) {
                let spec = it.spec.map(spec::spec).unwrap_or_default();
                asked.insert(key, (usage::requests(&spec), usage::limits(&spec)));
            } else if it.status.is_some_and(|it| it.phase.as_deref() == Some("Running")) {
                without.push(format!("{}/{}", key.0, key.1));
            }
        })
        .await;
    record.add(reading);
    let lines = metrics.used.iter().map(|(key, used)| {
        let known = asked.get(key);
        Line {
            namespace: key.0.clone(),
            name: key.1.clone(),
            used: *used,
            requested: known.map(|it| it.0),
            may: known.map(|it| it.1).unwrap_or_default(),
        }
    });
    (lines.collect(), without)
}

async fn nodes(desk: &Desk, record: &mut Record, metrics: &Metrics) -> (Vec<Line>, Vec<String>) {
    let mut has: BTreeMap<String, Amount> = BTreeMap::new();
    let reading = desk
        .each(&NODES, Reach::Cluster, ListOptions::default(), |it: api::Node| {
            let it = node::node(it);
            has.insert(it.meta.name, Amount::of(&it.allocatable));
        })
        .await;
    record.add(reading);
    let lines = metrics.used.iter().map(|((_, name), used)| {
        let has = has.get(name);
        Line {
            namespace: String::new(),
            name: name.clone(),
            used: *used,
            requested: None,
            may: (has.map(|it| it.cpu), has.map(|it| it.memory)),
        }
    });
    let is_measured = |name: &&String| metrics.used.contains_key(&(String::new(), (*name).clone()));
    let without = has.keys().filter(|it| !is_measured(it)).cloned().collect();
    (lines.collect(), without)
}

/// What runs and has no metrics: it uses something all the same.
fn unmeasured(of: Of, without: &[String]) -> Option<String> {
    let named: Vec<&str> = without.iter().take(MOST_UNMEASURED).map(String::as_str).collect();
    let more = if without.len() > named.len() { ", ..." } else { "" };
    let count = without.len();
    (count > 0)
        .then(|| format!("{count} {} without metrics: {}{more}", words(of), named.join(", ")))
}

/// The greatest first; those that use the same by name.
fn order(lines: &mut [Line], sort: Sort) {
    lines.sort_by_key(|it| match sort {
        Sort::Cpu => Reverse(it.used.cpu),
        Sort::Memory => Reverse(it.used.memory),
    });
}

fn shown(of: Of, lines: &[Line], spread: bool, window: &str) -> Answer {
    let sum = lines.iter().fold(Amount::default(), |sum, it| sum.plus(it.used));
    let percent = |it: &Line| usage::percent(it.used.memory, it.may.1?);
    let mut close: Vec<(&Line, u64)> =
        lines.iter().filter_map(|it| Some((it, percent(it)?))).filter(|it| it.1 >= CLOSE).collect();
    close.sort_by_key(|(_, percent)| Reverse(*percent));
    let bound = if of == Of::Pods { "memory limit" } else { "allocatable memory" };
    let over = match close.len() {
        0 => String::new(),
        count => format!("; {count} at {CLOSE} % of their {bound} or more"),
    };
    let measured = if window.is_empty() { String::new() } else { format!(", over {window}") };
    let summary = format!(
        "{} {} use {} cores and {}{measured}{over}.",
        lines.len(),
        words(of),
        usage::cpu(sum.cpu),
        usage::memory(sum.memory)
    );
    let problems = close.iter().take(MOST_CLOSE).map(|(it, percent)| {
        let name = [it.namespace.as_str(), &it.name].join("/");
        format!("{} uses {percent} % of its {bound}", name.trim_start_matches('/'))
    });
    let mut columns: Vec<&str> = match of {
        Of::Pods => vec!["POD", "CPU", "%REQ", "%LIM", "MEMORY", "%REQ", "%LIM"],
        Of::Nodes => vec!["NODE", "CPU", "%", "MEMORY", "%"],
    };
    let spread = spread && of == Of::Pods;
    if spread {
        columns.insert(0, "NAMESPACE");
    }
    let total = lines.len() as u64;
    let rows: Vec<Vec<String>> = lines
        .iter()
        .take(ROWS)
        .map(|it| {
            let mut row = if spread { vec![it.namespace.clone()] } else { Vec::new() };
            row.extend([it.name.clone(), usage::cpu(it.used.cpu)]);
            let of_requests =
                |used, asked: fn(Amount) -> u64| usage::share(used, it.requested.map(asked));
            if of == Of::Pods {
                row.push(of_requests(it.used.cpu, |it| it.cpu));
            }
            row.extend([usage::share(it.used.cpu, it.may.0), usage::memory(it.used.memory)]);
            if of == Of::Pods {
                row.push(of_requests(it.used.memory, |it| it.memory));
            }
            row.push(usage::share(it.used.memory, it.may.1));
            row
        })
        .collect();
    Answer {
        summary,
        problems: problems.collect(),
        page: Some(Page { returned: rows.len() as u64, total, exact: true, cursor: None }),
        table: Table { columns: columns.into_iter().map(str::to_owned).collect(), rows },
        ..Answer::default()
    }
}
