//! A pod in cells, and the one word that says how it does.

use super::{Cell, cell, wide};
use crate::listing::known::Known;
use crate::translate::row::PodRow;
use evidence::fact::pod::{ContainerStatus, Pod, State};
use jiff::Timestamp;
use mcp::age::{age, ago, span};

/// The cells of a pod.
pub(super) fn cells(pod: &Pod, now: Timestamp) -> Vec<Cell> {
    vec![
        cell("READY", ready(pod)),
        cell("STATUS", status(pod)),
        cell("RESTARTS", restarts(pod, now)),
        wide("NODE", &pod.spec.node_name),
    ]
}

/// The texts of the cells that are not wide, of a pod that is known by its row.
pub(crate) fn of_row(row: &PodRow, now: Timestamp) -> Vec<String> {
    let restarts = match row.how.ended {
        Some(ended) => format!("{} ({} ago)", row.how.restarts, span(ended.as_secs())),
        None => row.how.restarts.to_string(),
    };
    let (ready, status) = (row.how.ready.clone(), row.how.status.clone());
    vec![row.meta.name.clone(), ready, status, restarts, age(now, row.meta.created)]
}

/// The same of a pod that is known in short; none of anything else.
pub(crate) fn in_short(known: &Known, now: Timestamp) -> Option<Vec<String>> {
    let ready = known.ready.as_deref()?.to_owned();
    let (name, status) = (known.entity.name.clone(), known.status.clone());
    Some(vec![name, ready, status, known.restarts.to_string(), age(now, known.created)])
}

/// Containers that are ready, of those that run side by side.
pub(crate) fn ready(pod: &Pod) -> String {
    let beside =
        |name: &str| pod.spec.containers.iter().any(|it| it.name == name && it.init && !it.sidecar);
    let ready = pod.containers.iter().filter(|it| it.ready && !beside(&it.name)).count();
    let all = pod.spec.containers.iter().filter(|it| !it.init || it.sidecar).count();
    format!("{ready}/{all}")
}

/// How often its containers were started again.
pub(crate) fn restart_count(pod: &Pod) -> u32 {
    pod.containers.iter().map(|it| it.restarts).sum()
}

fn restarts(pod: &Pod, now: Timestamp) -> String {
    let last = pod.containers.iter().filter_map(|it| it.last.as_ref()?.finished).max();
    match (restart_count(pod), ago(now, last)) {
        (count, ago) if ago.is_empty() => count.to_string(),
        (count, ago) => format!("{count} ({ago})"),
    }
}

/// One word, as `kubectl get pods` has it: `Running`, `CrashLoopBackOff`, `Init:Error`, `Terminating`.
pub(crate) fn status(pod: &Pod) -> String {
    if pod.meta.deleted.is_some() {
        return "Terminating".to_owned();
    }
    let (init, main): (Vec<_>, Vec<_>) = pod.containers.iter().partition(|it| it.init);
    let stuck = init.into_iter().find_map(|it| word(it).map(|word| format!("Init:{word}")));
    let stuck = stuck.or_else(|| main.into_iter().find_map(word));
    match stuck {
        Some(word) => word,
        None if !pod.reason.is_empty() => pod.reason.clone(),
        None => pod.phase.clone(),
    }
}

/// Why a container does not run, or ended badly.
fn word(container: &ContainerStatus) -> Option<String> {
    match container.state.as_ref()? {
        State::Waiting { reason, .. } if reason == "PodInitializing" => None,
        State::Waiting { reason, .. } => Some(reason.clone()),
        State::Terminated(it) if it.exit_code != 0 && it.reason.is_empty() => {
            Some(format!("ExitCode:{}", it.exit_code))
        }
        State::Terminated(it) if it.exit_code != 0 => Some(it.reason.clone()),
        _ => None,
    }
}
