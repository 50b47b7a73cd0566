//! The linter passes a report that proves what it says, and names each claim that does not.
#![cfg(test)]

use evidence::entity::Entity;
use evidence::lint::lint;
use evidence::report::{Report, SCHEMA, Verdict};
use serde_json::json;

fn report() -> Report {
    let pod = json!({"kind": "Pod", "namespace": "shop", "name": "web-1"});
    let deployment = json!({"kind": "Deployment", "namespace": "shop", "name": "web"});
    serde_json::from_value(json!({
        "schema": SCHEMA, "id": "inv-1", "question": "why?", "as_of": "2026-05-03T10:00:00Z",
        "window": {"start": "2026-05-03T09:00:00Z", "end": "2026-05-03T10:00:00Z"},
        "scope": {}, "verdict": "root_cause_found", "summary": "The image does not exist.",
        "root_causes": [{
            "rank": 1, "failure_mode": "IMG-01", "name": "image_not_found", "category": "image",
            "confidence": 0.97,
            "subject": {"kind": "Deployment", "namespace": "shop", "name": "web"},
            "statement": "The image does not exist.", "evidence": ["E1"],
            "chain": [{"cause": deployment, "effect": pod, "relation": "owns", "evidence": ["E1"]}],
            "change": {"what": "image", "when": null, "actor": "kubectl", "via": "Update",
                       "before": null, "after": null, "evidence": ["E1"]},
            "impact": {"statement": "1 pod", "victims": [pod], "evidence": ["E1"]},
            "remediation": []
        }],
        "ruled_out": [{"failure_mode": "IMG-02", "subject": pod, "why": "no 401", "evidence": ["E1"]}],
        "not_examined": [],
        "timeline": [{"at": "2026-05-03T09:30:00Z", "what": "pull failed", "entity": pod,
                      "source": "mcp-k8s", "evidence": ["E1"]}],
        "evidence": [{"id": "E1", "server": "mcp-k8s", "tool": "k8s_survey", "arguments": {},
            "upstream": {"method": "GET", "path": "/api/v1/pods"}, "subject": pod,
            "observed_at": "2026-05-03T10:00:00Z", "observation": "waits", "excerpt": "",
            "digest": "sha256:00"}],
        "cost": {"tool_calls": 1, "upstream_requests": 1, "upstream_bytes": 1, "elapsed_ms": 0}
    }))
    .unwrap()
}

#[test]
fn a_proven_report_passes() {
    assert_eq!(lint(&report()), Vec::<String>::new());
}

#[test]
fn each_kind_of_claim_needs_evidence() {
    let mut bare = report();
    bare.root_causes[0].evidence.clear();
    bare.root_causes[0].chain[0].evidence.clear();
    bare.root_causes[0].change.as_mut().unwrap().evidence.clear();
    bare.root_causes[0].impact.evidence.clear();
    bare.ruled_out[0].evidence.clear();
    bare.timeline[0].evidence.clear();
    assert_eq!(
        lint(&bare),
        [
            "root_causes 1 statement cites no evidence",
            "root_causes 1 chain 1 cites no evidence",
            "root_causes 1 change cites no evidence",
            "root_causes 1 impact cites no evidence",
            "ruled_out 1 cites no evidence",
            "timeline 1 cites no evidence",
        ]
    );
}

#[test]
fn cited_evidence_must_be_there() {
    let mut dangling = report();
    dangling.timeline[0].evidence = vec!["E9".to_owned()];
    assert_eq!(lint(&dangling), ["timeline 1 cites E9, which is not in the report"]);
}

#[test]
fn evidence_ids_are_unique() {
    let mut twice = report();
    twice.evidence.push(twice.evidence[0].clone());
    assert_eq!(lint(&twice), ["evidence E1 is there twice"]);
}

#[test]
fn a_confidence_is_a_probability() {
    let mut sure = report();
    sure.root_causes[0].confidence = 1.2;
    assert_eq!(lint(&sure), ["root_causes 1 has confidence 1.2"]);
    sure.root_causes[0].confidence = f64::NAN;
    assert_eq!(lint(&sure), ["root_causes 1 has confidence NaN"]);
}

#[test]
fn ranks_count_from_one() {
    let mut report = report();
    report.root_causes[0].rank = 2;
    assert_eq!(lint(&report), ["root_causes 1 has rank 2"]);
}

#[test]
fn a_cause_is_not_its_own_victim() {
    let mut report = report();
    report.root_causes[0].impact.victims.push(Entity::new("Deployment", "shop", "web"));
    assert_eq!(lint(&report), ["root_causes 1 has the root cause Deployment shop/web as a victim"]);
}

#[test]
fn the_verdict_agrees_with_the_causes() {
    let mut report = report();
    report.verdict = Verdict::NoFaultFound;
    assert_eq!(lint(&report), ["the verdict is no_fault_found and there is a root cause"]);
    report.verdict = Verdict::RootCauseFound;
    report.root_causes.clear();
    assert_eq!(lint(&report), ["the verdict is root_cause_found and there is none"]);
}
