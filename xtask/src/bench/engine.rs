//! How long the judge takes over a case of many facts, without any I/O.

use super::samples::Samples;
use super::sheet::{Sheet, number};
use anyhow::{Result, bail};
use diagnosis::case::Case;
use diagnosis::engine;
use evidence::fact::{Body, Fact};
use evidence::report::Verdict;
use evidence::scope::{Scope, Window};
use evidence::testimony::{Look, Testimony};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Instant;

/// Facts of the case.
const FACTS: usize = 10_000;
/// Facts that one workload brings: itself, a revision, a Service, its endpoints, three pods and three events.
const OF_A_WORKLOAD: usize = 10;
/// How often it is judged.
const RUNS: usize = 20;

/// Measures what to ask next and what it comes to.
pub(super) fn measure(sheet: &mut Sheet) -> Result<()> {
    let case = case()?;
    let mut samples = Samples::default();
    for _ in 0..RUNS {
        let began = Instant::now();
        let judged = engine::judge(&case);
        let questions = judged.next_questions();
        let report = judged.report();
        samples.add(began.elapsed());
        if report.verdict != Verdict::RootCauseFound {
            bail!(
                "the case for the bench came to {:?} ({} questions)",
                report.verdict,
                questions.len()
            );
        }
    }
    sheet.table("the judge over 10,000 facts", &["ms, median", "longest"]);
    let median = sheet.goal("engine in ms", samples.median(), 20.0);
    sheet.row(&[median, number(samples.percentile(100))]);
    Ok(())
}

/// A cluster in which one Deployment of many has an image that does not exist.
fn case() -> Result<Case> {
    let as_of: Timestamp = "2026-11-21T12:00:00Z".parse()?;
    let start: Timestamp = "2026-11-21T11:00:00Z".parse()?;
    let mut bodies: Vec<Body> = Vec::new();
    for number in 0..FACTS / OF_A_WORKLOAD {
        for fact in workload(number) {
            bodies.push(serde_json::from_value(fact)?);
        }
    }
    let kinds = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Service", "EndpointSlice"];
    let look =
        |kind: &str| Look { kind: kind.to_owned(), namespace: String::new(), complete: true };
    let mut case = Case::open("why?", Scope::default(), as_of, Window { start, end: as_of });
    let survey = engine::next_questions(&case);
    case.ask(&survey);
    case.hear(Testimony {
        facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: kinds.into_iter().map(look).collect(),
        ..Testimony::default()
    });
    Ok(case)
}

fn workload(number: usize) -> Vec<Value> {
    let (namespace, name) = (format!("team-{}", number % 40), format!("web-{number}"));
    let broken = number == 7;
    let labels = json!({"app": name});
    let ready = if broken { 0 } else { 3 };
    let owner = json!({"kind": "ReplicaSet", "namespace": namespace, "name": format!("{name}-5d")});
    let mut facts = vec![
        json!({"workload": {"kind": "Deployment", "meta": {"namespace": namespace, "name": name},
            "desired": 3, "current": 3, "updated": 3, "ready": ready, "available": ready, "template_labels": labels}}),
        json!({"revision": {"kind": "ReplicaSet", "number": 1, "meta": {"namespace": namespace, "name": format!("{name}-5d"),
            "owner": {"kind": "Deployment", "namespace": namespace, "name": name}}}}),
        json!({"service": {"meta": {"namespace": namespace, "name": name}, "type": "ClusterIP", "selector": labels,
            "ports": [{"port": 80, "target": "8080"}]}}),
        json!({"endpoints": {"namespace": namespace, "service": name, "ready": ready, "not_ready": 3 - ready,
            "ports": [{"number": 8080}]}}),
    ];
    for pod in 0..3 {
        let pod = format!("{name}-5d-{pod}");
        let meta = json!({"namespace": namespace, "name": pod, "labels": labels, "owner": owner});
        let spec = json!({"containers": [{"name": "web", "image": "registry.example.com/web:1",
            "ports": [{"number": 8080}], "env": [{"name": "NEXT", "value": format!("http://web-{}", number + 1)}]}]});
        let state = match broken {
            true => {
                json!({"waiting": {"reason": "ImagePullBackOff", "message": "web:1: not found"}})
            }
            false => json!({"running": {}}),
        };
        let phase = if broken { "Pending" } else { "Running" };
        facts.push(json!({"pod": {"meta": meta, "phase": phase, "spec": spec,
            "containers": [{"name": "web", "ready": !broken, "state": state}]}}));
        facts.push(json!({"event": {"subject": {"kind": "Pod", "namespace": namespace, "name": pod},
            "warning": true, "reason": "Unhealthy", "message": "Readiness probe failed", "count": 1}}));
    }
    facts
}
