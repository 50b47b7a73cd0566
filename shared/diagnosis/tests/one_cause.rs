//! Of several reasons that the scheduler gives, one is the cause; and what only looks odd is none.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use evidence::report::Verdict;
use trial::{case, named, report, shop};

/// Kinds that were looked at in all namespaces.
const LOOKED: [&str; 12] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "EndpointSlice",
    "Node",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "Job",
    "Event",
];

/// The causes of a case, as `ID name`, or its verdict where it has none.
fn causes(facts: &str) -> String {
    let report = report(&case(facts, shop(None), &LOOKED));
    if report.verdict != Verdict::RootCauseFound {
        return format!("{:?}", report.verdict);
    }
    named(&report).join(", ")
}

/// A workload whose pod waits with these words, and with this in its spec.
fn waits(reasons: &str, spec: &str, more: &str) -> String {
    let message = format!(
        "0/3 nodes are available: {reasons}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    );
    format!(
        r#"
- workload: {{kind: StatefulSet, meta: {{namespace: shop, name: web}}, desired: 2, ready: 1}}
- pod:
    meta: {{namespace: shop, name: web-1, owner: {{kind: StatefulSet, namespace: shop, name: web}}}}
    phase: Pending
    spec: {spec}
    conditions: [{{type: PodScheduled, status: "False", reason: Unschedulable, message: "{message}"}}]
{more}"#
    )
}

const WORKER: &str =
    "- node: {meta: {name: worker, labels: {pool: web}}, allocatable: {cpu: '2'}}\n";
const TAINTED: &str = "- node: {meta: {name: data, labels: {pool: data}}, taints: [{key: pool, value: data, effect: NoSchedule}]}\n";
const CORDONED: &str = "- node: {meta: {name: old, labels: {pool: web}}, unschedulable: true}\n";
const ZONE_B: &str = r"
- claim: {meta: {namespace: shop, name: data}, phase: Bound, volume: pv}
- volume: {meta: {name: pv}, phase: Bound, node_affinity: [[{key: zone, operator: In, values: [b]}]]}
";

#[test]
fn of_several_reasons_the_one_that_binds_is_the_cause() {
    let mounts = "{volumes: [{volume: data, object: {kind: PersistentVolumeClaim, name: data}}], containers: [{name: web, requests: {cpu: '4'}}]}";
    let plain =
        "{containers: [{name: web, requests: {cpu: '4'}, ports: [{number: 80, host: 80}]}]}";
    let selects = "{node_selector: {pool: data}, containers: [{name: web}]}";
    let full = format!("{WORKER}{TAINTED}{CORDONED}");
    let in_zone_b = full.replace("{pool: web}}, alloc", "{pool: web, zone: b}}, alloc");
    let rows = [
        (
            "1 Insufficient cpu, 1 node(s) had untolerated taint {pool: data}, 1 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-01 web",
        ),
        (
            "1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {pool: data}, 1 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-14 web",
        ),
        (
            "1 Too many pods, 1 node(s) had untolerated taint {pool: data}, 1 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-15 worker",
        ),
        (
            "1 node(s) didn't have free ports for the requested pod ports, 2 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-10 web",
        ),
        (
            "1 node(s) didn't match pod topology spread constraints, 2 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-09 web",
        ),
        (
            "1 node(s) didn't match pod affinity rules, 2 node(s) were unschedulable",
            "{pod_affinity: [{topology: zone}]}",
            full.clone(),
            "SCH-08 web",
        ),
        (
            "1 node(s) didn't match pod anti-affinity rules, 2 node(s) were unschedulable",
            plain,
            full.clone(),
            "SCH-07 web",
        ),
        (
            "1 node(s) had untolerated taint {pool: data}, 2 node(s) didn't match Pod's node affinity/selector",
            selects,
            full.clone(),
            "SCH-05 web",
        ),
        (
            "3 node(s) didn't match Pod's node affinity/selector",
            "{node_selector: {pool: gpu}}",
            full.clone(),
            "SCH-03 web",
        ),
        (
            "1 Insufficient cpu, 2 node(s) had volume node affinity conflict",
            mounts,
            format!("{in_zone_b}{ZONE_B}"),
            "SCH-01 web",
        ),
        (
            "1 node(s) were unschedulable, 2 node(s) had volume node affinity conflict",
            mounts,
            format!(
                "{}{ZONE_B}",
                full.replace("{name: old, labels: {pool: web}}", "{name: old, labels: {zone: b}}")
            ),
            "SCH-06 old",
        ),
        (
            "1 node(s) had untolerated taint {pool: data}, 2 node(s) had volume node affinity conflict",
            mounts,
            format!("{WORKER}{ZONE_B}"),
            "SCH-13 data",
        ),
    ];
    for (reasons, spec, more, expected) in rows {
        assert_eq!(causes(&waits(reasons, spec, &more)), expected, "{reasons}");
    }
}

#[test]
fn a_daemons_pod_that_asks_for_its_node_by_name_is_not_misled() {
    let own = "{node_affinity: [[{key: metadata.name, operator: In, values: [worker]}]], containers: [{name: web, requests: {cpu: '4'}}]}";
    let reasons = "1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector";
    assert_eq!(causes(&waits(reasons, own, &format!("{WORKER}{TAINTED}"))), "SCH-01 web");
}

const WELL: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: web}, desired: 1, current: 1, updated: 1, ready: 1, available: 1}
- pod:
    meta: {namespace: shop, name: web-0, uid: new, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Running
    spec: {node_name: worker, containers: [{name: web}]}
    conditions: [{type: Ready, status: "True"}, {type: PodScheduled, status: "True"}]
    containers: [{name: web, ready: true, state: {running: {}}}]
- node: {meta: {name: worker}, conditions: [{type: Ready, status: "True"}]}
"#;

#[test]
fn what_is_odd_and_harmless_is_no_fault() {
    let rows = [
        (
            "a claim that waits for its first consumer",
            r#"
- claim: {meta: {namespace: shop, name: spare, uid: c1}, phase: Pending, class: fast}
- storage_class: {meta: {name: fast}, provisioner: x, waits_for_consumer: true}
- event: {subject: {kind: PersistentVolumeClaim, namespace: shop, name: spare}, uid: c1, reason: WaitForFirstConsumer, message: waiting for first consumer to be created before binding}
"#,
        ),
        (
            "a victim of preemption that was placed again",
            r#"
- event: {subject: {kind: Pod, namespace: shop, name: web-0}, uid: old, reason: Preempted, message: Preempted by pod b1 on node worker, last: "2026-11-21T11:50:00Z"}
"#,
        ),
        (
            "a drained node whose pods are elsewhere",
            r#"
- node: {meta: {name: old}, unschedulable: true, conditions: [{type: Ready, status: "True"}], taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule, since: "2026-11-21T11:40:00Z"}]}
"#,
        ),
        (
            "a volume that is kept",
            r#"
- volume: {meta: {name: pv}, phase: Released, reclaim: Retain, claim: {kind: PersistentVolumeClaim, namespace: shop, name: gone}}
"#,
        ),
        (
            "an eviction of long ago",
            r#"
- pod:
    meta: {namespace: shop, name: web-9, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Failed
    reason: Evicted
    message: "The node was low on resource: memory. "
    spec: {node_name: worker}
"#,
        ),
        (
            "a problem of last week that nobody took back",
            r#"
- node: {meta: {name: old}, conditions: [{type: Ready, status: "True"}, {type: KernelDeadlock, status: "True", since: "2026-11-14T11:40:00Z"}]}
"#,
        ),
        (
            "a sandbox that was made at the second try",
            r#"
- event: {subject: {kind: Pod, namespace: shop, name: web-0}, uid: new, reason: FailedCreatePodSandBox, message: 'failed to setup network for sandbox "6": plugin type="calico" failed (add): x', last: "2026-11-21T11:50:00Z"}
"#,
        ),
        (
            "an autoscaler that had nothing to do",
            r#"
- event: {subject: {kind: Pod, namespace: shop, name: web-0}, uid: new, reason: NotTriggerScaleUp, message: "pod didn't trigger scale-up: 1 max node group size reached", last: "2026-11-21T11:50:00Z"}
"#,
        ),
    ];
    for (what, facts) in rows {
        assert_eq!(causes(&format!("{WELL}{facts}")), "NoFaultFound", "{what}");
    }
}

const BROKEN: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: web}, desired: 1, current: 1}
- node: {meta: {name: worker, uid: n1}, conditions: [CONDITIONS]}
- pod:
    meta: {namespace: shop, name: web-0, uid: u1, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Pending
    spec: {node_name: worker, containers: [{name: web, image: "web:nope"}]}
    containers: [{name: web, state: {waiting: {reason: REASON, message: "web:nope: not found"}}}]
"#;

fn broken(conditions: &str, reason: &str, more: &str) -> String {
    let facts = BROKEN.replace("CONDITIONS", conditions).replace("REASON", reason);
    causes(&format!("{facts}{more}"))
}

#[test]
fn a_node_is_the_cause_of_what_a_node_can_cause() {
    let ready = r#"{type: Ready, status: "True"}"#;
    let problem = r#"{type: Ready, status: "True"}, {type: KernelDeadlock, status: "True", since: "2026-11-21T11:40:00Z"}"#;
    let down = r#"{type: Ready, status: Unknown, reason: NodeStatusUnknown}"#;
    let sandbox = r#"
- event: {subject: {kind: Pod, namespace: shop, name: web-0}, uid: u1, reason: FailedCreatePodSandBox, message: 'failed to setup network for sandbox "6": plugin type="calico" failed (add): x', last: "2026-11-21T11:59:00Z"}
"#;
    assert_eq!(broken(ready, "ContainerCreating", sandbox), "CNI-01 worker");
    assert_eq!(broken(down, "ContainerCreating", sandbox), "NODE-01 worker");
    assert_eq!(broken(problem, "ContainerCreating", ""), "NODE-10 worker");
    // An image that does not exist is no node's fault; both are wrong.
    assert_eq!(broken(problem, "ImagePullBackOff", ""), "IMG-01 web, NODE-10 worker");
}

#[test]
fn evictions_lead_to_the_node() {
    let facts = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, current: 1}
- node: {meta: {name: worker}, conditions: [{type: Ready, status: "True"}, {type: MemoryPressure, status: "True"}]}
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: ReplicaSet, namespace: shop, name: web-5d}}
    phase: Failed
    reason: Evicted
    message: "The node was low on resource: memory. "
    spec: {node_name: worker}
- pod:
    meta: {namespace: shop, name: web-2, owner: {kind: ReplicaSet, namespace: shop, name: web-5d}}
    phase: Pending
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }."}]
"#;
    assert_eq!(causes(facts), "NODE-03 worker");
}

#[test]
fn a_claim_without_a_volume_is_the_cause_of_its_pod() {
    let claim = r#"
- claim: {meta: {namespace: shop, name: data, uid: c1}, phase: Pending, class: fast, request: 1Gi}
- storage_class: {meta: {name: fast}, provisioner: disk.example.com}
- event: {subject: {kind: PersistentVolumeClaim, namespace: shop, name: data}, uid: c1, reason: ProvisioningFailed, message: 'failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = x', last: "2026-11-21T11:59:00Z"}
"#;
    let spec = "{volumes: [{volume: data, object: {kind: PersistentVolumeClaim, name: data}}]}";
    let reasons = "pod has unbound immediate PersistentVolumeClaims";
    assert_eq!(causes(&waits(reasons, spec, claim)), "STO-06 fast");
}

/// A caller that waits for a database that lacks its pod, for a reason that nobody has seen.
const LINK: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, current: 0, template_labels: {app: db}}
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{port: 5432}]}
- endpoints: {namespace: shop, service: db, ready: 0}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: web}, desired: 1, ready: 0}
- pod:
    meta: {namespace: shop, name: web-0, owner: {kind: StatefulSet, namespace: shop, name: web}}
    phase: Running
    spec: {containers: [{name: web}]}
    containers: [{name: web, state: {running: {}}}]
    conditions: [{type: Ready, status: "False", reason: ContainersNotReady}]
- log:
    namespace: shop
    pod: web-0
    container: web
    lines: [{text: "dial tcp: connect to db:5432: connection refused", count: 9, first: "2026-11-21T11:50:00Z", last: "2026-11-21T11:59:00Z"}]
"#;

#[test]
fn what_fails_itself_for_no_known_reason_is_no_root_cause() {
    assert_eq!(causes(LINK), "Inconclusive");
}

#[test]
fn what_makes_it_fail_is_one() {
    let scaled = LINK.replace("desired: 1, current: 0", "desired: 0, current: 0");
    assert!(causes(&scaled).contains("db"), "{}", causes(&scaled));
}

/// A Deployment whose image is not there since a moment.
fn imageless(name: &str, made: &str, since: &str) -> String {
    format!(
        r#"
- workload: {{kind: Deployment, meta: {{namespace: shop, name: {name}, created: "{made}"}}, desired: 1, template_labels: {{app: {name}}}, template: {{containers: [{{name: {name}, image: "{name}:9"}}]}}, conditions: [{{type: Available, status: "False", since: "{since}"}}]}}
- pod:
    meta: {{namespace: shop, name: {name}-1, created: "{since}", labels: {{app: {name}}}, owner: {{kind: Deployment, namespace: shop, name: {name}}}}}
    phase: Pending
    spec: {{node_name: worker, containers: [{{name: {name}, image: "{name}:9"}}]}}
    conditions: [{{type: Ready, status: "False", since: "{since}"}}]
    containers: [{{name: {name}, image: "{name}:9", state: {{waiting: {{reason: ImagePullBackOff, message: 'Back-off pulling image "{name}:9": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "{name}:9": failed to resolve reference "{name}:9": {name}:9: not found'}}}}}}]
"#
    )
}

#[test]
fn what_never_came_up_since_days_is_no_second_cause_where_nobody_can_call_it() {
    let (long_ago, lately) = ("2026-11-09T09:00:00Z", "2026-11-21T11:40:00Z");
    let preview = imageless("preview", long_ago, long_ago);
    let broken = imageless("cart", long_ago, lately);
    let service = "- service: {meta: {namespace: shop, name: preview}, type: ClusterIP, selector: {app: preview}, ports: [{port: 80}]}\n";
    assert_eq!(causes(&format!("{preview}{broken}")), "IMG-01 cart");
    assert_eq!(causes(&preview), "IMG-01 preview", "nothing else fails");
    let called = causes(&format!("{preview}{broken}{service}"));
    assert_eq!(called, "IMG-01 preview, IMG-01 cart", "somebody may call it");
    let worked = imageless("preview", "2026-10-09T09:00:00Z", long_ago);
    let both = causes(&format!("{worked}{broken}"));
    assert_eq!(both, "IMG-01 cart, IMG-01 preview", "it worked for a month");
}
