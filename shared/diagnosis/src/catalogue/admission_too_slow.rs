//! Admission takes longer than a request may: several webhooks, one after the other.

use crate::case::Case;
use crate::case::denials::Denial;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-09",
    title: "its admission webhooks together take longer than a request may",
    category: Category::Admission,
    proves: "a controller that lacks pods is told that the request did not complete in time, no webhook is named, and several mutating webhooks are asked one after the other",
    refutes: "one webhook alone is named, or fewer than two are asked",
    confused_with: &["ADM-07", "API-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Of `apierrors.NewTimeoutError` where the request's context ends between two webhooks.
const LATE: &str = "request did not complete within requested timeout";

fn ask(case: &Case) -> Vec<Question> {
    let kind = "MutatingWebhookConfiguration";
    if case.looked(kind, "") || !case.denials().iter().any(is_late) {
        return Vec::new();
    }
    vec![Question::Objects { kind: kind.to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.denials().iter().filter(|it| is_late(it)).filter_map(|it| one(case, it)))
}

fn is_late(denial: &Denial) -> bool {
    denial.said.contains(LATE) && !denial.said.contains("failed calling webhook")
}

fn one(case: &Case, denial: &Denial) -> Option<Judgement> {
    let root = &denial.root;
    let hooks = case.mutating_hooks(&root.namespace);
    if hooks.len() < 2 {
        return None;
    }
    let seconds: u32 = hooks.iter().map(|(_, hook)| hook.timeout).sum();
    // The one that may take longest; of several the first by name.
    let mut slowest = hooks.first()?;
    for hook in &hooks {
        if hook.1.timeout > slowest.1.timeout {
            slowest = hook;
        }
    }
    let (webhooks, hook) = slowest;
    let subject = webhooks.meta.entity(&webhooks.kind);
    let count = hooks.len();
    let mut proofs = denial.cites.clone();
    proofs.push(Cite::new(
        webhooks.exhibit,
        format!("{subject}: {} may take {} s", hook.name, hook.timeout),
    ));
    let doubt = "an API server that is overloaded says the same".to_owned();
    let doubts = denial.cites.first().map(|it| Cite::new(it.exhibit, doubt)).into_iter().collect();
    Some(Judgement::Proven(Finding {
        field: Some(format!("webhooks[{}].timeoutSeconds", hook.name)),
        value: Some(hook.timeout.to_string()),
        statement: format!(
            "{root} lacks pods because admitting them takes too long: {count} mutating webhooks are asked one after the other and may take {seconds} s together."
        ),
        proofs,
        doubts,
        strength: Strength::Suggestive,
        explains: vec![root.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find out which webhook is slow, beginning with {subject}, and lower its timeoutSeconds."
        ),
        command: "kubectl get mutatingwebhookconfigurations".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Pods are created within a second or two.".to_owned(),
    }]
}
