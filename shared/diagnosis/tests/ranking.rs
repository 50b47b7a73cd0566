//! Which of several findings are causes, and which of them stands first.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use trial::{case, named, report, shop};

/// Kinds that were looked at in all namespaces.
const LOOKED: [&str; 9] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "Node",
    "ConfigMap",
    "StorageClass",
    "PersistentVolumeClaim",
];

/// The causes of a case, as `ID name`, and whether its summary leaves something unexplained.
fn causes(facts: &str) -> (Vec<String>, bool) {
    let report = report(&case(facts, shop(None), &LOOKED));
    (named(&report), report.summary.contains("Not explained"))
}

/// A workload of three pods, one of which was left over on a node that fell silent.
const LEFT_OVER: &str = r#"
- node:
    meta: {name: node-2, created: "2026-11-01T10:00:00Z"}
    taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]
    conditions: [{type: Ready, status: Unknown, reason: NodeStatusUnknown, since: "2026-11-21T11:10:00Z"}]
- node: {meta: {name: node-1}, conditions: [{type: Ready, status: "True"}]}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: web}, desired: 2}
- pod:
    meta: {namespace: shop, name: web-0, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Running
    spec: {node_name: node-2, containers: [{name: web, image: "web:1"}]}
    conditions: [{type: Ready, status: "False"}]
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Pending
    spec: {node_name: node-1, containers: [{name: web, image: "web:nope"}]}
    containers: [{name: web, state: {waiting: {reason: WAITS, message: "web:nope: not found"}}}]
"#;

#[test]
fn a_node_that_fell_silent_is_not_behind_what_fails_by_itself_elsewhere() {
    let (named, open) = causes(&LEFT_OVER.replace("WAITS", "ImagePullBackOff"));
    assert_eq!((named, open), (vec!["NODE-01 node-2".to_owned(), "IMG-01 web".to_owned()], false));
    let (named, open) = causes(&LEFT_OVER.replace("WAITS", "ContainerCreating"));
    assert_eq!((named, open), (vec!["NODE-01 node-2".to_owned()], false));
}

const LACKS: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1}
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Pending
    spec: {containers: [{name: web, image: "web:nope"}, {name: proxy, env: [{name: A, from: {kind: ConfigMap, name: proxy, key: a}}]}]}
    containers:
    - {name: web, state: {waiting: {reason: ImagePullBackOff, message: "web:nope: not found"}}}
    - {name: proxy, state: {waiting: {reason: CreateContainerConfigError, message: 'configmap "proxy" not found'}}}
"#;

#[test]
fn two_things_that_the_kubelet_names_are_both_told() {
    assert_eq!(causes(LACKS).0, ["CFG-01 proxy", "IMG-01 web"]);
}

const OLD_CRASH: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: api}, desired: 1, ready: 1, updated: 1, current: 1}
- pod:
    meta: {namespace: shop, name: api-1, owner: {kind: Deployment, namespace: shop, name: api}}
    phase: Running
    spec: {containers: [{name: api, limits: {memory: 8Mi}}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: api, ready: true, restarts: 4, state: {running: {}}, last: {exit_code: 137, reason: OOMKilled, finished: "2026-11-21T11:20:00Z"}}]
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1}
- pod:
    meta: {namespace: shop, name: db-0, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Pending
    spec: {containers: [{name: db, requests: {cpu: "40"}}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/2 nodes are available: 2 Insufficient cpu."}]
- node: {meta: {name: n}, allocatable: {cpu: "2"}}
"#;

#[test]
fn what_is_down_stands_before_what_was_started_again() {
    assert_eq!(causes(OLD_CRASH).0, ["SCH-01 db", "RUN-01 api"]);
}

const WAITS_FOR_CONSUMER: &str = r#"
- storage_class: {meta: {name: fast}, waits_for_consumer: true}
- claim: {meta: {namespace: shop, name: data, created: "2026-11-21T11:00:00Z"}, phase: Pending, class: fast}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1}
- pod:
    meta: {namespace: shop, name: db-0, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Pending
    spec: {volumes: [{volume: data, object: {kind: PersistentVolumeClaim, name: data}}], containers: [{name: db, requests: {cpu: "40"}}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/2 nodes are available: 2 Insufficient cpu."}]
- node: {meta: {name: n}, allocatable: {cpu: "2"}}
"#;

#[test]
fn a_claim_that_waits_for_its_pods_node_follows_from_why_that_has_none() {
    assert_eq!(causes(WAITS_FOR_CONSUMER), (vec!["SCH-01 db".to_owned()], false));
    let at_once = WAITS_FOR_CONSUMER.replace("true", "false");
    assert!(causes(&at_once).1);
}
