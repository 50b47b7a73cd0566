//! A report as the answer about one workload: findings with their evidence, what was ruled out, what else is wrong beside it.

use crate::unwell::Trouble;
use evidence::digest;
use evidence::entity::Entity;
use evidence::report::{Link, Report, RootCause, RuledOut};
use evidence::testimony::Testimony;
use mcp::answer::{Answer, Examined, Finding, Quote, Table};
use std::collections::BTreeSet;

/// Refutations that are shown.
const MOST_RULED_OUT: usize = 15;

/// What concerns the workload in rows: causes and their chains, what to do, what was ruled out, and the evidence by its
/// ids. Causes of other faults in its namespace are named and no more.
pub(crate) fn answer(
    report: &Report,
    asked: &Entity,
    trouble: Option<&Trouble>,
    testimony: Testimony,
) -> Answer {
    let (causes, others): (Vec<_>, Vec<_>) =
        report.root_causes.iter().partition(|cause| concerns(cause, asked));
    let mut rows = Vec::new();
    let mut cited: BTreeSet<&str> = BTreeSet::new();
    for cause in &causes {
        cited.extend(cause.evidence.iter().map(String::as_str));
        explain(cause, &mut rows, &mut cited);
    }
    let near = |it: &&RuledOut| {
        it.subject == *asked || causes.iter().any(|cause| concerns(cause, &it.subject))
    };
    for it in report.ruled_out.iter().filter(near).take(MOST_RULED_OUT) {
        cited.extend(it.evidence.iter().map(String::as_str));
        rows.push(row("ruled out", &it.failure_mode, &it.subject, &it.why, &it.evidence));
    }
    let shown = report.evidence.iter().filter(|it| cited.contains(it.id.as_str()));
    rows.extend(shown.map(|it| row("evidence", &it.id, &it.subject, &it.observation, &[])));
    let columns = ["PART", "ID", "OBJECT", "SAYS", "EVIDENCE"].map(str::to_owned).to_vec();
    let unseen = report.not_examined.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
    let unseen: Vec<String> = unseen.collect();
    Answer {
        summary: summary(&causes, asked, trouble, unseen.is_empty()),
        problems: causes.iter().map(|cause| problem(cause)).collect(),
        table: Table { columns, rows },
        quotes: words(report, &cited),
        findings: causes.iter().map(|it| finding(it, report, &testimony)).collect(),
        examined: Examined {
            namespaces: report.scope.namespaces.clone(),
            window: Some(report.window),
            incomplete: (!unseen.is_empty()).then(|| unseen.join("; ")),
            ..Examined::default()
        },
        warnings: others.iter().map(|it| format!("beside it: {}", problem(it))).collect(),
        testimony,
        ..Answer::default()
    }
}

/// The object is the one to change, one on the way to what fails, or one that suffers.
fn concerns(cause: &RootCause, asked: &Entity) -> bool {
    let on_the_way = |link: &Link| link.cause.entity == *asked || link.effect.entity == *asked;
    subject(cause) == *asked
        || cause.chain.iter().any(on_the_way)
        || cause.impact.victims.contains(asked)
}

fn summary(
    causes: &[&RootCause],
    asked: &Entity,
    trouble: Option<&Trouble>,
    saw_all: bool,
) -> String {
    let as_far = if saw_all { "" } else { ", as far as could be looked" };
    let state = match trouble {
        Some(trouble) => trouble.says.as_str(),
        None => "nothing wrong with it by what it says",
    };
    match (causes, trouble) {
        ([], None) => format!("{asked}: {state}, and no fault is found that reaches it{as_far}."),
        ([], Some(_)) => format!("{asked}: {state}; no cause of that is proven{as_far}."),
        (causes, _) => {
            let statements: Vec<&str> = causes.iter().map(|it| it.statement.as_str()).collect();
            format!("{asked}: {state}. {}", statements.join(" "))
        }
    }
}

fn row(part: &str, id: &str, object: &Entity, says: &str, evidence: &[String]) -> Vec<String> {
    vec![part.to_owned(), id.to_owned(), object.to_string(), says.to_owned(), evidence.join(" ")]
}

fn problem(cause: &RootCause) -> String {
    format!(
        "{} {}, {:.0} %: {} [{}]",
        cause.failure_mode,
        cause.name,
        cause.confidence * 100.0,
        cause.statement,
        cause.evidence.join(" ")
    )
}

/// What to change, who changed it, how it leads to the symptoms, and what to do.
fn explain<'a>(cause: &'a RootCause, rows: &mut Vec<Vec<String>>, cited: &mut BTreeSet<&'a str>) {
    let object = subject(cause);
    let mut add = |part: &str, object: &Entity, says: &str, evidence: &'a [String]| {
        cited.extend(evidence.iter().map(String::as_str));
        rows.push(row(part, &cause.failure_mode, object, says, evidence));
    };
    let it = &cause.subject;
    if let Some(field) = &it.field {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "?".to_owned());
        let says = match (&it.before, &it.after) {
            (None, None) => field.clone(),
            (None, Some(after)) => format!("{field} is {after}"),
            (before, after) => format!("{field}: {} -> {}", value(before), value(after)),
        };
        add("field", &object, &says, &cause.evidence);
    }
    if let Some(change) = &cause.change {
        let when = change.when.map(|at| format!("{at} ")).unwrap_or_default();
        let says = format!("{when}{} by {} ({})", change.what, change.actor, change.via);
        add("change", &object, &says, &change.evidence);
    }
    for link in &cause.chain {
        let says = format!("{} {}", link.relation, link.effect.entity);
        add("chain", &link.cause.entity, &says, &link.evidence);
    }
    if !cause.impact.victims.is_empty() {
        add("impact", &object, &cause.impact.statement, &cause.impact.evidence);
    }
    for remedy in &cause.remediation {
        let command = match remedy.command.as_str() {
            "" => String::new(),
            command => format!(": {command}"),
        };
        let says = format!("{} (risk {}){command}", remedy.action, remedy.risk);
        add("to do", &object, &says, &[]);
    }
}

fn subject(cause: &RootCause) -> Entity {
    Entity::new(&cause.subject.kind, &cause.subject.namespace, &cause.subject.name)
}

/// What components and workloads said, by the evidence that quotes it.
fn words(report: &Report, cited: &BTreeSet<&str>) -> Vec<Quote> {
    let said = report.evidence.iter();
    let said = said.filter(|it| cited.contains(it.id.as_str()) && !it.excerpt.is_empty());
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
