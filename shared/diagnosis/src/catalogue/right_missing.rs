//! The API server refuses a workload what it asks for.

use crate::case::Case;
use crate::case::rights::{Refused, Right, allows, role_name};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RBAC-01",
    title: "its ServiceAccount lacks a right that it needs",
    category: Category::Access,
    proves: "the log of a pod that fails has the API server's `is forbidden`, or that of a program that was asked about and whose role is about that kind, and no role that the account holds allows it",
    refutes: "a role that the account holds allows it by now",
    confused_with: &["RUN-10", "ADM-05"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let mut questions = Vec::new();
    for Refused { right, .. } in case.refused_rights() {
        let place = right.namespace.clone().unwrap_or_default();
        let namespaced: &[&str] = if place.is_empty() { &[] } else { &["Role", "RoleBinding"] };
        let kinds = namespaced.iter().map(|kind| (*kind, place.clone()));
        let wide = ["ClusterRole", "ClusterRoleBinding"].map(|kind| (kind, String::new()));
        questions.extend(
            kinds
                .chain(wide)
                .filter(|(kind, place)| !case.looked(kind, place))
                .map(|(kind, namespace)| Question::Objects { kind: kind.to_owned(), namespace }),
        );
    }
    questions
}

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements: Vec<Judgement> = Vec::new();
    for refused in case.refused_rights() {
        // A program that runs, or goes on, may ask for more than anybody meant it to have.
        if refused.once && !case.was_meant(&refused.right) {
            continue;
        }
        let judgement = one(case, &refused);
        // Several workloads of one account are one fault.
        let known = judgements.iter_mut().find(|it| it.subject() == judgement.subject());
        match (known, judgement) {
            (Some(Judgement::Proven(known)), Judgement::Proven(new)) => {
                known.explains.extend(new.explains);
            }
            (Some(_), _) => {}
            (None, judgement) => judgements.push(judgement),
        }
    }
    judgements
}

fn one(case: &Case, refused: &Refused) -> Judgement {
    let right = &refused.right;
    let mut proofs = vec![refused.cite.clone()];
    if let Some(role) = case.granted(right) {
        let why = format!("{} allows it by now", role.it.meta.entity(&role.it.kind));
        proofs.push(Cite::new(role.exhibit, why.clone()));
        return Judgement::Refuted(Refutation { subject: right.account.clone(), why, proofs });
    }
    let (subject, field, lacks) = lacking(case, right, &mut proofs);
    let place = match &right.namespace {
        Some(namespace) => format!("in namespace {namespace}"),
        None => "in the whole cluster".to_owned(),
    };
    let root = &refused.root;
    Judgement::Proven(Finding {
        field,
        value: None,
        statement: format!(
            "{root} fails because {} may not {} {} {place}: {lacks}.",
            right.account, right.verb, right.resource
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject,
    })
}

/// The object to change: the role that the account holds, the one that should be there, a binding that names another
/// account, else the account that nobody gave anything.
fn lacking(case: &Case, right: &Right, proofs: &mut Vec<Cite>) -> (Entity, Option<String>, String) {
    for binding in case.bindings_of(right) {
        let name = binding.it.meta.entity(&binding.it.kind);
        let Some(role) = role_name(binding.it) else { continue };
        if let Some(seen) = case.role_of(binding.it) {
            proofs.push(Cite::new(binding.exhibit, format!("{name} binds {role} to it")));
            proofs.push(Cite::new(seen.exhibit, format!("{role} does not allow it")));
            let lacks = format!("{role}, which it holds, does not allow it");
            return (role, Some("rules".to_owned()), lacks);
        }
        if case.looked(&role.kind, &role.namespace) {
            proofs.push(Cite::new(binding.exhibit, format!("{name} binds {role} to it")));
            let lacks = format!("{name} names {role}, which does not exist");
            return (role, None, lacks);
        }
    }
    if !case.knows_grants(right) {
        let lacks = "which role should allow it could not be seen".to_owned();
        return (right.account.clone(), None, lacks);
    }
    if let Some((binding, exhibit)) = meant(case, right) {
        let lacks = format!("{binding}, which gives that right, names other accounts");
        proofs.push(Cite::new(exhibit, format!("{binding} does not name {}", right.account)));
        return (binding, Some("subjects".to_owned()), lacks);
    }
    (right.account.clone(), None, "no binding names it".to_owned())
}

/// The one binding that gives the right to an account of the same name elsewhere, or under a role of its name.
fn meant(case: &Case, right: &Right) -> Option<(Entity, usize)> {
    let name = &right.account.name;
    let mut near = case.grants().filter(|binding| {
        let it = binding.it;
        let same = it.subjects.iter().any(|subject| {
            subject.starts_with("ServiceAccount/") && subject.rsplit('/').next() == Some(name)
        });
        let named = it.meta.name.contains(name.as_str());
        it.kind == "RoleBinding"
            && right.namespace.as_ref() == Some(&it.meta.namespace)
            && (same || named)
            && case.role_of(it).is_some_and(|role| allows(role.it, right))
    });
    let (first, None) = (near.next()?, near.next()) else { return None };
    Some((first.it.meta.entity(&first.it.kind), first.exhibit))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give the account that one right in its source, no more: see {subject}."
        ),
        command: match subject.kind.as_str() {
            "ServiceAccount" => kubectl::within(subject, "get roles,rolebindings"),
            _ => kubectl::object("get", subject, "-o yaml"),
        },
        risk: "medium".to_owned(),
        reversible: true,
        verify: "`kubectl auth can-i` says yes for the account, and its log says `is forbidden` no more.".to_owned(),
    }]
}
