//! oauth2-proxy was given a cookie secret that no cipher takes.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "AUTH-11",
    title: "its cookie secret has a length that no cipher takes",
    category: Category::Access,
    proves: "a failing container's log says, in oauth2-proxy's words, that its cookie secret has the wrong length",
    refutes: "it starts",
    confused_with: &["CFG-04", "RUN-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(_: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    if complaint.said != Said::BadCookieSecret || !complaint.fails {
        return None;
    }
    let (container, root) = (&complaint.container, complaint.root());
    let mut proofs = vec![complaint.cite()];
    let variable = container.spec.env.iter().find(|it| it.name == "OAUTH2_PROXY_COOKIE_SECRET");
    let from = variable.and_then(|it| it.from.as_ref());
    let (subject, field) = match (from, variable) {
        (Some(from), _) => {
            let object = Entity::new(&from.kind, &container.pod.it.meta.namespace, &from.name);
            let says = format!("{root}: OAUTH2_PROXY_COOKIE_SECRET comes from {object}");
            proofs.push(Cite::new(container.pod.exhibit, says));
            (object, Some(format!("data.{}", from.key)).filter(|_| !from.key.is_empty()))
        }
        (None, Some(variable)) => {
            (root.clone(), Some(container.field(&format!("env[{}]", variable.name))))
        }
        (None, None) => {
            let argument = container.spec.args.iter().any(|it| it.contains("cookie-secret"));
            (root.clone(), argument.then(|| container.field("args")))
        }
    };
    Some(Judgement::Proven(Finding {
        field,
        value: None,
        statement: format!(
            "{root} cannot start because its cookie secret is not 16, 24 or 32 bytes long."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Put a secret of 16, 24 or 32 bytes into the source of {subject}; all users sign in again."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "oauth2-proxy starts.".to_owned(),
    }]
}
