//! How far an investigation is, and what it came to.

use super::Lead;
use crate::report::page;
use crate::store::State;
use evidence::report::Report;
use mcp::answer::{Answer, Examined, Finding};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// How far an investigation is.
pub struct GetInvestigation;

/// The arguments of `get_investigation`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The id that investigate gave
    id: String,
}

impl Tool<Lead> for GetInvestigation {
    const NAME: &'static str = "get_investigation";
    const ABOUT: &'static str = "How far an investigation is, and its short answer once there is one. Use it when \
investigate returned before the end.";
    type Ask = Ask;

    async fn answer(lead: &Lead, ask: Ask, _call: &Call) -> Result<Answer, Failure> {
        match lead.store.find(&ask.id) {
            Some(investigation) => Ok(answer(&investigation.id, &investigation.state())),
            None => Err(lead.unknown(&ask.id)),
        }
    }
}

/// The executive answer, or the steps so far.
pub(super) fn answer(id: &str, state: &State) -> Answer {
    match state {
        State::Running(steps) => Answer {
            summary: format!("{id} is still running, {} steps so far", steps.len()),
            problems: steps.iter().rev().take(3).rev().cloned().collect(),
            next: vec![format!("get_investigation(id={id}) in a few seconds")],
            ..Answer::default()
        },
        State::Failed(trouble) => {
            Answer { summary: format!("{id} came to nothing: {trouble}"), ..Answer::default() }
        }
        State::Concluded(concluded) => executive(&concluded.report),
    }
}

fn executive(report: &Report) -> Answer {
    let mut problems = Vec::new();
    let mut findings = Vec::new();
    for cause in &report.root_causes {
        let subject = &cause.subject;
        let place = [subject.namespace.as_str(), subject.name.as_str()];
        let place: Vec<&str> = place.into_iter().filter(|it| !it.is_empty()).collect();
        let object = format!("{} {}", subject.kind, place.join("/"));
        problems.push(format!(
            "{} {} in {object}, confidence {:.2} [{}]",
            cause.failure_mode,
            cause.name,
            cause.confidence,
            cause.evidence.join(" ")
        ));
        if let Some(change) = &cause.change {
            problems.push(format!(
                "changed by {}: {} [{}]",
                change.actor,
                change.what,
                change.evidence.join(" ")
            ));
        }
        problems.extend(cause.remediation.first().map(|it| format!("to do: {}", it.action)));
        findings.push(Finding {
            code: cause.failure_mode.clone(),
            severity: "critical".to_owned(),
            subject: object,
            facts: Vec::new(),
        });
    }
    let gaps = report.not_examined.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
    let (denied, unseen): (Vec<String>, Vec<String>) = gaps.partition(|it| it.contains("(403)"));
    let id = &report.id;
    Answer {
        summary: format!("{}: {}", page::verdict(report.verdict), report.summary),
        problems,
        findings,
        examined: Examined {
            cluster: report.scope.cluster.clone(),
            namespaces: report.scope.namespaces.clone(),
            window: Some(report.window),
            denied,
            incomplete: (!unseen.is_empty()).then(|| unseen.join("; ")),
            ..Examined::default()
        },
        next: vec![format!("get_report(id={id})"), format!("verify_evidence(id={id})")],
        ..Answer::default()
    }
}
