//! Discovery in both forms, and the words that it explains.

use crate::script::Script;
use clients::kubernetes::discovery::Discovery;
use clients::kubernetes::words::Meaning;
use std::sync::Arc;

const CORE: &str = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
    {"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[
        {"resource":"bindings","responseKind":{"group":"","version":"","kind":"Binding"},"scope":"Namespaced","singularResource":"binding","verbs":["create"]},
        {"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced","singularResource":"pod","shortNames":["po"],"verbs":["get","list"],
         "subresources":[{"subresource":"log","responseKind":{"group":"","version":"","kind":"Pod"},"verbs":["get"]}]},
        {"resource":"secrets","responseKind":{"group":"","version":"","kind":"Secret"},"scope":"Namespaced","singularResource":"secret","verbs":["get","list"]}]}]}]}"#;
const GROUPS: &str = r#"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
    {"metadata":{"name":"autoscaling"},"versions":[
        {"version":"v2","freshness":"Current","resources":[
            {"resource":"horizontalpodautoscalers","responseKind":{"group":"autoscaling","version":"v2","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","singularResource":"horizontalpodautoscaler","shortNames":["hpa"],"verbs":["get","list"]}]},
        {"version":"v1","freshness":"Current","resources":[
            {"resource":"horizontalpodautoscalers","responseKind":{"group":"autoscaling","version":"v1","kind":"HorizontalPodAutoscaler"},"scope":"Namespaced","singularResource":"horizontalpodautoscaler","shortNames":["hpa"],"verbs":["get","list"]}]}]},
    {"metadata":{"name":"argoproj.io"},"versions":[{"version":"v1alpha1","freshness":"Current","resources":[
        {"resource":"applications","responseKind":{"group":"argoproj.io","version":"v1alpha1","kind":"Application"},"scope":"Namespaced","singularResource":"application","shortNames":["app"],"verbs":["get","list"]}]}]},
    {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]}"#;

fn aggregated() -> Arc<Script> {
    Script::new(&[("/api", 200, CORE), ("/apis", 200, GROUPS)])
}

fn plain() -> Arc<Script> {
    Script::new(&[
        ("/api", 200, r#"{"kind":"APIVersions","versions":["v1"]}"#),
        (
            "/api/v1",
            200,
            r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[
            {"name":"bindings","singularName":"binding","namespaced":true,"kind":"Binding","verbs":["create"]},
            {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","shortNames":["po"],"verbs":["get","list"]},
            {"name":"pods/log","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]},
            {"name":"secrets","singularName":"secret","namespaced":true,"kind":"Secret","verbs":["get","list"]}]}"#,
        ),
        (
            "/apis",
            200,
            r#"{"kind":"APIGroupList","groups":[
            {"name":"autoscaling","versions":[{"groupVersion":"autoscaling/v1","version":"v1"},{"groupVersion":"autoscaling/v2","version":"v2"}],"preferredVersion":{"groupVersion":"autoscaling/v2","version":"v2"}},
            {"name":"argoproj.io","versions":[{"groupVersion":"argoproj.io/v1alpha1","version":"v1alpha1"}],"preferredVersion":{"groupVersion":"argoproj.io/v1alpha1","version":"v1alpha1"}},
            {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}}]}"#,
        ),
        (
            "/apis/autoscaling/v2",
            200,
            r#"{"groupVersion":"autoscaling/v2","resources":[{"name":"horizontalpodautoscalers","singularName":"horizontalpodautoscaler","namespaced":true,"kind":"HorizontalPodAutoscaler","shortNames":["hpa"],"verbs":["get","list"]}]}"#,
        ),
        (
            "/apis/autoscaling/v1",
            200,
            r#"{"groupVersion":"autoscaling/v1","resources":[{"name":"horizontalpodautoscalers","singularName":"horizontalpodautoscaler","namespaced":true,"kind":"HorizontalPodAutoscaler","shortNames":["hpa"],"verbs":["get","list"]}]}"#,
        ),
        (
            "/apis/argoproj.io/v1alpha1",
            200,
            r#"{"groupVersion":"argoproj.io/v1alpha1","resources":[{"name":"applications","singularName":"application","namespaced":true,"kind":"Application","shortNames":["app"],"verbs":["get","list"]}]}"#,
        ),
        ("/apis/metrics.k8s.io/v1beta1", 500, "down"),
    ])
}

fn named(discovery: &Discovery) -> Vec<String> {
    discovery
        .kinds
        .iter()
        .map(|kind| format!("{} {}", kind.resource, kind.versions.join(",")))
        .collect()
}

async fn meaning(word: &str) -> Meaning {
    aggregated().client().resolve(word).await.unwrap()
}

async fn kind(word: &str) -> String {
    match meaning(word).await {
        Meaning::Kind(resource) => format!("{} {}", resource.api_version(), resource.plural),
        other => panic!("{word}: {other:?}"),
    }
}

#[tokio::test]
async fn the_aggregated_form_takes_two_requests() {
    let script = aggregated();
    let discovery = script.client().discover().await.unwrap();
    let kinds = [
        "bindings v1",
        "pods v1",
        "secrets v1",
        "applications.argoproj.io v1alpha1",
        "horizontalpodautoscalers.autoscaling v2,v1",
    ];
    assert_eq!(named(&discovery), kinds);
    assert_eq!(discovery.stale, ["metrics.k8s.io/v1beta1"]);
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn the_plain_form_finds_the_same() {
    let discovery = plain().client().discover().await.unwrap();
    assert_eq!(discovery, aggregated().client().discover().await.unwrap());
}

#[tokio::test]
async fn it_is_asked_once() {
    let script = aggregated();
    let client = script.client();
    client.discover().await.unwrap();
    client.metered().discover().await.unwrap();
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn kinds_of_the_table_need_no_request() {
    let script = Script::new(&[]);
    for word in [
        "po",
        "pod",
        "Pods",
        "POD",
        "deploy",
        "Deployment.apps",
        "deployments.v1.apps",
        "hpa",
        "pods.metrics.k8s.io",
    ] {
        let meaning = script.client().resolve(word).await.unwrap();
        assert!(matches!(meaning, Meaning::Kind(_)), "{word}");
    }
    assert!(script.asked().is_empty());
}

#[tokio::test]
async fn a_word_finds_its_kind() {
    assert_eq!(kind("po").await, "v1 pods");
    assert_eq!(kind(" Deployment ").await, "apps/v1 deployments");
    assert_eq!(kind("events").await, "v1 events");
    assert_eq!(kind("applications.argoproj.io").await, "argoproj.io/v1alpha1 applications");
    assert_eq!(kind("Application").await, "argoproj.io/v1alpha1 applications");
    assert_eq!(kind("app").await, "argoproj.io/v1alpha1 applications");
    assert_eq!(kind("application.argoproj").await, "argoproj.io/v1alpha1 applications");
    assert_eq!(kind("pods.metrics.k8s.io").await, "metrics.k8s.io/v1beta1 pods");
}

#[tokio::test]
async fn a_version_may_be_named() {
    assert_eq!(kind("hpa").await, "autoscaling/v2 horizontalpodautoscalers");
    assert_eq!(kind("hpa.v1.autoscaling").await, "autoscaling/v1 horizontalpodautoscalers");
}

#[tokio::test]
async fn secrets_mean_nothing_that_is_read() {
    for word in ["secret", "Secrets", "SECRET", "secrets.v1", "secrets.example.com"] {
        assert_eq!(meaning(word).await, Meaning::Unreadable("Secrets are never read"), "{word}");
    }
}

#[tokio::test]
async fn what_can_only_be_created_is_not_read() {
    assert!(matches!(meaning("bindings").await, Meaning::Unreadable(_)));
}

#[tokio::test]
async fn an_unknown_word_has_neighbours() {
    let near = Meaning::Unknown(vec!["applications.argoproj.io".to_owned()]);
    assert_eq!(meaning("aplications.argoproj.io").await, near);
    assert_eq!(meaning("zzzzzz.argoproj.io").await, Meaning::Unknown(Vec::new()));
    assert_eq!(meaning("deployments.argoproj.io").await, Meaning::Unknown(Vec::new()));
}

/// metrics.k8s.io does not answer, so that whatever it may serve is neither there nor absent.
#[tokio::test]
async fn a_word_that_a_group_without_an_answer_may_serve_is_not_unknown() {
    let unanswered = |near: &[&str]| Meaning::Unanswered {
        groups: vec!["metrics.k8s.io/v1beta1".to_owned()],
        near: near.iter().map(|it| (*it).to_owned()).collect(),
    };
    assert_eq!(meaning("widgets").await, unanswered(&[]));
    assert_eq!(meaning("aplications").await, unanswered(&["applications.argoproj.io"]));
    assert_eq!(meaning("widgets.metrics").await, unanswered(&[]));
    assert_eq!(meaning("widgets.v1beta1.metrics.k8s.io").await, unanswered(&[]));
    assert_eq!(meaning("widgets.example.com").await, Meaning::Unknown(Vec::new()));
}

#[tokio::test]
async fn a_hostile_word_is_only_unknown() {
    for word in ["", ".", "../../x", "\u{0}", "pods/exec", &"a".repeat(1 << 20)] {
        let meaning = meaning(word).await;
        let unknown = matches!(meaning, Meaning::Unknown(_) | Meaning::Unanswered { .. });
        assert!(unknown, "{}", word.len());
    }
}

#[tokio::test]
async fn discovery_that_is_refused_is_no_unknown_word() {
    let script = Script::new(&[("/api", 403, "{}"), ("/apis", 403, "{}")]);
    assert!(script.client().resolve("applications").await.is_err());
}
