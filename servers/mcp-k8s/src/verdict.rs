//! A report as a tool's answer: findings with their evidence, what was ruled out, and what was not seen.

use evidence::digest;
use evidence::entity::Entity;
use evidence::report::{Report, RootCause, Verdict};
use evidence::testimony::Testimony;
use mcp::answer::{Answer, Examined, Finding, Quote, Table};

/// Refutations that are shown.
const MOST_RULED_OUT: usize = 15;

/// The report in rows: causes and their chains, what to do, what was ruled out, and the evidence by its ids.
pub(crate) fn answer(report: &Report, testimony: Testimony) -> Answer {
    let mut rows = Vec::new();
    for cause in &report.root_causes {
        explain(cause, &mut rows);
    }
    for it in report.ruled_out.iter().take(MOST_RULED_OUT) {
        rows.push(row("ruled out", &it.failure_mode, &it.subject, &it.why, &it.evidence));
    }
    for it in &report.evidence {
        rows.push(row("evidence", &it.id, &it.subject, &it.observation, &[]));
    }
    let columns = ["PART", "ID", "OBJECT", "SAYS", "EVIDENCE"].map(str::to_owned).to_vec();
    let unseen = report.not_examined.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
    let unseen: Vec<String> = unseen.collect();
    Answer {
        summary: report.summary.clone(),
        problems: report.root_causes.iter().map(problem).collect(),
        table: Table { columns, rows },
        quotes: words(report),
        findings: report.root_causes.iter().map(|it| finding(it, report, &testimony)).collect(),
        examined: Examined {
            namespaces: report.scope.namespaces.clone(),
            window: Some(report.window),
            incomplete: (!unseen.is_empty()).then(|| unseen.join("; ")),
            ..Examined::default()
        },
        warnings: match report.verdict {
            Verdict::Inconclusive => vec!["no cause is proven".to_owned()],
            Verdict::RootCauseFound | Verdict::NoFaultFound => Vec::new(),
        },
        testimony,
        ..Answer::default()
    }
}

fn row(part: &str, id: &str, object: &Entity, says: &str, evidence: &[String]) -> Vec<String> {
    vec![part.to_owned(), id.to_owned(), object.to_string(), says.to_owned(), evidence.join(" ")]
}

fn problem(cause: &RootCause) -> String {
    format!(
        "{}. {} {}, {:.0} %: {} [{}]",
        cause.rank,
        cause.failure_mode,
        cause.name,
        cause.confidence * 100.0,
        cause.statement,
        cause.evidence.join(" ")
    )
}

/// What to change, who changed it, how it leads to the symptoms, and what to do.
fn explain(cause: &RootCause, rows: &mut Vec<Vec<String>>) {
    let object = subject(cause);
    let it = &cause.subject;
    if let Some(field) = &it.field {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
        let says = match (&it.before, &it.after) {
            (None, None) => field.clone(),
            (None, Some(after)) => format!("{field} is {after}"),
            (before, after) => format!("{field}: {} -> {}", value(before), value(after)),
        };
        rows.push(row("field", &cause.failure_mode, &object, &says, &cause.evidence));
    }
    if let Some(change) = &cause.change {
        let when = change.when.map(|at| format!("{at} ")).unwrap_or_default();
        let says = format!("{when}{} by {} ({})", change.what, change.actor, change.via);
        rows.push(row("change", &cause.failure_mode, &object, &says, &change.evidence));
    }
    for link in &cause.chain {
        let says = format!("{} {}", link.relation, link.effect.entity);
        rows.push(row("chain", &cause.failure_mode, &link.cause.entity, &says, &link.evidence));
    }
    if !cause.impact.victims.is_empty() {
        let says = &cause.impact.statement;
        rows.push(row("impact", &cause.failure_mode, &object, says, &cause.impact.evidence));
    }
    for remedy in &cause.remediation {
        let command = if remedy.command.is_empty() { String::new() } else { format!(": {}", remedy.command) };
        let says = format!("{} (risk {}){command}", remedy.action, remedy.risk);
        rows.push(row("to do", &cause.failure_mode, &object, &says, &[]));
    }
}

fn subject(cause: &RootCause) -> Entity {
    Entity::new(&cause.subject.kind, &cause.subject.namespace, &cause.subject.name)
}

/// What components and workloads said, by the evidence that quotes it.
fn words(report: &Report) -> Vec<Quote> {
    let said = report.evidence.iter().filter(|it| !it.excerpt.is_empty());
    let lines: Vec<String> = said.map(|it| format!("{} {}", it.id, it.excerpt)).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Quote { label: "words quoted as evidence".to_owned(), text: lines.join("\n") }]
}

/// The finding, with the positions of the facts behind its evidence.
fn finding(cause: &RootCause, report: &Report, testimony: &Testimony) -> Finding {
    let cited = report.evidence.iter().filter(|it| cause.evidence.contains(&it.id));
    let digests: Vec<&str> = cited.map(|it| it.digest.as_str()).collect();
    let facts = testimony.facts.iter().enumerate();
    let facts = facts.filter(|(_, fact)| digests.contains(&digest::of(&fact.body).as_str()));
    Finding {
        code: cause.failure_mode.clone(),
        severity: "critical".to_owned(),
        subject: subject(cause).to_string(),
        facts: facts.map(|(at, _)| at).collect(),
    }
}
