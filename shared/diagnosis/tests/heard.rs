//! What the engine hears of what shows nowhere but in logs: which logs it asks for, and what they come to.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "trial/facts.rs"]
mod trial;

use diagnosis::case::Case;
use diagnosis::engine;
use evidence::question::Question;
use evidence::report::Verdict;
use evidence::scope::Scope;
use trial::{named, report, shop};

const LOOKED: [&str; 11] = [
    "Glance",
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "EndpointSlice",
    "Job",
    "NetworkPolicy",
    "Namespace",
    "ServiceAccount",
];

fn case(facts: &str, scope: Scope) -> Case {
    trial::case(facts, scope, &LOOKED)
}

/// The causes of a case, as `ID name`, or its verdict where it has none.
fn causes(facts: &str, scope: Scope) -> String {
    let report = report(&case(facts, scope));
    if report.verdict != Verdict::RootCauseFound {
        return format!("{:?}", report.verdict);
    }
    named(&report).join(", ")
}

/// A Deployment of one ready pod, with a second container beside it.
fn program(name: &str, env: &str) -> String {
    format!(
        r#"
- workload: {{kind: Deployment, meta: {{namespace: shop, name: {name}}}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {{app: {name}}}, template: {{containers: [{{name: {name}, env: [{env}]}}]}}}}
- pod:
    meta: {{namespace: shop, name: {name}-1, labels: {{app: {name}}}, owner: {{kind: Deployment, namespace: shop, name: {name}}}}}
    phase: Running
    spec: {{containers: [{{name: {name}, env: [{env}]}}, {{name: aside}}]}}
    conditions: [{{type: Ready, status: "True"}}]
    containers: [{{name: {name}, ready: true, state: {{running: {{}}}}}}, {{name: aside, ready: true, state: {{running: {{}}}}}}]
"#
    )
}

/// Two lines of a log, seconds ago.
fn says(name: &str, text: &str) -> String {
    format!(
        "- log: {{namespace: shop, pod: {name}-1, container: {name}, read: 2, lines: [{{text: '{text}', count: 2, first: 2026-11-21T11:59:57Z, last: 2026-11-21T11:59:58Z}}]}}\n"
    )
}

/// Asks until nothing more is wanted, and tells which containers' logs were asked for, round by round.
fn logs_asked(mut case: Case) -> Vec<Vec<String>> {
    let mut rounds = Vec::new();
    loop {
        let questions = engine::next_questions(&case);
        if questions.is_empty() {
            return rounds;
        }
        case.ask(&questions);
        let logs: Vec<String> = questions
            .into_iter()
            .filter_map(|it| match it {
                Question::Logs { pod, container, .. } => Some(format!("{pod}/{container}")),
                _ => None,
            })
            .collect();
        if !logs.is_empty() {
            rounds.push(logs);
        }
    }
}

#[test]
fn the_name_service_is_missed_by_everybody() {
    let idle = |namespace: &str, service: &str, name: &str| {
        format!(
            r#"
- workload: {{kind: Deployment, meta: {{namespace: {namespace}, name: {name}}}, template_labels: {{k8s-app: {service}}}}}
- service: {{meta: {{namespace: {namespace}, name: {service}}}, type: ClusterIP, selector: {{k8s-app: {service}}}}}
"#
        )
    };
    let dns = idle("kube-system", "kube-dns", "coredns");
    assert_eq!(causes(&dns, Scope::default()), "CTL-01 coredns");
    assert_eq!(causes(&idle("shop", "reports", "report"), Scope::default()), "NoFaultFound");
}

#[test]
fn who_was_asked_about_is_heard_whole_together_with_his_neighbours() {
    let facts = [program("web", ""), program("cart", "")].concat();
    let expected = [vec!["cart-1/cart", "web-1/aside", "web-1/web"]];
    assert_eq!(logs_asked(case(&facts, shop(Some("deployment/web")))), expected);
}

#[test]
fn who_was_asked_about_is_heard_before_too_many_neighbours() {
    let neighbours: Vec<String> =
        (10..26).map(|number| program(&format!("cart-{number}"), "")).collect();
    let facts = [program("web", ""), neighbours.concat()].concat();
    let asked = logs_asked(case(&facts, shop(Some("deployment/web"))));
    for own in ["web-1/aside", "web-1/web"] {
        assert!(asked.first().unwrap().contains(&own.to_owned()), "{asked:?}");
    }
}

#[test]
fn neighbours_are_not_heard_where_he_has_a_complaint_of_his_own() {
    let own = says("web", "dial tcp: lookup pay on 10.96.0.10:53: no such host");
    let facts = [program("web", ""), program("cart", ""), own].concat();
    let asked = logs_asked(case(&facts, shop(Some("deployment/web"))));
    assert!(!asked.concat().contains(&"cart-1/cart".to_owned()), "{asked:?}");
}

/// No room for a pod, and an autoscaler that was told how large its only group may be.
const WAITS: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, ready: 0, template_labels: {app: web}, template: {containers: [{name: web, requests: {cpu: "2"}}]}}
- pod:
    meta: {namespace: shop, name: web-1, labels: {app: web}, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Pending
    spec: {containers: [{name: web, requests: {cpu: "2"}}]}
    conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: '0/1 nodes are available: 1 Insufficient cpu.'}]
- pod:
    meta: {namespace: kube-system, name: cluster-autoscaler-1, owner: {kind: Deployment, namespace: kube-system, name: cluster-autoscaler}}
    phase: Running
    spec: {containers: [{name: autoscaler, image: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1", args: ["--nodes=1:1:general"]}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: autoscaler, ready: true, state: {running: {}}}]
"#;

#[test]
fn an_autoscaler_that_was_asked_and_not_heard_may_be_the_cause() {
    let mut case = case(WAITS, shop(None));
    let before = named(&report(&case));
    loop {
        let questions = engine::next_questions(&case);
        if questions.is_empty() {
            break;
        }
        case.ask(&questions);
    }
    assert_eq!(before, ["SCH-01 web"]);
    assert_eq!(report(&case).verdict, Verdict::Inconclusive);
}

const BACKEND: &str = r#"
- service: {meta: {namespace: shop, name: pay}, type: ClusterIP, selector: {app: pay}, ports: [{port: 80, target: "80"}]}
- endpoints: {namespace: shop, service: pay, ready: 1, ports: [{number: 80}]}
- network_policy: {meta: {namespace: shop, name: pay}, pods: {labels: {app: pay}}, isolates_ingress: true, ingress: []}
"#;

#[test]
fn a_workload_that_gets_no_new_pods_may_have_another_trouble() {
    let denied = r#"
- workload:
    kind: Deployment
    meta: {namespace: shop, name: web}
    desired: 1
    ready: 1
    current: 1
    conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate}]
    template_labels: {app: web}
- revision:
    kind: ReplicaSet
    meta: {namespace: shop, name: web-2, owner: {kind: Deployment, namespace: shop, name: web}}
    desired: 1
    conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate, message: 'pods "web-2-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found'}]
"#;
    let silent = says("web", "Post \"http://pay/charges\": dial tcp 10.96.0.9:80: i/o timeout");
    let facts = [&program("web", ""), &program("pay", ""), denied, BACKEND];
    let both = format!("{}{silent}", facts.concat());
    assert_eq!(causes(&both, shop(None)), "ADM-05 web, NET-09 pay");
    assert_eq!(causes(&facts.concat(), shop(None)), "ADM-05 web");
    assert_eq!(logs_asked(case(&facts.concat(), shop(Some("deployment/web"))))[0], ["web-1/web"]);
}

#[test]
fn beside_what_is_down_in_a_namespace_what_works_is_heard_too() {
    let down = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, desired: 1, current: 1, updated: 1, ready: 0}
- pod:
    meta: {namespace: shop, name: cart-1, owner: {kind: Deployment, namespace: shop, name: cart}}
    phase: Pending
    spec: {containers: [{name: cart, image: "cart:9"}]}
    containers: [{name: cart, state: {waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image "cart:9": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "cart:9": not found'}}}]
"#;
    let silent = says("web", "Post \"http://pay/charges\": dial tcp 10.96.0.9:80: i/o timeout");
    let facts = [&program("web", ""), &program("pay", ""), down, BACKEND].concat();
    assert_eq!(logs_asked(case(&facts, shop(None))), [["pay-1/pay", "web-1/web"]]);
    assert_eq!(causes(&format!("{facts}{silent}"), shop(None)), "IMG-01 cart, NET-09 pay");
    let of_cart = logs_asked(case(&facts, shop(Some("deployment/cart"))));
    assert!(of_cart.is_empty(), "{of_cart:?}");
    let mut reported = case(&facts, shop(None));
    reported.reported = true;
    assert!(logs_asked(reported).is_empty());
}

/// A database, a policy that keeps everybody from it, and what says where Services' addresses lie.
const DATABASE: &str = r#"
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, addresses: [10.96.0.7], selector: {app: db}, ports: [{port: 5432, target: "5432"}]}
- endpoints: {namespace: shop, service: db, ready: 1, ports: [{number: 5432}]}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: db}, template: {containers: [{name: db, image: "postgres:16"}]}}
- pod:
    meta: {namespace: shop, name: db-0, labels: {app: db}, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {containers: [{name: db, image: "postgres:16"}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: db, ready: true, state: {running: {}}}]
- network_policy: {meta: {namespace: shop, name: closed}, pods: {labels: {app: db}}, isolates_ingress: true, ingress: []}
"#;

#[test]
fn an_address_of_old_means_the_only_store_that_anybody_names() {
    let client = program("web", "{name: PGHOST, value: db}");
    let silent = |address: &str| {
        let text = format!("dial tcp {address}:5432: i/o timeout");
        format!("{client}{}{DATABASE}", says("web", &text))
    };
    assert_eq!(causes(&silent("10.96.3.4"), shop(None)), "NET-09 closed");
    // An address of another range is somebody else's.
    assert_eq!(causes(&silent("10.20.3.4"), shop(None)), "Inconclusive");
}

#[test]
fn a_reported_trouble_is_looked_for_where_its_words_stand_else_behind_the_entrances() {
    let asked = |question: &str| {
        let mut case = case(&program("checkout", ""), Scope::default());
        case.question = question.to_owned();
        case.reported = true;
        case.ask(&[Question::Survey { namespaces: Vec::new(), workload: None }]);
        engine::next_questions(&case)
    };
    let shop = Question::Survey { namespaces: vec!["shop".to_owned()], workload: None };
    assert!(asked("nobody gets through the checkout").contains(&shop));
    let entrances = Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() };
    assert!(asked("users see blank screens").contains(&entrances));
    assert!(!asked("nobody gets through the checkout").contains(&entrances));
}

#[test]
fn where_nobody_in_a_namespace_complains_its_door_is_heard() {
    let door = r#"
- ingress: {meta: {namespace: shop, name: shop}}
- service: {meta: {namespace: front, name: door}, type: LoadBalancer, ports: [{port: 80}, {port: 443}]}
- pod:
    meta: {namespace: front, name: door-1}
    phase: Running
    spec: {containers: [{name: door}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: door, ready: true, state: {running: {}}}]
"#;
    let heard = |facts: &[&str], reported: bool| {
        let mut case = case(&facts.concat(), shop(None));
        case.reported = reported;
        logs_asked(case).concat().contains(&"door-1/door".to_owned())
    };
    let (web, own) = (program("web", ""), says("web", "lookup pay on 10.96.0.10:53: no such host"));
    assert!(heard(&[&web, door], true));
    assert!(!heard(&[&web, door], false), "nobody reports a trouble");
    assert!(!heard(&[&web, door, &own], true), "somebody complains");
    let warned = |door: &str| {
        let mut case = case(&[&web, door, own.as_str()].concat(), shop(None));
        case.question = "Browsers call the shop unsafe. Why?".to_owned();
        case.reported = true;
        logs_asked(case).concat().contains(&"door-1/door".to_owned())
    };
    let serves = door.replace("name: shop}}", "name: shop}, tls_secrets: [shop-tls]}");
    assert!(warned(&serves), "nobody behind the door knows what browsers warn of");
    assert!(!warned(door), "it serves no certificate");
}

#[test]
fn where_the_host_of_a_controllers_line_leads_is_asked() {
    let door = r#"
- pod:
    meta: {namespace: front, name: door-1}
    phase: Running
    spec: {containers: [{name: controller, image: "registry.k8s.io/ingress-nginx/controller:v1.11.3"}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: controller, ready: true, state: {running: {}}}]
- log:
    namespace: front
    pod: door-1
    container: controller
    lines:
      - {text: '2026/11/21 11:59:58 [error] 31#31: *9 upstream timed out (110: Operation timed out) while connecting to upstream, client: 192.0.2.1, server: shop.example, request: "GET / HTTP/2.0", upstream: "http://10.244.2.9:3000/", host: "shop.example"', count: 9, first: "2026-11-21T11:50:00Z", last: "2026-11-21T11:59:58Z"}
"#;
    let led = "- ingress: {meta: {namespace: shop, name: web}, class: nginx, routes: [{host: shop.example, path: /, service: web, port: '80'}]}\n";
    let asked = |facts: &str, looked: &[&str]| {
        let mut case = trial::case(facts, Scope::default(), looked);
        case.ask(&[Question::Survey { namespaces: Vec::new(), workload: None }]);
        engine::next_questions(&case)
    };
    let ingresses = Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() };
    let shop = Question::Survey { namespaces: vec!["shop".to_owned()], workload: None };
    assert!(asked(door, &["Namespace"]).contains(&ingresses));
    assert!(asked(&format!("{door}{led}"), &["Namespace", "Ingress"]).contains(&shop));
    let other = led.replace("host: shop", "host: other");
    assert!(!asked(&format!("{door}{other}"), &["Namespace", "Ingress"]).contains(&shop));
}

/// A program that is not ready since half an hour, says nothing of it, and is told of a database.
const QUIET: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, desired: 1, current: 1, updated: 1, ready: 0, template: {containers: [{name: cart, env: [{name: DB_USER, value: cart}, {name: DB, value: "db:27017"}]}]}}
- pod:
    meta: {namespace: shop, name: cart-1, owner: {kind: Deployment, namespace: shop, name: cart}}
    phase: Running
    address: 10.244.0.6
    spec: {containers: [{name: cart, env: [{name: DB_USER, value: cart}, {name: DB, value: "db:27017"}]}]}
    conditions: [{type: Ready, status: "False", since: "2026-11-21T11:30:00Z"}]
    containers: [{name: cart, ready: false, state: {running: {since: "2026-11-01T10:00:00Z"}}}]
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: db}, template: {containers: [{name: db, image: "mongo:7"}]}}
- pod:
    meta: {namespace: shop, name: db-0, labels: {app: db}, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {containers: [{name: db, image: "mongo:7"}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: db, ready: true, state: {running: {}}}]
- service: {meta: {namespace: shop, name: db}, type: ClusterIP, selector: {app: db}, ports: [{port: 27017}]}
- endpoints: {namespace: shop, service: db, ready: 1}
"#;

fn writes(pod: &str, container: &str, text: &str) -> String {
    format!(
        "- log: {{namespace: shop, pod: {pod}, container: {container}, lines: [{{text: '{text}', count: 9, first: 2026-11-21T11:50:00Z, last: 2026-11-21T11:59:50Z}}]}}\n"
    )
}

#[test]
fn the_store_is_heard_of_who_is_not_ready_and_says_nothing() {
    let own = writes("cart-1", "cart", "cart listening on :8080");
    let scope = || shop(Some("deployment/cart"));
    let beside = program("web", "");
    let asked = logs_asked(case(&format!("{QUIET}{beside}{own}"), scope()));
    assert_eq!(asked[..2], [["cart-1/cart"], ["db-0/db"]], "before what else is beside it");
    let complains = writes("cart-1", "cart", "dial tcp: lookup db on 10.96.0.10:53: no such host");
    let asked = logs_asked(case(&format!("{QUIET}{beside}{complains}"), scope()));
    assert_ne!(asked[1], ["db-0/db"], "it says what is wrong");
    let gone = writes(
        "db-0",
        "db",
        r#"{"c":"ACCESS","msg":"Failed to authenticate","attr":{"client":"10.244.0.6:51739","isSpeculative":false,"user":"cart","db":"shop","error":"UserNotFound: Could not find user"}}"#,
    );
    assert_eq!(causes(&format!("{QUIET}{own}{gone}"), shop(None)), "DEP-02 db");
}

/// A database that waits for somebody to free room on its only volume, and a program that calls it as a Secret tells.
const FULL: &str = r#"
- workload: {kind: StatefulSet, meta: {namespace: shop, name: db}, desired: 1, current: 1, updated: 1, ready: 1, template_labels: {app: db}, template: {containers: [{name: db, image: "mariadb:11.8", mounts: [{volume: data, path: /var/lib/mysql}]}]}}
- pod:
    meta: {namespace: shop, name: db-0, labels: {app: db}, owner: {kind: StatefulSet, namespace: shop, name: db}}
    phase: Running
    spec: {containers: [{name: db, image: "mariadb:11.8", mounts: [{volume: data, path: /var/lib/mysql}]}], volumes: [{volume: data, object: {kind: PersistentVolumeClaim, name: data-db-0}}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: db, ready: true, state: {running: {}}}]
- log: {namespace: shop, pod: db-0, container: db, lines: [{text: "0 [Note] mariadbd: ready for connections.", last: "2026-11-21T10:00:00Z"}, {text: "8812 [Warning] mariadbd: Disk is full writing './mariadb-bin.000214' (Errcode: 28 \"No space left on device\"). Waiting for someone to free space... (Expect up to 60 secs delay for server to continue after freeing disk space)", last: "2026-11-21T11:55:00Z"}]}
- service: {meta: {namespace: shop, name: cart}, type: ClusterIP, selector: {app: cart}, ports: [{port: 80}]}
- endpoints: {namespace: shop, service: cart, ready: 1}
"#;

#[test]
fn who_gets_no_answer_from_what_may_wait_for_a_full_database_fails_for_that() {
    let secret = "{name: DSN, from: {kind: Secret, name: cart-db, key: dsn}}";
    let says = says("web", "Get \"http://cart/items\": context deadline exceeded");
    let of = |env: &str| {
        let facts = [&program("web", ""), &program("cart", env), FULL, &says].map(str::to_owned);
        let mut case = case(&facts.concat(), shop(Some("deployment/web")));
        case.reported = true;
        named(&report(&case)).join(", ")
    };
    assert_eq!(of(secret), "STO-09 data-db-0");
    assert_eq!(of(""), "", "it calls no database");
}
