//! Somebody changes the field that is at fault again and again, without anybody asking.

use crate::case::Case;
use crate::catalogue::CATALOGUE;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-10",
    title: "something keeps changing it",
    category: Category::Delivery,
    proves: "the field at fault was set by a CronJob's run, a VerticalPodAutoscaler, or a GitOps tool that put an old revision back",
    refutes: "somebody set the field once; or an autoscaler scales to its own numbers",
    confused_with: &["RUN-01", "SCH-01", "CTL-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// CronJobs of all namespaces, where a script set the field that is at fault.
fn ask(case: &Case) -> Vec<Question> {
    let scripted = case.rules.attribution
        && case.has_scripted()
        && !case.looked("CronJob", "")
        && faults(case).iter().any(|finding| {
            let field = finding.field.as_deref().unwrap_or_default();
            case.was_changed_by_a_program(&finding.subject, field)
                && case.actor_behind(&finding.subject, field).is_none()
        });
    if !scripted {
        return Vec::new();
    }
    vec![Question::Objects { kind: "CronJob".to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    if !case.has_actors() {
        return Vec::new();
    }
    joined(faults(case).into_iter().filter_map(|fault| one(case, fault)))
}

/// What the other modes find at fault, where that is a field.
fn faults(case: &Case) -> Vec<Finding> {
    let mut faults = Vec::new();
    for (_, mode) in CATALOGUE.iter().filter(|(_, mode)| mode.id != MODE.id) {
        for judgement in (mode.judge)(case) {
            match judgement {
                Judgement::Proven(finding) if finding.field.is_some() => faults.push(finding),
                _ => {}
            }
        }
    }
    faults
}

fn one(case: &Case, fault: Finding) -> Option<Finding> {
    let field = fault.field.clone()?;
    let actor = case.actor_behind(&fault.subject, &field)?;
    if actor.entity == fault.subject {
        return None;
    }
    let mut explains = fault.explains;
    if !explains.contains(&fault.subject) {
        explains.push(fault.subject.clone());
    }
    let mut proofs = actor.cites;
    proofs.extend(fault.proofs.into_iter().take(1));
    Some(Finding {
        statement: format!(
            "{} is wrong in {} because {} {}.",
            field, fault.subject, actor.entity, actor.does
        ),
        field: None,
        value: None,
        proofs,
        doubts: Vec::new(),
        strength: fault.strength.min(Strength::Strong),
        explains,
        subject: actor.entity,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let stop = if subject.kind == "CronJob" { "Suspend" } else { "Stop" };
    vec![Remedy {
        action: format!(
            "{stop} {subject} first, or correct what it sets: whatever is mended by hand it changes again."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The field keeps its value over the next run.".to_owned(),
    }]
}
