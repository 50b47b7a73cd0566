//! A namespace's limit range forbids what a workload's pods declare, or makes them invalid by what it adds to them.

mod defaulted;

use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::denials::{Denial, between};
use crate::case::touching::toucher;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::policy::LimitRange;
use evidence::report::Remedy;
use jiff::Timestamp;
use std::slice;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-04",
    title: "it declares more, or less, than the namespace's limit range allows",
    category: Category::Admission,
    proves: "a controller that lacks pods is told `maximum ... usage per Container is`, `minimum ...`, or `... max limit to request ratio per Container is`; or that a request is above a limit that no template names and a limit range gives",
    refutes: "the namespace has no limit range",
    confused_with: &["ADM-01", "ADM-02"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let denials = case.denials();
    let mut judgements: Vec<Judgement> =
        denials.iter().filter_map(|denial| one(case, denial)).collect();
    let defaulted = denials.iter().filter_map(|denial| defaulted::one(case, denial));
    judgements.extend(defaulted.map(Judgement::Proven));
    judgements
}

fn one(case: &Case, denial: &Denial) -> Option<Judgement> {
    let breach = bound(&denial.said).or_else(|| ratio(&denial.said))?;
    let root = denial.root.clone();
    let mut proofs = denial.cites.clone();
    let claims = denial.said.contains(" per PersistentVolumeClaim ");
    let mut subject = root.clone();
    let mut field = match claims {
        true => "spec.volumeClaimTemplates".to_owned(),
        false => format!("{}.containers", pod_spec_path(&root.kind)),
    };
    let ranges = case.limit_ranges().filter(|it| it.meta.namespace == root.namespace);
    let ranges: Vec<Seen<'_, LimitRange>> = ranges.collect();
    // One that nobody may read may be what came last.
    if case.failed_to_look("LimitRange", slice::from_ref(&root.namespace)) {
        return None;
    }
    for range in &ranges {
        let name = range.meta.entity("LimitRange");
        proofs.push(Cite::new(range.exhibit, format!("{name} is in force")));
    }
    // Whoever came last did not fit what was there.
    if let [range] = ranges.as_slice()
        && let Some(set) = since(range.it)
        && case.template_made(&root).is_some_and(|made| set > made)
    {
        let name = range.meta.entity("LimitRange");
        proofs.push(Cite::new(range.exhibit, format!("{name} is so since {set}")));
        (subject, field) = (name, "spec.limits".to_owned());
    }
    Some(Judgement::Proven(Finding {
        field: Some(field),
        value: None,
        statement: format!("{root} lacks pods because its namespace allows {breach}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    }))
}

/// Since when a limit range is as it is.
fn since(range: &LimitRange) -> Option<Timestamp> {
    toucher(&range.meta, "spec.limits").and_then(|it| it.at).or(range.meta.created)
}

/// [maximum memory usage per Container is 256Mi, but limit is 512Mi, ...]
fn bound(said: &str) -> Option<String> {
    let bound = ["maximum ", "minimum "]
        .into_iter()
        .find(|it| said.contains(it) && said.contains(" usage per "))?;
    let resource = between(said, bound, " usage per ")?;
    let (_, rest) = said.split_once(" usage per ")?;
    let (what, rest) = rest.split_once(" is ")?;
    let allowed = rest.split([',', '.', ']']).next()?;
    let has = between(rest, ", but ", ",")
        .map(|it| it.trim_end_matches([']', '.']))
        .unwrap_or("nothing is declared");
    Some(format!("a {bound}{resource} of {allowed} per {what}, but {has}"))
}

/// cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000
fn ratio(said: &str) -> Option<String> {
    let (before, rest) = said.split_once(" max limit to request ratio per ")?;
    let resource = before.rsplit([' ', '[', ':']).next()?;
    let (what, rest) = rest.split_once(" is ")?;
    let (allowed, rest) = rest.split_once(", but ")?;
    let has = match rest.strip_prefix("provided ratio is ") {
        Some(rest) => {
            let digits = |it: char| !it.is_ascii_digit() && it != '.';
            let ratio: f64 = rest.split(digits).next()?.trim_end_matches('.').parse().ok()?;
            format!("it is {ratio:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        // no request is specified or request is 0
        None => rest.split([',', ']']).next()?.to_owned(),
    };
    Some(format!("a {resource} limit of at most {allowed} times the request per {what}, but {has}"))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "LimitRange" {
        return vec![Remedy {
            action: format!(
                "Bring {subject} and what its namespace's containers declare in line, after asking who set it: raise what it allows, or its default limit above what they request; or change those containers."
            ),
            command: kubectl::object("edit", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "What lacked pods has all of them.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Bring requests and limits of {subject} within the limit range of its namespace, or change the limit range after asking who set it."
        ),
        command: kubectl::within(subject, "describe limitrange"),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("{subject} has all its pods."),
    }]
}
