//! A snapshot as a Kubernetes API: what is there, what is not, and what was never looked at.

use crate::written::{ABOUT, METADATA_LIST, TABLE, api, get, names, send};
use http::Method;
use replay::kubernetes::Kubernetes;
use serde_json::json;

const PODS: &str = r#"{"kind":"PodList","apiVersion":"v1","items":[
{"metadata":{"name":"a","namespace":"shop","labels":{"app":"web"},"creationTimestamp":"2026-11-21T11:00:00Z"},"spec":{"nodeName":"node-0","containers":[{"name":"web"}]},
 "status":{"phase":"Pending","containerStatuses":[{"name":"web","restartCount":3,"ready":false,"lastState":{"terminated":{"finishedAt":"2026-11-21T11:55:00Z"}},"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}},
{"metadata":{"name":"b","namespace":"shop","labels":{"app":"db"}},"spec":{"containers":[{"name":"db"}]},"status":{"phase":"Running"}},
{"metadata":{"name":"a","namespace":"shop-2"},"spec":{"containers":[]},"status":{"phase":"Running"}}]}"#;

fn pods() -> Kubernetes {
    api(&[("kubernetes/pods.json", PODS)])
}

#[tokio::test]
async fn a_list_is_of_one_namespace_or_of_all_in_the_order_of_etcd() {
    let api = pods();
    let (status, list) = get(&api, "/api/v1/namespaces/shop/pods").await;
    assert_eq!((status, names(&list)), (200, vec!["a", "b"]));
    assert_eq!(list["kind"], "PodList");
    assert!(list["items"][0].get("kind").is_none());
    let (_, list) = get(&api, "/api/v1/pods").await;
    assert_eq!(list["items"][0]["metadata"]["namespace"], "shop-2", "`-` comes before `/`");
}

#[tokio::test]
async fn pages_put_together_are_the_list() {
    let api = pods();
    let (_, first) = get(&api, "/api/v1/pods?limit=2").await;
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let (_, last) = get(&api, &format!("/api/v1/pods?limit=2&continue={token}")).await;
    assert_eq!((names(&first), names(&last)), (vec!["a", "a"], vec!["b"]));
    assert!(last["metadata"].get("continue").is_none());
}

#[tokio::test]
async fn a_token_of_another_snapshot_has_expired_and_a_made_up_one_is_refused() {
    let other = api(&[(
        "kubernetes/a.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, resourceVersion: '7'}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n",
    )]);
    let (_, page) = get(&other, "/api/v1/pods?limit=1").await;
    let token = page["metadata"]["continue"].as_str().unwrap();
    let (status, body) = get(&pods(), &format!("/api/v1/pods?continue={token}")).await;
    assert_eq!((status, body["reason"].as_str()), (410, Some("Expired")));
    let (status, _) = get(&pods(), "/api/v1/pods?continue=Ym9ndXM").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn selectors_select() {
    let api = pods();
    for (query, expected) in [
        ("labelSelector=app%3Dweb", vec!["a"]),
        ("fieldSelector=status.phase%3DRunning", vec!["b"]),
        ("fieldSelector=spec.nodeName!%3Dnode-0", vec!["b"]),
        ("labelSelector=app&fieldSelector=metadata.name%3Db", vec!["b"]),
        ("labelSelector=app+in+(x)", vec![]),
    ] {
        let (_, list) = get(&api, &format!("/api/v1/namespaces/shop/pods?{query}")).await;
        assert_eq!(names(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn a_table_has_the_columns_of_the_server() {
    let (_, table) =
        send(&pods(), Method::GET, "/api/v1/namespaces/shop/pods?includeObject=None", TABLE, "")
            .await;
    let row = &table["rows"][0];
    assert_eq!(
        row["cells"],
        json!([
            "a",
            "0/1",
            "CrashLoopBackOff",
            "3 (5m ago)",
            "60m",
            "<none>",
            "node-0",
            "<none>",
            "<none>"
        ])
    );
    assert_eq!(row["object"], json!(null));
    assert_eq!(table["columnDefinitions"][3]["name"], "Restarts");
}

#[tokio::test]
async fn the_metadata_form_has_nothing_else() {
    let (_, list) =
        send(&pods(), Method::GET, "/api/v1/namespaces/shop/pods", METADATA_LIST, "").await;
    let item = list["items"][0].as_object().unwrap();
    assert_eq!(item.keys().collect::<Vec<_>>(), ["apiVersion", "kind", "metadata"]);
}

#[tokio::test]
async fn what_is_absent_is_not_found_and_what_was_not_looked_at_is_forbidden() {
    let api = pods();
    let (status, body) = get(&api, "/api/v1/namespaces/shop/pods/nope").await;
    assert_eq!((status, body["message"].as_str()), (404, Some("pods \"nope\" not found")));
    for (path, start) in [
        (
            "/apis/apps/v1/namespaces/shop/deployments",
            "deployments.apps is forbidden: User \"replay\" cannot list resource \"deployments\" in API group \"apps\" in the namespace \"shop\": ",
        ),
        (
            "/api/v1/nodes/n",
            "nodes \"n\" is forbidden: User \"replay\" cannot get resource \"nodes\" in API group \"\" at the cluster scope: ",
        ),
        (
            "/api/v1/namespaces",
            "namespaces is forbidden: User \"replay\" cannot list resource \"namespaces\"",
        ),
    ] {
        let (status, body) = get(&api, path).await;
        assert_eq!(status, 403, "{path}");
        assert!(body["message"].as_str().unwrap().starts_with(start), "{body}");
    }
}

#[tokio::test]
async fn an_empty_list_is_empty_and_in_a_namespace_that_is_not_there_as_well() {
    let api = api(&[("kubernetes/none.yaml", "apiVersion: v1\nkind: ServiceList\nitems: []\n")]);
    for path in ["/api/v1/services", "/api/v1/namespaces/nope/services"] {
        let (status, list) = get(&api, path).await;
        assert_eq!((status, names(&list).len()), (200, 0), "{path}");
    }
}

#[tokio::test]
async fn a_source_that_is_not_available_is_forbidden_with_its_reason() {
    let about = format!("{ABOUT}sources:\n  pods: {{available: false, reason: nobody may}}\n");
    let api = api(&[("snapshot.yaml", &about), ("kubernetes/pods.json", PODS)]);
    let (status, body) = get(&api, "/api/v1/pods").await;
    assert_eq!(status, 403);
    assert!(
        body["message"].as_str().unwrap().ends_with("at the cluster scope: nobody may"),
        "{body}"
    );
}

#[tokio::test]
async fn reviews_tell_what_was_looked_at() {
    let api = pods();
    let ask = async |verb: &str, resource: &str| {
        let review = json!({"spec": {"resourceAttributes": {"verb": verb, "resource": resource}}});
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let (status, body) =
            send(&api, Method::POST, path, "application/json", &review.to_string()).await;
        assert_eq!(status, 201);
        body["status"]["allowed"].as_bool().unwrap()
    };
    assert!(ask("list", "pods").await);
    assert!(!ask("list", "nodes").await);
    assert!(!ask("delete", "pods").await);
    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let (_, body) =
        send(&api, Method::POST, path, "application/json", r#"{"spec":{"namespace":"shop"}}"#)
            .await;
    assert_eq!(
        body["status"]["resourceRules"],
        json!([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]}])
    );
}

#[tokio::test]
async fn a_review_that_is_not_json_is_an_unsupported_media_type() {
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let (status, _) = send(&pods(), Method::POST, path, "application/json", "k8s\u{0}").await;
    assert_eq!(status, 415);
}

#[tokio::test]
async fn nothing_is_written() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let (status, body) =
            send(&pods(), method, "/api/v1/namespaces/shop/pods/a", "application/json", "{}").await;
        assert_eq!((status, body["reason"].as_str()), (405, Some("MethodNotAllowed")));
    }
}

#[tokio::test]
async fn discovery_knows_the_built_in_kinds_and_those_of_the_snapshot() {
    let definition = r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"oxen.farm.example.com"},
        "spec":{"group":"farm.example.com","scope":"Namespaced","names":{"kind":"Ox","plural":"oxen","shortNames":["bull"]},
        "versions":[{"name":"v1","served":true,"additionalPrinterColumns":[{"name":"Weight","type":"integer","jsonPath":".spec.weight"}]}]}}"#;
    let objects = "apiVersion: farm.example.com/v1\nkind: Ox\nmetadata: {name: one, namespace: shop}\nspec: {weight: 700}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\n";
    let api = api(&[("kubernetes/crd.json", definition), ("kubernetes/custom.yaml", objects)]);
    let accept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let (_, groups) = send(&api, Method::GET, "/apis", accept, "").await;
    let text = groups.to_string();
    for expected in ["\"deployments\"", "\"oxen\"", "\"bull\"", "\"applications\""] {
        assert!(text.contains(expected), "{expected}");
    }
    let (_, list) = get(&api, "/apis/argoproj.io/v1alpha1").await;
    assert_eq!(list["resources"][0]["name"], "applications");
    let (_, table) = send(&api, Method::GET, "/apis/farm.example.com/v1/oxen", TABLE, "").await;
    assert_eq!(table["rows"][0]["cells"], json!(["one", 700]));
}

#[tokio::test]
async fn an_answer_bears_the_time_of_the_snapshot() {
    use readonly::transport::Transport;
    let request = http::Request::builder().uri("/version").body(bytes::Bytes::new()).unwrap();
    let response = pods().send(request).await.unwrap();
    assert_eq!(response.headers()["date"], "Sat, 21 Nov 2026 12:00:00 GMT");
}
