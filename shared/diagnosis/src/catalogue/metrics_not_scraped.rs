//! Whoever should scrape a workload that serves looks in the wrong place, or is turned away.

mod target;

use crate::case::Case;
use crate::case::monitors::Astray;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength, one_each};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "OBS-01",
    title: "its metrics cannot be scraped",
    category: Category::Observability,
    proves: "somebody misses a workload's metrics, or an alert says that its target is down; all its pods are ready, and Prometheus says why it cannot scrape any of them: wrong port, path, scheme or rights; or the monitor that is meant for it leads to no port or no Service",
    refutes: "some of its pods are scraped by the same job, so that what is configured is right; or its pods are not ready",
    confused_with: &["NET-09", "RUN-10"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// The monitors, where the numbers of something are missed and no target tells why.
fn ask(case: &Case) -> Vec<Question> {
    if !case.may_be_astray() {
        return Vec::new();
    }
    let kinds = ["PodMonitor", "ServiceMonitor"].into_iter();
    let all = |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
    kinds.map(all).collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let down = case.unscraped();
    let down = down.iter().filter_map(target::finding);
    let astray = case.astray();
    let astray = astray.iter().map(of_monitor);
    one_each(down.chain(astray).map(Judgement::Proven))
}

fn of_monitor(astray: &Astray<'_>) -> Finding {
    let (subject, root) = (astray.subject(), &astray.root);
    let (value, instead) = (&astray.value, &astray.instead);
    let (statement, strength) = match astray.picks {
        true => (
            format!(
                "The metrics of {root} are missing because {subject} scrapes a port {value}, and there is none: {instead}."
            ),
            Strength::Conclusive,
        ),
        false => (
            format!(
                "The metrics of {root} are missing because {subject} selects nothing: {} is {value}, and {instead}.",
                astray.field
            ),
            Strength::Strong,
        ),
    };
    Finding {
        field: Some(astray.field.clone()),
        value: Some(value.clone()),
        statement,
        proofs: vec![astray.cite()],
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let what = match &finding.field {
        Some(field) => format!("Correct {field} of {subject} in its source"),
        None => format!("Have {subject} tell its metrics where it is asked for them"),
    };
    let command = match subject.kind.as_str() {
        "ScrapeJob" => String::new(),
        kind => format!(
            "kubectl -n {} get {} {} -o yaml",
            subject.namespace,
            kind.to_lowercase(),
            subject.name
        ),
    };
    vec![Remedy {
        action: format!("{what}; until then nothing that depends on these numbers is known."),
        command,
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its targets are up, and its metrics have samples again.".to_owned(),
    }]
}
