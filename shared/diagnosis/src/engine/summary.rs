//! Puts the report together.

use super::answer;
use super::blind;
use super::change::{self, Changed};
use super::exhibits::Exhibits;
use super::roots::{self, Root};
use super::symptoms::{self, Gravity, Symptom};
use super::{Found, Judged, chain, impact, open, refrains, timeline, unseen};
use crate::case::Case;
use crate::case::coincidence;
use crate::finding::Cite;
use evidence::digest;
use evidence::entity::Entity;
use evidence::report::{
    Change, Cost, Impact, Link, Remedy, Report, RootCause, RuledOut, SCHEMA, Step, Subject, Verdict,
};

/// Kinds that serve.
const SERVING: [&str; 7] =
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "EndpointSlice"];
/// Further kinds that show what is wrong, on themselves or on others.
const TELLING: [&str; 6] =
    ["Event", "Node", "Ingress", "CronJob", "PersistentVolumeClaim", "HorizontalPodAutoscaler"];
/// Refuted rivals shown.
const MOST_RULED_OUT: usize = 5;

pub(super) fn report(judged: &Judged<'_>) -> Report {
    let Judged { case, symptoms, found, .. } = judged;
    let roots: Vec<(Root<'_>, Option<Changed>)> = roots::of(case, symptoms, found)
        .into_iter()
        .map(|root| {
            let change = change::behind(case, &root.found.finding);
            (root, change)
        })
        .collect();
    let verdict = match judged.no_incident {
        Some(_) => Verdict::NoFaultFound,
        None => verdict(case, &roots, symptoms),
    };
    let mut exhibits = Exhibits::new(case);
    let mut causes = Vec::new();
    for (rank, (root, change)) in (1..).zip(&roots) {
        let mut cause = cause(case, rank, root, change.as_ref(), symptoms, &mut exhibits);
        // What is itself a cause is nobody's victim.
        let named = |it: &Entity| roots.iter().any(|(root, _)| root.found.finding.subject == *it);
        cause.impact.victims.retain(|it| !named(it));
        causes.push(cause);
    }
    let ruled_out = ruled_out(judged, &roots, &mut exhibits);
    let mut answer = answer::of(case);
    let refrains = match verdict {
        Verdict::Inconclusive if symptoms.is_empty() => refrains::of(case),
        _ => Vec::new(),
    };
    let blind = blind::of(case);
    let summary = match &judged.no_incident {
        Some(why) => why.clone(),
        None => summary(case, verdict, &causes, &roots, symptoms, blind.len()),
    };
    let repeats = refrains.first().map(|it| {
        format!(
            " The log of {} repeats an error that no rule explains: look at that next.",
            it.entity
        )
    });
    answer.moments.extend(refrains);
    let timeline = timeline::of(case, &roots, symptoms, &answer, &mut exhibits);
    let summary = [answer.sentence, summary].join(" ").trim_start().to_owned();
    let summary = summary + &repeats.unwrap_or_default();
    let mut not_examined = unseen::folded(case.gaps());
    not_examined.extend(blind);
    if verdict == Verdict::Inconclusive {
        not_examined.extend(open::of(judged));
    }
    let spent = case.cost();
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        question: case.question.clone(),
        as_of: case.as_of,
        window: case.window,
        scope: case.scope.clone(),
        verdict,
        summary,
        root_causes: causes,
        ruled_out,
        not_examined,
        notices: case.notices().cloned().collect(),
        timeline,
        evidence: exhibits.all(),
        cost: Cost {
            tool_calls: u64::try_from(case.calls()).unwrap_or_default(),
            upstream_requests: spent.upstream_requests,
            upstream_bytes: spent.upstream_bytes,
            elapsed_ms: 0,
        },
    };
    report.id = identity(&report);
    report
}

/// What was not looked at to the end is not called healthy.
pub(super) fn cut_short(report: &mut Report) {
    if report.verdict == Verdict::NoFaultFound {
        report.verdict = Verdict::Inconclusive;
        report.summary =
            "Nothing wrong was seen before the investigation was cut short.".to_owned();
        report.id = identity(&Report { id: String::new(), ..report.clone() });
    }
}

/// The same report bears the same id; so does the same case, for it makes the same report.
fn identity(report: &Report) -> String {
    // What a server remembers of an earlier call makes the next one cheaper, and the case no other one.
    let digest = digest::of(&Report { cost: Cost::default(), ..report.clone() });
    let short: String = digest.chars().skip("sha256:".len()).take(12).collect();
    format!("inq-{short}")
}

fn verdict(case: &Case, roots: &[(Root<'_>, Option<Changed>)], symptoms: &[Symptom]) -> Verdict {
    if !roots.is_empty() {
        Verdict::RootCauseFound
    } else if symptoms.is_empty() && is_well(case) {
        Verdict::NoFaultFound
    } else {
        Verdict::Inconclusive
    }
}

/// Whether what was asked about is well. That a look here finds nothing does not undo what was reported.
fn is_well(case: &Case) -> bool {
    !case.reported && saw_enough(case)
}

/// Whether what was asked about was seen well enough to say that nothing is wrong with it: every kind that serves was
/// seen whole, and no look at another kind that shows what is wrong failed.
pub(super) fn saw_enough(case: &Case) -> bool {
    let namespaces = &case.scope.namespaces;
    // Where logs were asked for and none came, what only a log tells stays unknown.
    let unheard = case.asked_for_logs() && case.logs().next().is_none();
    let failed = TELLING.iter().any(|kind| case.failed_to_look(kind, namespaces));
    let seen = if namespaces.is_empty() {
        case.looked("Glance", "")
    } else {
        let seen = |kind| namespaces.iter().all(|namespace| case.looked(kind, namespace));
        SERVING.iter().all(|kind| seen(kind))
    };
    seen && !failed && !unheard
}

/// What a human might do about it.
fn remediation(found: &Found) -> Vec<Remedy> {
    if coincidence::is_coincidence(&found.finding) {
        return coincidence::remedy(&found.finding);
    }
    (found.mode.remedy)(&found.finding)
}

fn cause(
    case: &Case,
    rank: u32,
    root: &Root<'_>,
    change: Option<&Changed>,
    symptoms: &[Symptom],
    exhibits: &mut Exhibits<'_>,
) -> RootCause {
    let found = root.found;
    let finding = &found.finding;
    let evidence = exhibits.ids(&finding.proofs);
    let edges = chain::from(case, root, symptoms);
    let chain = edges
        .into_iter()
        .map(|edge| Link {
            cause: Step { entity: edge.cause.0, failure_mode: edge.cause.1 },
            effect: Step { entity: edge.effect.0, failure_mode: edge.effect.1 },
            relation: edge.relation.to_owned(),
            evidence: exhibits.ids(&edge.cites),
        })
        .collect();
    let change = change.map(|it| Change {
        what: it.what.clone(),
        when: it.when,
        actor: it.actor.clone(),
        via: it.via.clone(),
        before: it.before.clone(),
        after: it.after.clone(),
        evidence: exhibits.ids(&it.cites),
    });
    let suffering: Vec<&Symptom> =
        symptoms.iter().filter(|it| root.reached.contains(&it.entity)).collect();
    let cites: Vec<Cite> = match suffering.as_slice() {
        [] => finding.proofs.iter().take(1).cloned().collect(),
        some => some.iter().flat_map(|it| it.cites.clone()).take(6).collect(),
    };
    RootCause {
        rank,
        failure_mode: found.mode.id.to_owned(),
        name: found.name.to_owned(),
        category: found.mode.category.word().to_owned(),
        confidence: root.confidence,
        subject: Subject {
            kind: finding.subject.kind.clone(),
            namespace: finding.subject.namespace.clone(),
            name: finding.subject.name.clone(),
            field: finding.field.clone(),
            before: change.as_ref().and_then(|it| it.before.clone()),
            after: finding.value.clone(),
        },
        statement: finding.statement.clone(),
        evidence,
        chain,
        impact: Impact {
            statement: impact::statement(&suffering),
            victims: victims(case, &suffering),
            evidence: exhibits.ids(&cites),
        },
        change,
        remediation: remediation(found),
    }
}

/// What suffers and is not to blame: pods that fail, workloads, Services.
fn victims(case: &Case, suffering: &[&Symptom]) -> Vec<Entity> {
    let mut victims: Vec<Entity> = Vec::new();
    for symptom in suffering {
        victims.push(symptom.entity.clone());
        for pod in case.pods_of(&symptom.entity).filter(|it| !symptoms::is_ready(it)).take(5) {
            victims.push(pod.meta.entity("Pod"));
        }
    }
    victims.sort();
    victims.dedup();
    victims.truncate(20);
    victims
}

/// What the causes are commonly confused with and the facts refute; then whatever else they refute about them.
fn ruled_out(
    judged: &Judged<'_>,
    roots: &[(Root<'_>, Option<Changed>)],
    exhibits: &mut Exhibits<'_>,
) -> Vec<RuledOut> {
    let named = |id: &str| roots.iter().any(|(root, _)| root.found.mode.id == id);
    let confused =
        |id: &str| roots.iter().any(|(root, _)| root.found.mode.confused_with.contains(&id));
    let mut refuted: Vec<_> = judged
        .refuted
        .iter()
        .filter(|(mode, it)| !named(mode.id) && concerns(roots, &it.subject))
        .collect();
    refuted.sort_by_key(|(mode, it)| (!confused(mode.id), mode.id, it.subject.clone()));
    refuted
        .into_iter()
        .take(MOST_RULED_OUT)
        .map(|(mode, it)| RuledOut {
            failure_mode: mode.id.to_owned(),
            subject: it.subject.clone(),
            why: it.why.clone(),
            evidence: exhibits.ids(&it.proofs),
        })
        .collect()
}

/// A refutation is worth telling where it is about something that a cause reaches, or where there is no cause.
fn concerns(roots: &[(Root<'_>, Option<Changed>)], subject: &Entity) -> bool {
    roots.is_empty()
        || roots.iter().any(|(root, _)| {
            root.reached.contains(subject) || root.found.finding.subject == *subject
        })
}

fn summary(
    case: &Case,
    verdict: Verdict,
    causes: &[RootCause],
    roots: &[(Root<'_>, Option<Changed>)],
    symptoms: &[Symptom],
    blind: usize,
) -> String {
    let unexplained: Vec<&Symptom> = symptoms
        .iter()
        .filter(|it| it.gravity > Gravity::Light)
        .filter(|it| !roots.iter().any(|(root, _)| root.reached.contains(&it.entity)))
        .collect();
    let mut text = match verdict {
        Verdict::RootCauseFound => {
            causes.iter().map(|it| it.statement.clone()).collect::<Vec<_>>().join(" ")
        }
        Verdict::NoFaultFound => {
            format!("Nothing is wrong with what was asked about{}.", counted(case))
        }
        Verdict::Inconclusive if symptoms.is_empty() && saw_enough(case) => {
            let who = if case.saw_numbers() {
                "Kubernetes or its numbers show"
            } else {
                "Kubernetes shows"
            };
            format!("Nothing that {who} explains what was reported{}.", counted(case))
        }
        Verdict::Inconclusive if symptoms.is_empty() => {
            "What was asked about could not be seen well enough to say.".to_owned()
        }
        Verdict::Inconclusive => {
            format!(
                "{} No cause is proven.",
                impact::statement(&symptoms.iter().collect::<Vec<_>>()) + "."
            )
        }
    };
    if verdict == Verdict::RootCauseFound && !unexplained.is_empty() {
        text.push_str(&format!(" Not explained by this: {}.", impact::statement(&unexplained)));
    }
    let gaps = case.gaps().count() + blind;
    if gaps > 0 && verdict != Verdict::RootCauseFound {
        let things = if gaps == 1 { "thing" } else { "things" };
        text.push_str(&format!(" {gaps} {things} could not be examined."));
    }
    text
}

/// How much was found well; empty for a whole cluster, of which only what looks ill is read closely.
fn counted(case: &Case) -> String {
    let namespaces = &case.scope.namespaces;
    if namespaces.is_empty() {
        return String::new();
    }
    // One healthy pod stands for those of its workload that are like it.
    let pods = case.pods().filter(|it| namespaces.contains(&it.meta.namespace));
    let pods: u64 = pods.map(|it| 1 + u64::from(it.alike)).sum();
    let workloads = case.workloads().filter(|it| namespaces.contains(&it.meta.namespace)).count();
    let services = case.services().filter(|it| namespaces.contains(&it.meta.namespace)).count();
    format!(": {pods} pods, {workloads} workloads and {services} Services were looked at")
}
