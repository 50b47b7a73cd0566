//! A survey in words: what is wrong first, then the workloads, each on one line; what others wrote stands apart.

use super::Survey;
use super::pods::is_well;
use super::suspicion::{dead_services, has_failed, is_short};
use crate::unwell::brief;
use evidence::fact::Body;
use evidence::fact::event::Event;
use evidence::fact::meta::condition;
use evidence::fact::pod::{Pod, State};
use jiff::Timestamp;
use mcp::answer::{Quote, Table};

/// Lines about what is wrong; the facts hold the rest.
const MOST_PROBLEMS: usize = 20;
/// Lines about pods among them.
const MOST_PODS: usize = 10;
/// Groups of recent warnings that are said.
const MOST_WARNINGS: usize = 8;

/// What is wrong: objects that lack something first, then the pods.
pub(crate) fn problems(survey: &Survey, since: Timestamp) -> Vec<String> {
    let facts: Vec<&Body> = survey.record.bodies().collect();
    let (pods, others): (Vec<&Body>, Vec<&Body>) =
        facts.iter().copied().partition(|fact| matches!(fact, Body::Pod(_)));
    let lines = |facts: Vec<&Body>| -> Vec<String> {
        facts.into_iter().filter_map(|fact| problem(fact, since)).collect()
    };
    let mut problems = lines(others);
    if survey.looked_at_endpoints() {
        let dead = dead_services(facts.iter().copied());
        problems.extend(dead.map(|it| format!("{}: no ready endpoint", it.meta.entity("Service"))));
    }
    shorten(&mut problems, MOST_PROBLEMS, "");
    let mut pods = lines(pods);
    shorten(&mut pods, MOST_PODS, " pods");
    problems.extend(pods);
    problems
}

fn shorten(lines: &mut Vec<String>, most: usize, what: &str) {
    if lines.len() > most {
        let more = lines.len() - most;
        lines.truncate(most);
        lines.push(format!("... and {more} more{what}"));
    }
}

/// The recent warnings, the most frequent first, in the components' own words.
pub(crate) fn warnings(survey: &Survey, since: Timestamp) -> Vec<Quote> {
    let mut warnings: Vec<&Event> = survey
        .record
        .bodies()
        .filter_map(|fact| match fact {
            Body::Event(it) if it.warning && it.last >= Some(since) => Some(it),
            _ => None,
        })
        .collect();
    warnings.sort_by_key(|it| std::cmp::Reverse((it.count, it.last)));
    let lines: Vec<String> = warnings
        .iter()
        .take(MOST_WARNINGS)
        .map(|it| format!("{} {} x{}: {}", it.subject, it.reason, it.count, brief(&it.message)))
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let label = format!("recent warnings, {} of {} groups", lines.len(), warnings.len());
    vec![Quote { label, text: lines.join("\n") }]
}

fn problem(fact: &Body, since: Timestamp) -> Option<String> {
    let entity = fact.entity();
    let says = match fact {
        Body::Workload(it) if is_short(it) => format!("{} of {} pods ready", it.ready, it.desired),
        Body::Job(it) if has_failed(it) => format!("failed ({} pods failed)", it.failed),
        Body::Pod(it) if !is_well(it, since) => state(it),
        Body::Claim(it) if it.phase != "Bound" => it.phase.clone(),
        Body::Namespace(it) if it.phase == "Terminating" => "is being deleted".to_owned(),
        Body::Node(it) => {
            let ready =
                condition(&it.conditions, "Ready").filter(|ready| ready.status != "True")?;
            format!("not ready: {}", ready.reason)
        }
        _ => return None,
    };
    Some(format!("{entity}: {says}"))
}

/// What a pod that is not well does, by its first container that does not run well.
fn state(pod: &Pod) -> String {
    for container in &pod.containers {
        let restarts = match container.restarts {
            0 => String::new(),
            count => format!(", {count} restarts"),
        };
        let ended = container
            .last
            .as_ref()
            .map(|last| format!(", exit {} {}", last.exit_code, last.reason));
        let ended = ended.unwrap_or_default();
        match &container.state {
            Some(State::Waiting { reason, .. }) => {
                return format!("{} waits: {reason}{restarts}{ended}", container.name);
            }
            Some(State::Terminated(it)) if it.exit_code != 0 => {
                return format!(
                    "{} ended: exit {} {}{restarts}",
                    container.name, it.exit_code, it.reason
                );
            }
            Some(State::Running { .. }) if !container.ready || container.restarts > 0 => {
                let ready = if container.ready { "ready" } else { "not ready" };
                return format!("{} runs, {ready}{restarts}{ended}", container.name);
            }
            _ => {}
        }
    }
    let scheduled = condition(&pod.conditions, "PodScheduled").filter(|it| it.status == "False");
    match scheduled {
        Some(it) => format!("not scheduled: {}", it.reason),
        None if pod.meta.deleted.is_some() => "is being deleted".to_owned(),
        None => format!("{} {}", pod.phase, pod.reason).trim_end().to_owned(),
    }
}

/// One sentence with totals.
pub(crate) fn summary(survey: &Survey, whole_cluster: bool, since: Timestamp) -> String {
    let unwell = survey
        .record
        .bodies()
        .filter(|fact| matches!(fact, Body::Pod(pod) if !is_well(pod, since)))
        .count();
    let (mut workloads, mut short) = (0, 0);
    for fact in survey.record.bodies() {
        if let Body::Workload(workload) = fact {
            workloads += 1;
            short += usize::from(is_short(workload));
        }
    }
    let places = match (whole_cluster, survey.namespaces.as_slice()) {
        (true, []) => "Whole cluster, nothing suspicious".to_owned(),
        (true, closely) => format!("Whole cluster, closely {}", closely.join(", ")),
        (false, namespaces) => format!("Namespace {}", namespaces.join(", ")),
    };
    let pods = survey.pods;
    format!(
        "{places}: {unwell} of {pods} pods not well, {short} of {workloads} workloads lack pods."
    )
}

/// The workloads that were seen.
pub(crate) fn table(survey: &Survey) -> Table {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for fact in survey.record.bodies() {
        if let Body::Workload(it) = fact {
            let images: Vec<&str> =
                it.template.containers.iter().map(|container| container.image.as_str()).collect();
            rows.push(vec![
                it.meta.namespace.clone(),
                format!("{}/{}", it.kind.to_lowercase(), it.meta.name),
                format!("{}/{}", it.ready, it.desired),
                it.updated.to_string(),
                images.join(","),
            ]);
        }
    }
    rows.sort();
    let columns = ["NAMESPACE", "WORKLOAD", "READY", "UPDATED", "IMAGES"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows }
}

/// Calls worth making next: the log of what crashed.
pub(crate) fn next(survey: &Survey, since: Timestamp) -> Vec<String> {
    let crashed = survey.record.bodies().find_map(|fact| match fact {
        Body::Pod(pod) if !is_well(pod, since) => {
            let container = pod.containers.iter().find(|it| it.last.is_some())?;
            Some(format!(
                "k8s_get_pod_logs(namespace={}, pod_name={}, container={}, previous=true)",
                pod.meta.namespace, pod.meta.name, container.name
            ))
        }
        _ => None,
    });
    crashed.into_iter().collect()
}
