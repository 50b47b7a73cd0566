//! What containers wrote, of the run that explains more.

use crate::address::{check_namespace, check_object};
use crate::logs::pods::{self, Asked};
use crate::logs::select::{Filter, Level, pattern};
use crate::logs::shown::shown;
use crate::logs::{Outcome, Part, Taken, choose, take};
use crate::server::Kubernetes;
use crate::translate::log::lines;
use crate::unwell;
use evidence::fact::pod::Pod;
use evidence::testimony::{Cost, Testimony};
use futures::future::join_all;
use jiff::Timestamp;
use mcp::age::{ago, counted};
use mcp::answer::{Answer, Examined, Quote};
use mcp::arguments::{Since, label, limit};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct GetPodLogs;

/// Which logs to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespace: String,
    pod_name: Option<String>,
    workload: Option<String>,
    #[schemars(extend("seldom" = "label_selector"))]
    label_selector: Option<String>,
    #[schemars(extend("seldom" = "container"))]
    container: Option<String>,
    #[schemars(extend("seldom" = "all_containers"))]
    all_containers: Option<bool>,
    #[schemars(extend("seldom" = "previous"))]
    previous: Option<bool>,
    since: Option<Since>,
    #[schemars(extend("seldom" = "until"))]
    until: Option<Since>,
    #[schemars(extend("seldom" = "tail_lines"))]
    tail_lines: Option<u64>,
    grep: Option<String>,
    #[schemars(extend("seldom" = "exclude"))]
    exclude: Option<String>,
    #[schemars(extend("seldom" = "level"))]
    level: Option<Level>,
    #[schemars(extend("seldom" = "context"))]
    context: Option<u8>,
    #[schemars(extend("seldom" = "mode=patterns"))]
    mode: Option<Mode>,
}

/// How to show lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Lines,
    Patterns,
}

const LINES: u64 = 100;
const MOST_LINES: u64 = 2_000;
/// Lines read where only some of them are shown, or all are counted.
const SCANNED: u32 = 20_000;
/// Patterns shown of one log.
const MOST_PATTERNS: usize = 50;
/// Containers listened to in one call.
const MOST_LOGS: usize = 10;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for GetPodLogs {
    const NAME: &'static str = "k8s_get_pod_logs";
    const ABOUT: &'static str = "Logs of a pod or a workload as deployment/web, of the crashed run by default. Use it for why a \
container fails.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let tail = limit("tail_lines", ask.tail_lines, LINES, MOST_LINES)?;
        let asked = asked(&ask)?;
        let grep = pattern("grep", ask.grep.as_deref())?;
        let exclude = pattern("exclude", ask.exclude.as_deref())?;
        let client = server.client().await?;
        let now = client.now();
        let filter = Filter {
            grep,
            exclude,
            level: ask.level,
            until: ask.until.map(|until| until.seen_from(now)),
            context: ask.context.unwrap_or(0).into(),
        };
        let mode = ask.mode.unwrap_or_default();
        let whole = mode == Mode::Lines && filter.is_open();
        let part = Part {
            previous: ask.previous,
            tail: if whole { u32::try_from(tail).unwrap_or(SCANNED) } else { SCANNED },
            since: ask.since.map(|since| since.seen_from(now)),
        };
        let chosen = pods::find(&client, &ask.namespace, &asked).await?;
        let mut wanted: Vec<(&Pod, &str)> = Vec::new();
        for pod in &chosen.pods {
            let all = ask.all_containers.unwrap_or(false);
            let names = choose::containers(pod, ask.container.as_deref(), all, now)?;
            wanted.extend(names.into_iter().map(|name| (pod, name)));
        }
        let more = wanted.len().saturating_sub(MOST_LOGS);
        wanted.truncate(MOST_LOGS);
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let logs = wanted.iter().map(|(pod, name)| take(&client, pod, name, part, deadline));
        let logs = join_all(logs).await;
        let mut testimony = Testimony::default();
        logs.iter().for_each(|log| log.testify(&mut testimony));
        let spent = client.spent();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let tail = usize::try_from(tail).unwrap_or(usize::MAX);
        let show_as = How { filter: &filter, mode, tail, alone: logs.len() == 1 };
        let shown: Vec<Shown> = logs.iter().filter_map(|log| show(log, &show_as, now)).collect();
        let mut answer = Answer {
            summary: summary(&logs, &shown, mode),
            problems: problems(&wanted, &logs, now),
            examined: Examined {
                namespaces: vec![ask.namespace.clone()],
                denied: denied(&ask.namespace, &logs),
                incomplete: incomplete(&logs, chosen.all - chosen.pods.len(), more),
                ..Examined::default()
            },
            testimony,
            ..Answer::default()
        };
        for one in shown {
            if one.lines > 0 {
                answer.quotes.push(one.quote);
            }
            answer.table.rows.extend(one.rows);
        }
        if !answer.table.rows.is_empty() {
            answer.table.columns =
                ["CONTAINER", "#", "COUNT", "FIRST", "LAST"].map(str::to_owned).to_vec();
        }
        Ok(answer)
    }
}

/// Which pods, by the one argument of the three that is given.
fn asked(ask: &Ask) -> Result<Asked, Failure> {
    check_namespace(&ask.namespace)?;
    if let Some(container) = &ask.container {
        label("container", container)?;
        if ask.all_containers == Some(true) {
            return Err(Failure::invalid(
                "argument `all_containers` must be left out or false where `container` is given",
            ));
        }
    }
    match (&ask.pod_name, &ask.workload, &ask.label_selector) {
        (Some(pod), None, None) => {
            check_object("pod_name", pod)?;
            Ok(Asked::Pod(pod.clone()))
        }
        (None, Some(workload), None) => Ok(Asked::Workload(workload.clone())),
        (None, None, Some(labels)) if !labels.is_empty() => Ok(Asked::Labels(labels.clone())),
        _ => Err(Failure::invalid(
            "exactly one of `pod_name`, `workload` and `label_selector` must be given",
        )),
    }
}

/// One log as it is shown.
struct Shown {
    quote: Quote,
    rows: Vec<Vec<String>>,
    matched: usize,
    lines: usize,
}

/// How logs are shown.
struct How<'a> {
    filter: &'a Filter,
    mode: Mode,
    tail: usize,
    /// There is one log, whose name is in the summary.
    alone: bool,
}

fn show(log: &Taken, how: &How<'_>, now: Timestamp) -> Option<Shown> {
    let Outcome::Read(text) = &log.outcome else { return None };
    if text.lines.is_empty() {
        return None;
    }
    let of = if how.alone { String::new() } else { format!(" of {}", log.name()) };
    let (kept, matched) = how.filter.select(&text.lines);
    if how.mode == Mode::Patterns {
        let (_, mut patterns) = lines(kept.iter().map(|line| (line.at, line.text.clone())));
        patterns.sort_by_key(|it| std::cmp::Reverse(it.count));
        patterns.truncate(MOST_PATTERNS);
        let numbered = (1..).zip(&patterns);
        let texts: Vec<String> = numbered
            .clone()
            .map(|(number, it): (usize, _)| format!("{number} {}", it.text))
            .collect();
        let rows = numbered.map(|(number, it)| {
            vec![
                format!("{}/{}", log.pod, log.container),
                number.to_string(),
                it.count.to_string(),
                ago(now, it.first),
                ago(now, it.last),
            ]
        });
        let label = format!("patterns by #{of}");
        let lines = patterns.len();
        let quote = Quote { label, text: texts.join("\n") };
        return Some(Shown { quote, rows: rows.collect(), matched, lines });
    }
    let last = kept.len().saturating_sub(how.tail);
    let kept = kept.get(last..).unwrap_or_default();
    let (text, is_shorter) = shown(kept);
    let own = if is_shorter { ", without the program's own times" } else { "" };
    let quote = Quote { label: format!("log{of}{own}"), text };
    Some(Shown { quote, rows: Vec::new(), matched, lines: kept.len() })
}

fn summary(logs: &[Taken], shown: &[Shown], mode: Mode) -> String {
    let read: usize = logs
        .iter()
        .map(|log| match &log.outcome {
            Outcome::Read(text) => text.lines.len(),
            _ => 0,
        })
        .sum();
    let matched: usize = shown.iter().map(|one| one.matched).sum();
    let lines: usize = shown.iter().map(|one| one.lines).sum();
    let what = match logs {
        [only] => only.name(),
        several => format!("{} containers", several.len()),
    };
    let were_read = || logs.iter().map(|log| matches!(log.outcome, Outcome::Read(_)));
    if !were_read().any(|it| it) {
        return format!("{what}: no log was read.");
    }
    let shown = if mode == Mode::Patterns { "patterns" } else { "lines" };
    if were_read().all(|it| it) && (matched, lines) == (read, read) && mode == Mode::Lines {
        return format!("{what}: {}.", counted(read, "line"));
    }
    format!("{what}: {read} lines read, {matched} fit, {lines} {shown} shown.")
}

/// How the containers do, then which logs brought nothing and why.
fn problems(wanted: &[(&Pod, &str)], logs: &[Taken], now: Timestamp) -> Vec<String> {
    let mut problems = Vec::new();
    for (pod, name) in wanted {
        let status = pod.containers.iter().find(|it| it.name == *name);
        if let Some(why) = status.and_then(|status| unwell::container(status, now)) {
            problems.push(format!("{}: {}", pod.meta.entity("Pod"), why.says));
        }
    }
    problems.extend(logs.iter().filter_map(Taken::trouble));
    problems
}

fn denied(namespace: &str, logs: &[Taken]) -> Vec<String> {
    let denied = logs.iter().any(Taken::is_denied);
    if denied { vec![format!("{namespace}: get pods/log (403)")] } else { Vec::new() }
}

fn incomplete(logs: &[Taken], pods: usize, containers: usize) -> Option<String> {
    let mut why = Vec::new();
    let cut = logs.iter().filter(|log| log.truncated).count();
    match (cut, logs.len()) {
        (0, _) => {}
        (_, 1) => why.push("older lines were not read".to_owned()),
        (_, all) => why.push(format!("older lines of {cut} of {all} logs were not read")),
    }
    let unread =
        logs.iter().filter(|log| matches!(log.outcome, Outcome::Unread(_) | Outcome::Gone(_)));
    match unread.count() {
        0 => {}
        count => why.push(format!("{count} of {} logs could not be read", logs.len())),
    }
    if pods > 0 {
        why.push(format!("{pods} more pods were not listened to"));
    }
    if containers > 0 {
        why.push(format!("{containers} more containers were not listened to"));
    }
    (!why.is_empty()).then(|| why.join("; "))
}
