//! A Helm operation that was cut short holds the release.

use crate::case::Case;
use crate::case::delivery::{Trouble, Undelivered};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DLV-02",
    title: "an operation of Helm that was cut short holds its release",
    category: Category::Delivery,
    proves: "the HelmRelease says, in Helm's words, that another operation is in progress or that no revision was ever deployed",
    refutes: "it was delivered since, or something else is said against it: then that is at fault",
    confused_with: &["DLV-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let undelivered = case.undelivered();
    undelivered.iter().filter(|it| it.trouble == Trouble::Locked).map(one).collect()
}

fn one(undelivered: &Undelivered<'_>) -> Judgement {
    let subject = undelivered.entity();
    let never = undelivered.said.contains("has no deployed releases");
    let why = if never {
        "its first installation was not brought to its end, and there is nothing to upgrade"
    } else {
        "an earlier operation was cut short, and its revision is pending ever since"
    };
    let says = format!("{subject}: {}", undelivered.word);
    Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("Helm does not touch the release of {subject} because {why}."),
        proofs: vec![Cite::quoting(undelivered.object.exhibit, says, &undelivered.said)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "See that no Helm operation runs; then roll the release of {subject} back to its last deployed revision, or delete the Secret of the pending one, and let it reconcile."
        ),
        command: format!("helm -n {} history {}", subject.namespace, subject.name),
        risk: "medium".to_owned(),
        reversible: false,
        verify: "It says that it is ready, at the wanted version.".to_owned(),
    }]
}
