//! Tokens name another issuer than those expect who are shown them.

use crate::case::Case;
use crate::case::issuers::{Misissued, Side};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "AUTH-02",
    title: "tokens name another issuer than is expected",
    category: Category::Access,
    proves: "a log repeats now, in the words of its OpenID library, that tokens are of another issuer than it expects, an Ingress or Service leads to that issuer, and one of the two, or the ConfigMap of the issuer, was changed before",
    refutes: "none of them was changed, or both were: then nobody can tell who is wrong",
    confused_with: &["CFG-04", "DEP-02"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.misissued().iter().map(|it| one(case, it)))
}

fn one(case: &Case, misissued: &Misissued<'_>) -> Judgement {
    let (root, issuer) = (misissued.container.root, &misissued.issuer);
    let subject = match misissued.side {
        Side::Receiver => root.clone(),
        Side::Issuer | Side::Settings(_) => issuer.clone(),
    };
    let made = case.template_made(&subject);
    let changed = made.map(|at| {
        let exhibit = case.workload(&subject).seen().map(|it| it.exhibit);
        let says = format!("{subject} has the template that it has since {at}");
        Cite::new(exhibit.unwrap_or(misissued.container.pod.exhibit), says)
    });
    let finding = Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} takes no tokens of {issuer} because they name another issuer than it expects."
        ),
        proofs: vec![misissued.cite.clone()],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject,
    };
    Judgement::Proven(match &misissued.side {
        Side::Settings(retuned) => retuned.instead(finding),
        Side::Issuer | Side::Receiver => {
            Finding { proofs: finding.proofs.into_iter().chain(changed).collect(), ..finding }
        }
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bring the issuer's own address, or the one that is expected, back to what it was in the source of {subject}: scheme, host and path count."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The log no longer says that tokens are of another issuer.".to_owned(),
    }]
}
