//! What is too far from a reported trouble to be its cause.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use diagnosis::engine::symptoms;
use evidence::entity::Entity;
use evidence::scope::Scope;
use evidence::testimony::{Look, Testimony};
use jiff::SignedDuration;
use trial::{named, report, shop};

const LOOKED: &[&str] =
    &["Glance", "Pod", "Deployment", "StatefulSet", "DaemonSet", "Service", "Namespace"];

/// A program of another namespace that was killed for its memory a while ago.
fn killed(with: &str) -> String {
    format!(
        r#"
- workload: {{kind: Deployment, meta: {{namespace: scans, name: reader}}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {{app: reader}}, template: {{containers: [{{name: reader, limits: {{memory: 2Gi}}, {with}}}]}}}}
- pod:
    meta: {{namespace: scans, name: reader-1, labels: {{app: reader}}, owner: {{kind: Deployment, namespace: scans, name: reader}}}}
    phase: Running
    spec: {{containers: [{{name: reader, limits: {{memory: 2Gi}}, {with}}}]}}
    conditions: [{{type: Ready, status: "True"}}]
    containers: [{{name: reader, ready: true, restarts: 5, state: {{running: {{since: "2026-11-21T11:40:00Z"}}}}, last: {{exit_code: 137, reason: OOMKilled, started: "2026-11-21T10:40:00Z", finished: "2026-11-21T11:39:59Z"}}}}]
"#
    )
}

#[test]
fn what_nobody_has_to_do_with_is_no_cause_of_what_is_reported_elsewhere() {
    let of = |facts: &[&str], question: &str| {
        let mut case = trial::case(&facts.concat(), Scope::default(), LOOKED);
        case.question = question.to_owned();
        case.reported = true;
        let report = report(&case);
        named(&report).join(", ")
    };
    let alone = killed("");
    let service = "- service: {meta: {namespace: scans, name: reader}, type: ClusterIP, selector: {app: reader}, ports: [{port: 80}]}\n";
    let queue = "- service: {meta: {namespace: shop, name: queue}, type: ClusterIP, ports: [{port: 5672}]}\n";
    let told = killed("env: [{name: BROKER, value: \"amqp://queue.shop:5672\"}]");
    let secret = killed("env: [{name: BROKER, from: {kind: Secret, name: broker, key: url}}]");
    let asked = "customers wait for the checkout";
    assert_eq!(of(&[&alone], asked), "");
    assert_eq!(of(&[&alone], "the scans come late"), "RUN-01 reader");
    assert_eq!(of(&[&alone, service], asked), "RUN-01 reader", "somebody may call it");
    assert_eq!(of(&[&told, queue], asked), "RUN-01 reader", "it calls somebody");
    assert_eq!(of(&[&secret], asked), "RUN-01 reader", "it may call somebody");
}

#[test]
fn only_a_workload_is_far_where_nobody_may_see_services() {
    let mut case = trial::case("[]", shop(None), &[]);
    let look = Look { kind: "Service".to_owned(), namespace: "shop".to_owned(), complete: false };
    case.hear(Testimony { looks: vec![look], ..Testimony::default() });
    assert!(case.is_aloof(&Entity::new("Deployment", "shop", "web")));
    assert!(!case.is_aloof(&Entity::new("DaemonSet", "shop", "agent")));
    assert!(!case.is_aloof(&Entity::new("Node", "", "node-1")));
}

#[test]
fn a_job_that_gave_up_long_before_is_no_cause_of_what_was_reported() {
    let facts = r#"
- job: {meta: {namespace: shop, name: backfill}, failed: 3, conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, since: "2026-11-21T07:00:00Z"}]}
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 0, template_labels: {app: web}, template: {containers: [{name: web, image: "web:2"}]}}
- pod:
    meta: {namespace: shop, name: web-1, labels: {app: web}, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Pending
    spec: {containers: [{name: web, image: "web:2"}]}
    containers: [{name: web, image: "web:2", state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image "web:2": ErrImagePull: manifest for web:2 not found'}}}]
"#;
    let shown = |lasted: Option<SignedDuration>| {
        let mut case = trial::case(facts, shop(None), LOOKED);
        case.reported = true;
        case.lasted = lasted;
        let symptoms = symptoms::asked_about(&case);
        symptoms.into_iter().map(|it| it.entity.kind).collect::<Vec<String>>()
    };
    assert_eq!(shown(Some(SignedDuration::from_hours(1))), ["Deployment"]);
    assert_eq!(shown(Some(SignedDuration::from_hours(4))), ["Deployment", "Job"]);
    assert_eq!(shown(None), ["Deployment", "Job"]);
}
