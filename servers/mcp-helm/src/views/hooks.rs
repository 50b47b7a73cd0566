//! The objects that Helm makes at certain moments, and how they last went.

use super::{Revision, manifest};
use crate::objects::Objects;
use clients::helm::release::Hook;
use jiff::Timestamp;
use mcp::age::{ago, span};
use mcp::answer::{Answer, Table};
use mcp::failure::Failure;

/// A row for each hook, in the order in which Helm runs them; or what a path names of their objects.
pub(crate) fn of(revision: &Revision<'_>, path: Option<&str>) -> Result<Answer, Failure> {
    let hooks = &revision.release.hooks;
    let name = revision.name();
    if path.is_some() {
        let manifests: Vec<&str> = hooks.iter().map(|hook| hook.manifest.as_str()).collect();
        let objects =
            Objects::read(&manifests.join("\n---\n"), &revision.kept.namespace, &revision.secrets);
        return manifest::shown(&objects, &format!("hooks of {name}"), path);
    }
    if hooks.is_empty() {
        return Ok(Answer { summary: format!("{name} has no hooks."), ..Answer::default() });
    }
    let mut order: Vec<&Hook> = hooks.iter().collect();
    order.sort_by_key(|hook| (&hook.events, hook.weight, &hook.kind, &hook.name));
    let failed = failed(hooks);
    let columns = ["OBJECT", "WHEN", "WEIGHT", "LAST RUN", "BEGUN", "TOOK"];
    Ok(Answer {
        summary: match (hooks.len(), failed.len()) {
            (1, 0) => format!("{name} has 1 hook; it did not fail when it last ran."),
            (count, 0) => format!("{name} has {count} hooks; none failed when it last ran."),
            (count, failed) => format!("{name} has {count} hooks; {failed} failed when last run."),
        },
        problems: failed,
        table: Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: order.into_iter().map(|hook| row(hook, revision.now)).collect(),
        },
        ..Answer::default()
    })
}

/// A line for each hook that failed when it ran last.
pub(crate) fn failed(hooks: &[Hook]) -> Vec<String> {
    let failed = hooks.iter().filter(|hook| hook.last_run.phase == "Failed");
    failed
        .map(|hook| format!("hook {}/{} ({}) failed", hook.kind, hook.name, hook.events.join(", ")))
        .collect()
}

fn row(hook: &Hook, now: Timestamp) -> Vec<String> {
    let run = &hook.last_run;
    let took = run.started_at.zip(run.completed_at);
    let took = took.map(|(start, end)| span(end.as_second().saturating_sub(start.as_second())));
    vec![
        format!("{}/{}", hook.kind, hook.name),
        hook.events.join(", "),
        hook.weight.to_string(),
        run.phase.clone(),
        ago(now, run.started_at),
        took.unwrap_or_default(),
    ]
}
