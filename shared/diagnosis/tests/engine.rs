//! What the whole engine makes of a case: how many causes, and whose.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use diagnosis::aim::Aim;
use diagnosis::case::Case;
use diagnosis::engine;
use evidence::fact::{Body, Fact};
use evidence::lint::lint;
use evidence::report::{Report, Verdict};
use evidence::scope::{Scope, Window};
use evidence::testimony::{Gap, Look, Testimony};

/// Two Deployments of one namespace: one names an image that does not exist, one needs more memory than it may have.
const TWO_FAULTS: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, template_labels: {app: web}}
- pod:
    meta: {namespace: shop, name: web-1, labels: {app: web}, owner: {kind: ReplicaSet, namespace: shop, name: web-5d}}
    phase: Pending
    spec: {containers: [{name: web, image: "web:nope"}]}
    containers: [{name: web, state: {waiting: {reason: ImagePullBackOff, message: "web:nope: not found"}}}]
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, desired: 1, template_labels: {app: cart}}
- pod:
    meta: {namespace: shop, name: cart-1, labels: {app: cart}, owner: {kind: ReplicaSet, namespace: shop, name: cart-5d}}
    phase: Running
    spec: {containers: [{name: cart, image: "cart:1", limits: {memory: 8Mi}}]}
    containers: [{name: cart, restarts: 4, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 137, reason: OOMKilled}}]
- service: {meta: {namespace: shop, name: web}, type: ClusterIP, selector: {app: web}}
"#;

const HEALTHY: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, current: 1, updated: 1, ready: 1, available: 1}
"#;

fn report(facts: &str, workload: Option<&str>, unseen: &[&str]) -> Report {
    let report = engine::conclude(&case(facts, workload, unseen));
    assert_eq!(lint(&report), Vec::<String>::new(), "every claim cites evidence");
    report
}

fn case(facts: &str, workload: Option<&str>, unseen: &[&str]) -> Case {
    let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
    let start = "2026-11-21T11:00:00Z".parse().unwrap();
    let scope = Scope {
        cluster: String::new(),
        namespaces: vec!["shop".to_owned()],
        workload: workload.map(str::to_owned),
    };
    let mut case = Case::open("why?", scope, as_of, Window { start, end: as_of });
    let bodies: Vec<Body> = serde_saphyr::from_str(facts).unwrap();
    let kinds =
        ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "EndpointSlice"];
    let look = |kind: &str| Look {
        kind: kind.to_owned(),
        namespace: "shop".to_owned(),
        complete: !unseen.contains(&kind),
    };
    case.hear(Testimony {
        facts: bodies.into_iter().map(|body| Fact { source: 0, body }).collect(),
        looks: kinds.into_iter().map(look).collect(),
        gaps: unseen.iter().map(|kind| gap(kind)).collect(),
        ..Testimony::default()
    });
    case
}

fn gap(kind: &str) -> Gap {
    Gap { server: "mcp-k8s".into(), what: kind.into(), why: "403".into(), remedy: "a Role".into() }
}

fn causes(report: &Report) -> Vec<String> {
    report.root_causes.iter().map(|it| format!("{} {}", it.failure_mode, it.subject.name)).collect()
}

#[test]
fn two_independent_faults_are_two_causes() {
    assert_eq!(causes(&report(TWO_FAULTS, None, &[])), ["IMG-01 web", "RUN-01 cart"]);
}

#[test]
fn a_question_about_one_workload_is_answered_about_it() {
    assert_eq!(causes(&report(TWO_FAULTS, Some("deployment/cart"), &[])), ["RUN-01 cart"]);
}

#[test]
fn a_service_without_anybody_ready_is_a_victim() {
    let report = report(TWO_FAULTS, Some("service/web"), &[]);
    assert_eq!(causes(&report), ["IMG-01 web"]);
    let victims: Vec<String> =
        report.root_causes[0].impact.victims.iter().map(ToString::to_string).collect();
    assert_eq!(victims, ["Pod shop/web-1", "Service shop/web"]);
}

#[test]
fn nothing_wrong_is_said_only_where_all_was_seen() {
    assert_eq!(report(HEALTHY, None, &[]).verdict, Verdict::NoFaultFound);
    assert_eq!(report(HEALTHY, None, &["Pod"]).verdict, Verdict::Inconclusive);
}

#[test]
fn the_same_case_gives_the_same_report() {
    let json = |report: &Report| serde_json::to_string(report).unwrap();
    let (first, second) = (report(TWO_FAULTS, None, &[]), report(TWO_FAULTS, None, &[]));
    assert_eq!(json(&first), json(&second));
}

#[test]
fn what_changed_is_told_by_time_and_by_whom() {
    let facts = r#"
- workload:
    kind: Deployment
    meta:
      namespace: shop
      name: web
      touches:
        - {manager: kube-controller-manager, at: "2026-11-21T11:50:00Z", fields: [spec.replicas]}
        - {manager: helm, operation: Update, at: "2026-11-21T11:30:00Z", fields: [spec.template.spec.containers]}
        - {manager: kubectl-edit, operation: Update, at: "2026-11-20T11:30:00Z", fields: [spec.replicas]}
    desired: 1
    updated: 1
    ready: 1
"#;
    let mut case = case(facts, None, &[]);
    case.aim = Aim::Changes;
    let report = engine::conclude(&case);
    let expected =
        "One change since 2026-11-21T11:00:00Z: Deployment shop/web was changed by helm.";
    assert!(report.summary.starts_with(expected), "{}", report.summary);
    assert_eq!(report.timeline.len(), 1);
    assert_eq!(lint(&report), Vec::<String>::new());
}

#[test]
fn an_inconclusive_report_names_the_next_question() {
    let facts = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, updated: 1, template_labels: {app: web}}
"#;
    let report = report(facts, None, &[]);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    let open: Vec<&str> = report.not_examined.iter().map(|it| it.server.as_str()).collect();
    assert_eq!(open, ["mcp-prometheus"]);
}
