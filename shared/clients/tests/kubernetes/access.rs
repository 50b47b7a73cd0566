//! What we may do: two questions, and how their answers are read.

use crate::script::Script;
use clients::kubernetes::access::Rules;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{DEPLOYMENTS, NODES, PODS};
use serde_json::{Value, json};

const ACCESS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

#[tokio::test]
async fn one_right_is_asked_for_by_all_its_attributes() {
    let answer =
        r#"{"kind":"SelfSubjectAccessReview","status":{"allowed":true,"reason":"RBAC: allowed"}}"#;
    let script = Script::new(&[(ACCESS, 201, answer)]);
    let client = script.client();
    let access = client.may("get", &PODS, "log", Reach::Namespace("shop")).await.unwrap();
    assert!(access.allowed);
    assert_eq!(access.reason, "RBAC: allowed");
    let asked = script.last();
    assert_eq!(asked.method(), "POST");
    assert_eq!(asked.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(asked.body()).unwrap();
    assert_eq!(body["kind"], "SelfSubjectAccessReview");
    assert_eq!(
        body["spec"]["resourceAttributes"],
        json!({"verb": "get", "group": "", "version": "v1", "resource": "pods",
            "subresource": "log", "namespace": "shop"})
    );
}

#[tokio::test]
async fn a_denied_right_is_an_answer() {
    let script = Script::new(&[(ACCESS, 201, r#"{"status":{"allowed":false}}"#)]);
    let access = script.client().may("list", &NODES, "", Reach::Cluster).await.unwrap();
    assert!(!access.allowed && access.reason.is_empty());
}

#[tokio::test]
async fn all_rights_in_a_namespace_are_read() {
    let answer = r#"{"status":{"incomplete":true,"nonResourceRules":[],"resourceRules":[
        {"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]}]}}"#;
    let script = Script::new(&[(RULES, 201, answer)]);
    let rules = script.client().rules("shop").await.unwrap();
    assert!(rules.incomplete);
    assert!(rules.allow("list", &PODS, "") && rules.allow("get", &PODS, "log"));
    assert!(!rules.allow("watch", &PODS, "") && !rules.allow("list", &DEPLOYMENTS, ""));
}

#[test]
fn a_star_allows_everything_and_a_name_not_all() {
    let rule = |names: Value| {
        let rules = json!({"resourceRules": [{"verbs": ["*"], "apiGroups": ["*"],
            "resources": ["*"], "resourceNames": names}]});
        serde_json::from_value::<Rules>(rules).unwrap()
    };
    assert!(rule(json!([])).allow("list", &DEPLOYMENTS, ""));
    assert!(!rule(json!(["web"])).allow("list", &DEPLOYMENTS, ""));
}
