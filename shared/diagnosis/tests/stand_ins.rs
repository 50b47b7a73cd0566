//! Workloads that are known by what they made alone: pods that nobody keeps, and those of custom controllers.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
#[allow(dead_code, reason = "not all helpers are needed here")]
mod trial;

use diagnosis::case::Case;
use diagnosis::engine;
use evidence::entity::Entity;
use evidence::scope::Scope;

const KINDS: [&str; 7] =
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Service", "EndpointSlice", "Node"];

fn case(facts: &str) -> Case {
    let scope = Scope { namespaces: vec!["shop".to_owned()], ..Scope::default() };
    trial::case(facts, scope, &KINDS)
}

fn causes(facts: &str) -> Vec<String> {
    let report = engine::conclude(&case(facts));
    let cause = |mode: &str, kind: &str, name: &str| format!("{mode} {kind} {name}");
    let causes = report.root_causes.iter();
    causes.map(|it| cause(&it.failure_mode, &it.subject.kind, &it.subject.name)).collect()
}

/// The ReplicaSet of an Argo Rollout, of which the survey reads no fact of its own.
const REFUSED: &str = r#"
- revision: {kind: ReplicaSet, meta: {namespace: shop, name: web-5d4f, owner: {kind: Rollout, namespace: shop, name: web}}, desired: 3}
- event:
    subject: {kind: ReplicaSet, namespace: shop, name: web-5d4f}
    warning: true
    reason: FailedCreate
    message: 'Error creating: pods "web-5d4f-x" is forbidden: exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2'
    count: 7
    last: "2026-11-21T11:59:00Z"
- quota: {meta: {namespace: shop, name: compute}, hard: {requests.cpu: "2"}, used: {requests.cpu: "2"}}
"#;

#[test]
fn a_custom_controllers_pods_that_never_come_are_missed() {
    assert_eq!(causes(REFUSED), ["ADM-01 ResourceQuota compute"]);
}

/// A client and its database, both of them pods that nobody keeps.
const BARE: &str = r#"
- pod:
    meta: {namespace: shop, name: cart}
    phase: Running
    conditions: [{type: Ready, status: "True"}]
    spec: {containers: [{name: cart, env: [{name: DB_HOST, value: db}, {name: DB_PASSWORD, from: {kind: Secret, name: cart-db, key: password}}]}]}
    containers: [{name: cart, ready: true, state: {running: {}}}]
- pod:
    meta: {namespace: shop, name: db, labels: {app: db}}
    phase: Running
    conditions: [{type: Ready, status: "True"}]
    spec: {containers: [{name: db, image: "mysql:8"}]}
    containers: [{name: db, ready: true, state: {running: {}}}]
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{port: 3306}]}
- endpoints: {namespace: shop, service: db, ready: 1, ports: [{number: 3306}]}
- log:
    namespace: shop
    pod: cart
    container: cart
    lines: [{text: "MySqlConnector.MySqlException (0x80004005): Access denied for user 'cart'@'10.2.0.7' (using password: YES)", count: 9, first: "2026-11-21T11:50:00Z", last: "2026-11-21T11:59:00Z"}]
"#;

#[test]
fn pods_that_nobody_keeps_call_and_are_called() {
    assert_eq!(causes(BARE), ["DEP-01 Secret cart-db"]);
    assert_eq!(case(BARE).clients_of("shop", "db").count(), 1);
}

#[test]
fn nothing_stands_in_for_a_deployment_that_may_not_be_seen() {
    let facts = REFUSED.replace("kind: Rollout", "kind: Deployment");
    let web = Entity::new("Deployment", "shop", "web");
    assert!(case(&facts).workload(&web).seen().is_none());
}

#[test]
fn a_pod_that_is_to_end_is_no_workload() {
    let facts = "- pod: {meta: {namespace: shop, name: once}, phase: Running, spec: {restart_policy: Never, containers: [{name: once}]}}";
    assert_eq!(case(facts).workloads().count(), 0);
}

/// An operator's own object above the StatefulSet that it keeps.
const KEPT: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db, owner: {kind: Postgresql, namespace: shop, name: db}}, desired: 1, ready: 1}
- pod: {meta: {namespace: shop, name: db-0, owner: {kind: StatefulSet, namespace: shop, name: db}}, phase: Running, spec: {containers: [{name: db}]}}
"#;

#[test]
fn nothing_stands_in_for_an_operators_object_above_a_workload() {
    assert_eq!(case(KEPT).workloads().count(), 1);
}
