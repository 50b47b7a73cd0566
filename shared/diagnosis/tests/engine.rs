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
    let kinds = [
        "Pod",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "Service",
        "EndpointSlice",
        "Node",
    ];
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
fn nobody_is_healthy_whose_nodes_could_not_be_seen() {
    assert_eq!(report(HEALTHY, None, &["Node"]).verdict, Verdict::Inconclusive);
}

#[test]
fn what_users_report_is_not_undone_by_a_look_that_finds_nothing() {
    let mut case = case(HEALTHY, None, &[]);
    case.reported = true;
    let report = engine::conclude(&case);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(report.summary.contains("explains what was reported"), "{}", report.summary);
    assert!(report.not_examined.iter().any(|gap| gap.server == "mcp-prometheus"));
}

/// A program that refuses its work, and one that crashes for days.
const OLD_AND_NEW: &str = r#"
- pod:
    meta: {namespace: shop, name: mail-1, owner: {kind: StatefulSet, namespace: shop, name: mail}}
    phase: Running
    spec: {containers: [{name: mail}]}
    conditions: [{type: Ready, status: "True"}]
    containers: [{name: mail, ready: true, state: {running: {}}}]
- log:
    namespace: shop
    pod: mail-1
    container: mail
    lines: [{text: "ERROR AADSTS7000222: The provided client secret keys are expired", count: 30, first: "2026-11-21T11:50:00Z", last: "2026-11-21T11:59:00Z"}]
- pod:
    meta: {namespace: shop, name: exporter-1, owner: {kind: StatefulSet, namespace: shop, name: exporter}}
    phase: Running
    spec: {containers: [{name: exporter}]}
    conditions: [{type: Ready, status: "False"}]
    containers: [{name: exporter, restarts: RESTARTS, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 2, reason: Error}}]
- workload: {kind: StatefulSet, meta: {namespace: shop, name: exporter}, desired: 1}
- workload: {kind: StatefulSet, meta: {namespace: shop, name: mail}, desired: 1, ready: 1, current: 1, updated: 1, available: 1}
"#;

#[test]
fn what_crashes_for_far_longer_than_was_reported_was_not_reported() {
    let told = |restarts: &str, lasted: Option<jiff::SignedDuration>| {
        let mut case = case(&OLD_AND_NEW.replace("RESTARTS", restarts), None, &[]);
        case.lasted = lasted;
        let report = engine::conclude(&case);
        assert!(causes(&report).contains(&"CLD-05 mail".to_owned()));
        let of_both: Vec<String> =
            report.root_causes.iter().map(|it| it.subject.name.clone()).collect();
        of_both.contains(&"exporter".to_owned()) || report.summary.contains("exporter")
    };
    let day = Some(jiff::SignedDuration::from_hours(24));
    assert!(!told("3391", day));
    assert!(told("20", day));
    assert!(told("3391", None));
}

#[test]
fn an_error_that_no_rule_explains_is_quoted() {
    let log = "- log: {namespace: shop, pod: web-1, container: web, lines: [{text: 'ERROR no voucher for order 17', count: 9, last: \"2026-11-21T11:59:00Z\"}]}\n";
    let mut case = case(&format!("{}\n{log}", HEALTHY.trim_end()), None, &[]);
    case.reported = true;
    let report = engine::conclude(&case);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert!(
        report.summary.contains("repeats an error that no rule explains"),
        "{}",
        report.summary
    );
    assert!(!report.summary.contains("voucher"), "free text stays in the evidence");
    assert!(report.evidence.iter().any(|it| format!("{it:?}").contains("no voucher")));
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

/// A workload whose memory limit a CronJob lowers.
const LOWERED: &str = r#"
- workload:
    kind: Deployment
    meta: {namespace: shop, name: web, created: "2026-11-01T10:00:00Z", touches: [{manager: kubectl-set, at: "2026-11-21T11:00:12Z", fields: ["spec.template.spec.containers[web].resources.limits.memory"]}]}
    desired: 1
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Running
    spec: {containers: [{name: web, limits: {memory: 16Mi}}]}
    containers: [{name: web, restarts: 4, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 137, reason: OOMKilled}}]
- cron_job:
    meta: {namespace: shop, name: rebalance}
    schedule: 0 * * * *
    last_scheduled: "2026-11-21T11:00:00Z"
    template: {containers: [{name: run, command: [sh, -c, "kubectl set resources deployment/web --limits=memory=16Mi"]}]}
"#;

#[test]
fn who_keeps_changing_a_field_outranks_the_field() {
    assert_eq!(causes(&report(LOWERED, None, &[])), ["CTL-10 rebalance"]);
}

/// A workload that an experiment disturbs, and one that calls it.
const DISTURBED: &str = r#"
- object:
    kind: NetworkChaos
    api_version: chaos-mesh.org/v1alpha1
    meta: {namespace: chaos, name: slow-cart}
    conditions: [{type: AllInjected, status: "True"}]
    fields: {spec.action: partition, "spec.selector.namespaces[0]": shop, spec.selector.labelSelectors.app: cart}
- workload: {kind: Deployment, meta: {namespace: shop, name: cart}, desired: 1, ready: 1, updated: 1, template_labels: {app: cart}}
- service: {meta: {namespace: shop, name: cart}, type: ClusterIP, selector: {app: cart}}
- endpoints: {namespace: shop, service: cart, ready: 1, ports: [{number: 80}]}
"#;

/// What calls the workload that is disturbed.
const CALLER: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1}
- pod:
    meta: {namespace: shop, name: web-1, owner: {kind: Deployment, namespace: shop, name: web}}
    phase: Running
    spec: {containers: [{name: web}]}
    containers: [{name: web, restarts: 4, state: {waiting: {reason: CrashLoopBackOff}}, last: {exit_code: 1, reason: Error}}]
- log: {namespace: shop, pod: web-1, container: web, previous: true, lines: [{text: "dial tcp: connect to cart:80: i/o timeout"}]}
"#;

#[test]
fn an_experiment_that_runs_is_told_although_nothing_fails() {
    assert_eq!(causes(&report(DISTURBED, None, &[])), ["DLV-05 slow-cart"]);
}

#[test]
fn an_experiment_is_the_cause_of_what_its_victims_callers_suffer() {
    let facts = format!("{DISTURBED}{CALLER}");
    assert_eq!(causes(&report(&facts, Some("deployment/web"), &[])), ["DLV-05 slow-cart"]);
}

/// An autoscaler that misses the metrics server.
const UNMEASURED: &str = r#"
- autoscaler:
    meta: {namespace: shop, name: web}
    target: {kind: Deployment, namespace: shop, name: web}
    conditions: [{type: ScalingActive, status: "False", reason: FailedGetResourceMetric, message: "unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)", since: "2026-11-21T11:30:00Z"}]
- object:
    kind: APIService
    api_version: apiregistration.k8s.io/v1
    meta: {name: v1beta1.metrics.k8s.io}
    conditions: [{type: Available, status: "False", reason: MissingEndpoints}]
    fields: {spec.group: metrics.k8s.io, spec.service.name: metrics-server, spec.service.namespace: kube-system}
"#;

/// The metrics server itself, whose image does not exist.
const UNPULLED: &str = r#"
- workload: {kind: Deployment, meta: {namespace: kube-system, name: metrics-server}, desired: 1}
- pod:
    meta: {namespace: kube-system, name: metrics-server-1, owner: {kind: Deployment, namespace: kube-system, name: metrics-server}}
    phase: Pending
    spec: {containers: [{name: metrics-server, image: "metrics-server:nope"}]}
    containers: [{name: metrics-server, state: {waiting: {reason: ImagePullBackOff, message: "metrics-server:nope: not found"}}}]
"#;

#[test]
fn an_autoscaler_that_cannot_compute_blames_the_api_that_it_misses() {
    assert_eq!(causes(&report(UNMEASURED, None, &[])), ["API-03 v1beta1.metrics.k8s.io"]);
}

#[test]
fn what_ails_the_server_behind_an_api_is_the_deeper_cause() {
    let facts = format!("{UNMEASURED}{UNPULLED}");
    assert_eq!(causes(&report(&facts, None, &[])), ["IMG-01 metrics-server"]);
}

/// Odd things that harm nobody: a budget that lets none go, an autoscaler at its most, a suspended CronJob, an API that
/// nobody misses, an experiment that is over, an Application of another namespace that failed long ago.
const ODD: &str = r#"
- workload: {kind: Deployment, meta: {namespace: shop, name: web}, desired: 1, current: 1, updated: 1, ready: 1, available: 1, template_labels: {app: web}}
- budget: {meta: {namespace: shop, name: web}, selector: {labels: {app: web}}, min_available: "1", allowed: 0, healthy: 1, desired: 1, expected: 1}
- autoscaler:
    meta: {namespace: shop, name: web}
    target: {kind: Deployment, namespace: shop, name: web}
    min: 1
    max: 1
    current: 1
    conditions: [{type: ScalingLimited, status: "True", reason: TooManyReplicas}, {type: ScalingActive, status: "False", reason: FailedGetResourceMetric, message: "the server could not find the requested resource (get pods.metrics.k8s.io)", since: "2026-11-21T11:30:00Z"}]
- cron_job: {meta: {namespace: shop, name: report}, schedule: 0 3 * * *, suspended: true}
- object:
    kind: APIService
    api_version: apiregistration.k8s.io/v1
    meta: {name: v1beta1.external.metrics.k8s.io}
    conditions: [{type: Available, status: "False", reason: ServiceNotFound}]
    fields: {spec.group: external.metrics.k8s.io, spec.service.name: keda, spec.service.namespace: keda}
- object:
    kind: PodChaos
    api_version: chaos-mesh.org/v1alpha1
    meta: {namespace: chaos, name: over}
    conditions: [{type: AllInjected, status: "False"}, {type: AllRecovered, status: "True"}]
    fields: {"spec.selector.namespaces[0]": shop, spec.selector.labelSelectors.app: web}
- object:
    kind: Application
    api_version: argoproj.io/v1alpha1
    meta: {namespace: argocd, name: other}
    fields: {status.sync.status: OutOfSync, status.operationState.phase: Failed}
- object: {kind: Certificate, api_version: cert-manager.io/v1, meta: {namespace: shop, name: old}, conditions: [{type: Ready, status: "False", reason: Expired, message: expired}]}
"#;

#[test]
fn odd_things_that_harm_nobody_are_no_fault() {
    let report = report(ODD, None, &[]);
    assert_eq!(report.verdict, Verdict::NoFaultFound, "{}", report.summary);
}

#[test]
fn what_could_not_be_seen_whole_is_not_said_to_show_nothing() {
    let metrics = |unseen: &[&str]| {
        let mut case = case(HEALTHY, None, unseen);
        case.reported = true;
        let report = engine::conclude(&case);
        report.not_examined.iter().any(|it| it.server == "mcp-prometheus")
    };
    assert!(metrics(&[]));
    assert!(!metrics(&["Node"]));
}

#[test]
fn a_report_of_what_was_cut_short_is_another_one() {
    let whole = report(HEALTHY, None, &[]);
    let mut cut = whole.clone();
    engine::cut_short(&mut cut);
    assert_eq!((whole.verdict, cut.verdict), (Verdict::NoFaultFound, Verdict::Inconclusive));
    assert_ne!(whole.id, cut.id);
}

#[test]
fn pods_of_a_cluster_that_could_not_be_seen_are_not_called_ready() {
    let at = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut case = Case::open("", Scope::default(), at, Window { start: at, end: at });
    case.aim = Aim::Pods;
    let summary = engine::conclude(&case).summary;
    assert!(summary.starts_with("Not all pods could be seen"), "{summary}");
}

#[test]
fn pods_that_could_not_be_seen_are_not_called_ready() {
    let summary = |unseen: &[&str]| {
        let mut case = case(HEALTHY, None, unseen);
        case.aim = Aim::Pods;
        engine::conclude(&case).summary
    };
    assert!(summary(&[]).starts_with("All 0 pods are ready or done."), "{}", summary(&[]));
    assert!(summary(&["Pod"]).starts_with("Not all pods could be seen"), "{}", summary(&["Pod"]));
}
