//! A report is judged by the truth of its scenario, and confidence by what came true.
#![cfg(test)]

use evidence::report::Report;
use inquest::eval::Outcome;
use inquest::eval::judging::{Judged, is_false_alarm, judge};
use inquest::eval::tally::tally;
use replay::truth::Truth;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("report/report.json");

fn report() -> Report {
    serde_json::from_str(SAMPLE).unwrap()
}

fn truth(truth: Value) -> Truth {
    serde_json::from_value(truth).unwrap()
}

#[track_caller]
fn judged(by: Value, expected: Judged) {
    assert_eq!(judge(&report(), &truth(by)), expected);
}

fn web() -> Value {
    json!({"kind": "Deployment", "namespace": "terranetes", "name": "web"})
}

#[test]
fn failure_mode_and_subject_must_both_be_right() {
    let right =
        json!({"verdict": "root_cause_found", "failure_mode": ["IMG-01"], "subjects": [web()]});
    judged(right, Judged::Right);
    let mode =
        json!({"verdict": "root_cause_found", "failure_mode": ["IMG-02"], "subjects": [web()]});
    judged(mode, Judged::Wrong);
    let other = json!({"kind": "Node", "name": "node-1"});
    let subject =
        json!({"verdict": "root_cause_found", "failure_mode": ["IMG-01"], "subjects": [other]});
    judged(subject, Judged::Wrong);
}

#[test]
fn blaming_what_must_not_be_blamed_is_wrong_and_an_alarm() {
    let by =
        json!({"verdict": "root_cause_found", "failure_mode": "IMG-01", "must_not_blame": web()});
    judged(by.clone(), Judged::Wrong);
    assert!(is_false_alarm(&report(), &truth(by)));
}

#[test]
fn a_cause_where_nothing_is_wrong_is_an_alarm() {
    let by = json!({"verdict": "no_fault_found"});
    judged(by.clone(), Judged::Wrong);
    assert!(is_false_alarm(&report(), &truth(by)));
}

#[test]
fn no_answer_where_there_is_one_is_abstaining() {
    let mut open = report();
    open.verdict = evidence::report::Verdict::Inconclusive;
    open.root_causes.clear();
    let by = truth(json!({"verdict": "root_cause_found", "failure_mode": "IMG-01"}));
    assert_eq!(judge(&open, &by), Judged::Abstained);
    assert!(!is_false_alarm(&open, &by));
}

#[test]
fn several_causes_must_all_be_named() {
    let one = json!({"failure_mode": "IMG-01", "subjects": web()});
    let other = json!({"failure_mode": "QUO-01"});
    judged(json!({"verdict": "root_cause_found", "causes": [one.clone()]}), Judged::Right);
    judged(json!({"verdict": "root_cause_found", "causes": [one, other]}), Judged::Wrong);
}

#[test]
fn another_answer_counts_only_as_unsure_as_it_must_be() {
    let accept = |most: f64| {
        json!({"verdict": "inconclusive", "accept":
            [{"verdict": "root_cause_found", "failure_mode": "IMG-01", "max_confidence": most}]})
    };
    judged(accept(0.99), Judged::Right);
    judged(accept(0.5), Judged::Wrong);
}

fn outcome(judged: Judged, confidence: f64) -> Outcome {
    Outcome {
        scenario: String::new(),
        family: "image".to_owned(),
        judged,
        false_alarm: false,
        part: false,
        traced: None,
        confidence: Some(confidence),
        answer: String::new(),
        rounds: 2,
        ms: 4.0,
    }
}

#[test]
fn confidence_is_compared_with_what_came_true() {
    let tally = tally(&[outcome(Judged::Right, 1.0), outcome(Judged::Wrong, 0.5)]);
    assert_eq!(tally.brier, Some(0.125));
    let rows: Vec<(f64, f64)> = tally.reliability.iter().map(|it| (it.from, it.right)).collect();
    assert_eq!(rows, [(0.5, 0.0), (0.9, 1.0)]);
    assert_eq!((tally.total.right, tally.total.wrong, tally.mean_rounds), (1, 1, 2.0));
}
