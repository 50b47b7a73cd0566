//! An alert that is missed asks for what nobody has, or its rule cannot be evaluated.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::alerting_rule::{AlertingRule, Lack};
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "OBS-03",
    title: "its rule can never be true",
    category: Category::Observability,
    proves: "somebody misses an alert, and its rule fails to be evaluated, or cannot do without a metric that nobody has, or without a job, namespace or other target that no series of the metric bears",
    refutes: "all that its expression cannot do without has series",
    confused_with: &["OBS-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let missed = case.silent_alert().filter(|_| case.numbers);
    missed.map(|it| Question::Rule { alert: it.to_owned() }).into_iter().collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let rules = case.missed_rules();
    one_each(rules.iter().filter_map(|it| one(*it)).map(Judgement::Proven))
}

fn one(rule: Seen<'_, AlertingRule>) -> Option<Finding> {
    let subject = Entity::new("AlertingRule", "", &rule.name);
    let (why, field, value, strength, cite) = if rule.health == "err" {
        let says = format!("{subject}: its last evaluation failed");
        let cite = Cite::quoting(rule.exhibit, says, &rule.error);
        ("its rule cannot be evaluated".to_owned(), None, None, Strength::Conclusive, cite)
    } else {
        let lack = rule.it.lacks.first()?;
        let (why, value, strength) = told(lack);
        let says = format!("{subject}: its expression needs {}", written(lack));
        let cite = Cite::quoting(rule.exhibit, says, &rule.expression);
        (why, Some("expr".to_owned()), Some(value), strength, cite)
    };
    Some(Finding {
        field,
        value,
        statement: format!("Alert {} does not fire because {why}.", rule.name),
        proofs: vec![cite],
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    })
}

fn told(lack: &Lack) -> (String, String, Strength) {
    let near = match lack.near.as_slice() {
        [] => String::new(),
        near => format!("; there is {}", near.join(", ")),
    };
    let written = written(lack);
    // A counter may be there only once it has counted something, and a job only once a week; a name that is nearly another is
    // misspelt.
    let strength = if lack.near.is_empty() { Strength::Suggestive } else { Strength::Strong };
    if !lack.label.is_empty() {
        let metric = &lack.metric;
        let why =
            format!("it asks for {written}, and no series of {metric} has that {}", lack.label);
        return (format!("{why}{near}"), written, strength);
    }
    let why = format!("it asks for {written}, and there is no such metric{near}");
    (why, written, strength)
}

fn written(lack: &Lack) -> String {
    match lack.label.as_str() {
        "" => lack.metric.clone(),
        label => format!("{}{{{label}={:?}}}", lack.metric, lack.value),
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Correct the expression of alert {} in its source, and test it against a time when it should have fired.",
            subject.name
        ),
        command: String::new(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its expression has series at a time when it should have fired.".to_owned(),
    }]
}
