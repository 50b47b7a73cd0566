//! How one revision is: what was installed, when, how it went, and which objects it is made of.

use super::{Revision, description, hooks, lines, values};
use crate::objects::Objects;
use crate::releases::releases;
use clients::helm::kept::Driver;
use clients::helm::release::Release;
use jiff::Timestamp;
use mcp::age::{ago, to_second};
use mcp::answer::{Answer, Quote, Table};
use mcp::failure::Failure;

/// Names of values that are said.
const MOST_NAMES: usize = 12;

/// The revision in brief.
pub(crate) fn of(revision: &Revision<'_>) -> Result<Answer, Failure> {
    let Release { info, chart, .. } = revision.release;
    let begun = info.last_deployed.or(revision.kept.created);
    let name = revision.name();
    let objects =
        Objects::read(&revision.release.manifest, &revision.kept.namespace, &revision.secrets);
    let mut rows = Rows(Vec::new());
    rows.push("chart", chart_name(revision.release));
    rows.push("app version", chart.metadata.app_version.clone());
    rows.push("begun", moment(info.last_deployed, revision.now));
    if info.first_deployed != info.last_deployed {
        rows.push("first installed", moment(info.first_deployed, revision.now));
    }
    rows.push("uninstalled", moment(info.deleted, revision.now));
    rows.push("revisions kept", revisions(revision));
    rows.push("applied", applied(&revision.release.apply_method).to_owned());
    rows.push("values given", given(revision));
    rows.push("hooks", count(revision.release.hooks.len()));
    rows.push(
        "notes",
        match info.notes.trim() {
            "" => String::new(),
            notes => lines(notes),
        },
    );
    for (kind, names) in objects.by_kind() {
        rows.push(kind, names);
    }
    let mut warnings: Vec<String> =
        objects.unreadable.iter().map(|why| format!("not all objects are told: {why}")).collect();
    if chart.metadata.deprecated {
        warnings.push("its maintainers have given this chart up (deprecated)".to_owned());
    }
    let mut problems = hooks::failed(&revision.release.hooks);
    if revision.all.last() == Some(revision.kept) {
        let newest = releases(revision.all.to_vec());
        problems.extend(newest.first().and_then(|it| it.trouble(revision.now)));
    }
    let status = if info.status.is_empty() { &revision.kept.status } else { &info.status };
    let columns = ["FIELD", "VALUE"].map(str::to_owned).to_vec();
    Ok(Answer {
        summary: format!(
            "{name} of chart {}: {status}, begun {}.",
            chart_name(revision.release),
            ago(revision.now, begun)
        ),
        problems,
        table: Table { columns, rows: rows.0 },
        quotes: match description(revision.release, &revision.secrets) {
            text if text.is_empty() => Vec::new(),
            text => vec![Quote { label: "what Helm says of it".to_owned(), text }],
        },
        next: next(revision, status),
        warnings,
        ..Answer::default()
    })
}

/// `web-1.3.0`, as Helm writes it.
pub(crate) fn chart_name(release: &Release) -> String {
    let metadata = &release.chart.metadata;
    format!("{}-{}", metadata.name, metadata.version)
}

/// Rows of what is known; what is not has none.
struct Rows(Vec<Vec<String>>);

impl Rows {
    fn push(&mut self, field: &str, value: String) {
        if !value.is_empty() {
            self.0.push(vec![field.to_owned(), value]);
        }
    }
}

fn moment(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map(|at| format!("{} ({})", to_second(at), ago(now, Some(at)))).unwrap_or_default()
}

fn count(count: usize) -> String {
    if count == 0 { String::new() } else { count.to_string() }
}

fn applied(method: &str) -> &str {
    match method {
        "ssa" => "server-side",
        "csa" => "client-side",
        other => other,
    }
}

/// `3 (3 to 5), deployed: 4`.
fn revisions(revision: &Revision<'_>) -> String {
    let (Some(first), Some(last)) = (revision.all.first(), revision.all.last()) else {
        return String::new();
    };
    let mut text = format!("{} ({} to {})", revision.all.len(), first.revision, last.revision);
    let mut deployed = revision.all.iter().rev().filter(|it| it.status == "deployed");
    if let Some(deployed) = deployed.next() {
        text.push_str(&format!(", deployed: {}", deployed.revision));
    }
    if revision.kept.driver == Driver::ConfigMap {
        text.push_str(", in ConfigMaps");
    }
    text
}

/// The names at the top of the values that were given.
fn given(revision: &Revision<'_>) -> String {
    let Ok(values) = values::read(&revision.release.config, &revision.secrets, "values") else {
        return "too many to be read".to_owned();
    };
    let names: Vec<&str> =
        values.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => names.join(", "),
        more => {
            let named = names.get(..MOST_NAMES).unwrap_or_default().join(", ");
            format!("{named} and {more} more")
        }
    }
}

fn next(revision: &Revision<'_>, status: &str) -> Vec<String> {
    let kept = revision.kept;
    let mut earlier = revision.all.iter().rev().filter(|it| it.revision < kept.revision);
    let before = earlier.clone().find(|it| it.status == "deployed").or_else(|| earlier.next());
    match before {
        Some(before) if status != "deployed" => vec![format!(
            "helm_release_history(namespace={}, name={}, diff={}..{})",
            kept.namespace, kept.release, before.revision, kept.revision
        )],
        _ => Vec::new(),
    }
}
