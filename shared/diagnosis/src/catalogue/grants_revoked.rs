//! A server refuses all of its clients, which it served before: users or rights are gone on its side.

mod turned_away;

use crate::case::Case;
use crate::case::disputes::Dispute;
use crate::case::retuned;
use crate::case::words::methods::says_no_method;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-02",
    title: "the users or rights that its clients need are gone on its side",
    category: Category::Dependency,
    proves: "the logs of several clients say now that the same server refuses who they are, the way in which they show it, or what they may do; or its own log, of one that is not ready and says nothing, that it has no such user, as whom that came before",
    refutes: "other clients are served: then one client's own credentials are wrong",
    confused_with: &["DEP-01", "DEP-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn is_refused(said: &Said) -> bool {
    matches!(said, Said::Unauthenticated { .. })
}

/// A refusal by a store, for the API server and HTTP servers forbid as well.
fn is_forbidden(said: &Said) -> bool {
    matches!(said, Said::Forbidden { what } if what.starts_with("use ") || what.is_empty())
}

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = case.ask_others(is_refused);
    questions.extend(case.ask_others(is_forbidden));
    // Who refuses the way in which its clients authenticate was changed, or its clients were.
    for dispute in case.disputes(is_refused).iter().filter(|it| lacks_method(it)) {
        let Some(accused) = &dispute.accused else { continue };
        if accused.kind == "StatefulSet" && case.revisions_of(accused).is_empty() {
            let (kind, namespace) = ("ControllerRevision".to_owned(), accused.namespace.clone());
            questions.push(Question::Objects { kind, namespace });
        }
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = case
        .disputes(is_refused)
        .iter()
        .filter_map(|it| match lacks_method(it) {
            true => without_method(case, it),
            false if it.is_shared() => {
                let charge =
                    it.charge("refuses the credentials that it is given", Strength::Strong)?;
                Some(case.since_retuned(it, charge))
            }
            false => None,
        })
        .collect();
    judgements.extend(turned_away::judge(case));
    // A right is the server's to give, also where there is one client; but a store must have said so. Others have users of
    // their own: that they are content says nothing of this one, unless it was changed lately and may be another.
    for dispute in case.disputes(is_forbidden) {
        let by_store = dispute.complaints.iter().all(|it| it.store.is_some());
        let same = dispute.content.is_empty()
            || dispute.victims().iter().all(|it| !case.is_news(case.template_made(it)));
        let is_its_own = by_store && same || dispute.is_shared();
        if is_its_own {
            let charge = dispute.charge("forbids what it is asked to do", Strength::Strong);
            judgements.extend(charge.map(|it| case.since_retuned(&dispute, it)));
        }
    }
    judgements
}

/// How a sentence about it ends.
const WITHOUT_METHOD: &str = "does not take the way in which they authenticate.";

/// Every complaint says that the server does not know the way in which its clients authenticate.
fn lacks_method(dispute: &Dispute<'_>) -> bool {
    dispute.complaints.iter().all(|it| says_no_method(&it.line.text))
}

/// A server that was changed no longer knows a way that its clients use; one client may be all it has. Where the server
/// was not changed, and others are served, it is a client that brings another way.
fn without_method(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let accused = dispute.accused.as_ref()?;
    let mut revisions = case.revisions_of(accused).into_iter();
    let first = dispute.began();
    let image = revisions.next().zip(revisions.next()).and_then(|(newest, before)| {
        // What was changed long ago, or after the first refusal, is not why.
        let made = newest.it.meta.created;
        if !case.is_news(made) || made.zip(first).is_some_and(|(made, first)| made > first) {
            return None;
        }
        let then = &before.it.template.containers;
        let changed = newest.it.template.containers.iter().find(|now| {
            !now.init && then.iter().any(|it| it.name == now.name && it.image != now.image)
        })?;
        Some((newest.exhibit, changed.name.clone(), changed.image.clone()))
    });
    if !dispute.content.is_empty() || image.is_none() && !dispute.is_shared() {
        return None;
    }
    let charge = dispute.charge(WITHOUT_METHOD.trim_end_matches('.'), Strength::Strong)?;
    let Judgement::Proven(mut finding) = charge else {
        return None;
    };
    if let Some((exhibit, container, image)) = image {
        let says = format!("{accused}: its newest revision has another image for {container}");
        finding.proofs.push(Cite::new(exhibit, says));
        finding.field = Some(format!("spec.template.spec.containers[{container}].image"));
        finding.value = Some(image);
    }
    Some(Judgement::Proven(finding))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "ConfigMap" {
        return retuned::remedy(subject);
    }
    let action = match finding.statement.ends_with(WITHOUT_METHOD) {
        true => format!(
            "Let {subject} take the way of its clients again in its configuration, or give its users one that it takes."
        ),
        false => format!(
            "Find out who changed the users and grants of {subject}, and restore what its clients need."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::object("logs", subject, "--tail=100"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The clients' logs no longer say that they are refused.".to_owned(),
    }]
}
