//! What the whole engine makes of calls that fail: which of the rivals is named, and when nobody is.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use evidence::report::{Report, Verdict};
use trial::{case, named, shop};

/// A caller, a database before which a Service stands, and all that is usual and odd around them.
const SHOP: &str = r#"
- namespace: {meta: {name: shop}}
- workload: {kind: Deployment, meta: {namespace: shop, name: front}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: front}}
- pod:
    meta: {namespace: shop, name: front-1, labels: {app: front}, owner: {kind: Deployment, namespace: shop, name: front}}
    phase: Running
    spec: {node_name: n1, containers: [{name: front, env: [{name: DB, value: "db:5432"}, {name: ASSISTANT, value: "assistant:80"}]}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: front, ready: true, state: {running: {}}}]
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: db}}
- pod:
    meta: {namespace: shop, name: db-0, labels: {app: db}, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {node_name: n2, containers: [{name: db, ports: [{number: 5432}]}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: db, ready: true, state: {running: {}}}]
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{port: 5432, target: "5432"}]}
- endpoints: {namespace: shop, service: db, ready: 1, ports: [{number: 5432}], nodes: [n2]}
- ingress: {meta: {namespace: shop, name: shop}, class: gone, routes: [{path: /, service: db, port: "5432"}], addresses: [203.0.113.7]}
- network_policy: {meta: {namespace: shop, name: unused}, pods: {labels: {app: nobody}}, isolates_ingress: true}
- workload: {kind: Deployment, meta: {namespace: kube-system, name: coredns}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {k8s-app: kube-dns}}
"#;

const SILENT: &str = "- log: {namespace: shop, pod: front-1, container: front, lines: [{text: 'dial tcp db:5432: i/o timeout', count: 30}]}\n";
const BY_UDP: &str = r#"- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{name: postgres, port: 5432, target: "5432", protocol: UDP}]}
- network_policy: {meta: {namespace: shop, name: db}, pods: {labels: {app: db}}, isolates_ingress: true, ingress: [{ports: [TCP/5432]}]}
"#;
const UNRESOLVED: &str = "- log: {namespace: shop, pod: front-1, container: front, lines: [{text: 'getaddrinfo EAI_AGAIN db', count: 30}]}\n";
const POLICY: &str = "- network_policy: {meta: {namespace: shop, name: deny}, isolates_ingress: true, isolates_egress: true}\n";
const COREDNS_DOWN: &str = r#"
- workload: {kind: Deployment, meta: {namespace: kube-system, name: coredns}, desired: 1, template_labels: {k8s-app: kube-dns}}
- pod:
    meta: {namespace: kube-system, name: coredns-1, labels: {k8s-app: kube-dns}, owner: {kind: Deployment, namespace: kube-system, name: coredns}}
    phase: Pending
    spec: {containers: [{name: coredns, image: "coredns:nope"}]}
    containers: [{name: coredns, state: {waiting: {reason: ImagePullBackOff, message: "coredns:nope: not found"}}}]
"#;

fn report(more: &[&str]) -> Report {
    let kinds = [
        "Pod",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "Service",
        "EndpointSlice",
        "Job",
        "Ingress",
        "IngressClass",
        "NetworkPolicy",
        "Namespace",
    ];
    trial::report(&case(&format!("{SHOP}{}", more.concat()), shop(None), &kinds))
}

fn causes(more: &[&str]) -> Vec<String> {
    named(&report(more))
}

#[test]
fn what_is_odd_and_harms_nobody_is_no_fault() {
    assert_eq!(report(&[]).verdict, Verdict::NoFaultFound);
    let quiet = "- log: {namespace: shop, pod: front-1, container: front, lines: [{text: 'GET / 200', count: 30}]}\n";
    assert_eq!(report(&[quiet]).verdict, Verdict::NoFaultFound);
}

#[test]
fn a_policy_that_closes_the_way_is_the_cause_of_silence() {
    assert_eq!(causes(&[SILENT, POLICY]), ["NET-09 deny"]);
}

#[test]
fn a_service_of_another_protocol_is_the_cause_of_silence_and_no_policy() {
    assert_eq!(causes(&[SILENT, BY_UDP]), ["NET-04 db"]);
}

#[test]
fn silence_alone_has_no_cause() {
    assert_eq!(report(&[SILENT]).verdict, Verdict::Inconclusive);
}

#[test]
fn a_policy_keeps_names_away_too() {
    assert_eq!(causes(&[UNRESOLVED, POLICY]), ["DNS-04 deny"]);
}

#[test]
fn what_ails_the_name_service_is_the_cause_of_names_unresolved() {
    assert_eq!(causes(&[UNRESOLVED, COREDNS_DOWN]), ["IMG-01 coredns"]);
}

#[test]
fn a_name_service_of_which_no_more_is_known_is_named_itself() {
    let down = "- workload: {kind: Deployment, meta: {namespace: kube-system, name: coredns}, desired: 1, template_labels: {k8s-app: kube-dns}}\n";
    assert_eq!(causes(&[UNRESOLVED, down]), ["DNS-01 coredns"]);
}

#[test]
fn an_entrance_without_a_backend_shows_itself() {
    let ingress = "- ingress: {meta: {namespace: shop, name: api}, class: nginx, routes: [{path: /, service: nobody, port: \"80\"}], addresses: [203.0.113.8]}\n";
    assert_eq!(causes(&[ingress]), ["ING-01 api"]);
}

/// A pooler of another namespace, which is well, and its database, which has no node.
const POOLED: &str = r#"
- namespace: {meta: {name: data}}
- workload: {kind: Deployment, meta: {namespace: data, name: pooler}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: pooler}}
- pod:
    meta: {namespace: data, name: pooler-1, labels: {app: pooler}, owner: {kind: Deployment, namespace: data, name: pooler}}
    phase: Running
    spec: {node_name: n1, containers: [{name: pooler}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: pooler, ready: true, state: {running: {}}}]
- service: {meta: {namespace: data, name: pooler}, type: ClusterIP, selector: {app: pooler}, ports: [{port: 5432, target: "6432"}]}
- endpoints: {namespace: data, service: pooler, ready: 1, ports: [{number: 6432}], nodes: [n1]}
- node: {meta: {name: n1}, taints: [{key: critical, value: "true", effect: NoSchedule}]}
- workload: {kind: StatefulSet, meta: {namespace: data, name: ledger}, desired: 1, current: 1, updated: 1, template_labels: {app: ledger}}
- pod:
    meta: {namespace: data, name: ledger-0, labels: {app: ledger}, owner: {kind: StatefulSet, namespace: data, name: ledger}}
    phase: Pending
    spec: {containers: [{name: ledger}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: "0/1 nodes are available: 1 node(s) had untolerated taint {critical: true}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."}]
- service: {meta: {namespace: data, name: ledger}, type: ClusterIP, addresses: [10.96.0.12], selector: {app: ledger}, ports: [{port: 5432, target: "5432"}]}
- endpoints: {namespace: data, service: ledger, ready: 0}
"#;
const NONE_BEHIND: &str = "- log: {namespace: shop, pod: front-1, container: front, lines: [{text: 'connection to server at \"pooler.data\", port 5432 failed: FATAL:  server login has been failing, cached error: connect failed (server_login_retry)', count: 30}]}\n";
const OF_POOLER: &str = "- log: {namespace: data, pod: pooler-1, container: pooler, lines: [{text: 'LOG S-0x7f2c8942: ledger/front@10.96.0.12:5432 closing because: connect failed (age=0s)', count: 30}]}\n";

#[test]
fn what_a_pooler_cannot_reach_its_clients_cannot() {
    assert_eq!(causes(&[POOLED, NONE_BEHIND, OF_POOLER]), ["SCH-05 ledger"]);
}

#[test]
fn a_pooler_that_may_mean_another_database_blames_none() {
    assert_eq!(causes(&[POOLED, NONE_BEHIND]), [""; 0]);
}

/// A replica set's own Service, and two members; one of them tells that it hears nothing of the other.
const MEMBERS: &str = r#"
- namespace: {meta: {name: data}}
- workload: {kind: StatefulSet, meta: {namespace: data, name: cards}, desired: 2, current: 2, updated: 2, ready: 2, template_labels: {app: cards}}
- pod:
    meta: {namespace: data, name: cards-0, labels: {app: cards}, owner: {kind: StatefulSet, namespace: data, name: cards}}
    phase: Running
    spec: {node_name: n1, containers: [{name: cards, image: "mongo:7.0", ports: [{number: 27017}]}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: cards, ready: true, state: {running: {}}}]
- service: {meta: {namespace: data, name: cards}, type: ClusterIP, headless: true, selector: {app: cards}, ports: [{port: 27017, target: "27017"}]}
- endpoints: {namespace: data, service: cards, ready: 2, ports: [{number: 27017}], nodes: [n1]}
- log: {namespace: data, pod: cards-0, container: cards, lines: [{text: '{"s":"I","msg":"Heartbeat failed after max retries","attr":{"target":"cards-1.cards:27017","error":{"codeName":"NetworkInterfaceExceededTimeLimit"}}}', count: 30}]}
- log: {namespace: shop, pod: front-1, container: front, lines: [{text: "pymongo.errors.ServerSelectionTimeoutError: No replica set members match selector, topology_type: ReplicaSetNoPrimary, servers: [<ServerDescription ('cards-0.cards.data', 27017) server_type: RSSecondary>]", count: 30}]}
"#;

fn admits(who: &str) -> String {
    format!(
        "- network_policy: {{meta: {{namespace: data, name: cards}}, pods: {{labels: {{app: cards}}}}, isolates_ingress: true, ingress: [{{peers: [{{namespaces: {{}}, pods: {{labels: {{app: {who}}}}}}}]}}]}}\n"
    )
}

#[test]
fn members_that_a_policy_parts_have_no_primary() {
    assert_eq!(causes(&[MEMBERS, &admits("front")]), ["NET-09 cards"]);
}

#[test]
fn members_that_a_policy_lets_speak_are_parted_by_something_else() {
    assert_eq!(causes(&[MEMBERS, &admits("cards")]), [""; 0]);
}
