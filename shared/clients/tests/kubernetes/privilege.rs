//! Whether an identity may be lent to others, where the API server tells only a part of what it may do.

use crate::script::Script;
use clients::kubernetes::privilege::{Needs, Unfit, admit};
use serde_json::json;

const ACCESS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const NAMESPACES: &str = "/api/v1/namespaces?limit=500";
const NOTHING: &str = r#"{"status":{"resourceRules":[]}}"#;
const NO: &str = r#"{"status":{"allowed":false}}"#;
const NONE: &str = r#"{"metadata":{},"items":[]}"#;
const WRITER: &str = r#"{"status":{"resourceRules":[
    {"verbs":["patch"],"apiGroups":["apps"],"resources":["deployments"]}]}}"#;

async fn refused(script: &[(&str, u16, &str)]) -> String {
    let admitted = admit(&Script::new(script).client(), Needs::NoSecrets, false).await;
    let Err(Unfit::Overprivileged(named)) = admitted else { panic!("{admitted:?}") };
    named
}

#[tokio::test]
async fn a_right_that_was_found_counts_where_a_later_question_is_denied() {
    let patch = "patch deployments of apps";
    let at_home = [(RULES, 201, WRITER), (ACCESS, 403, "{}"), (NAMESPACES, 403, "{}")];
    assert_eq!(refused(&at_home).await, patch);
    let items = json!([{"metadata": {"name": "blog"}}, {"metadata": {"name": "shop"}}]);
    let items = json!({"metadata": {}, "items": items}).to_string();
    let elsewhere = [
        (RULES, 201, NOTHING),
        (RULES, 403, "{}"),
        (RULES, 201, WRITER),
        (ACCESS, 201, NO),
        (NAMESPACES, 200, items.as_str()),
    ];
    assert_eq!(refused(&elsewhere).await, patch);
    let yes = r#"{"status":{"allowed":true}}"#;
    let one =
        [(RULES, 201, NOTHING), (ACCESS, 201, yes), (ACCESS, 403, "{}"), (NAMESPACES, 200, NONE)];
    assert_eq!(refused(&one).await, "create pods");
}

/// Verbs, group and kinds of identities that may do more than read; of each one rule stands among rights to read.
const EXCESSIVE: [(&[&str], &str, &[&str]); 20] = [
    (&["*"], "*", &["*"]),
    (&["*"], "", &["pods"]),
    (&["create"], "", &["pods"]),
    (&["delete"], "", &["pods"]),
    (&["deletecollection"], "batch", &["jobs"]),
    (&["update"], "", &["configmaps"]),
    (&["patch"], "apps", &["deployments/scale"]),
    (&["create"], "", &["pods/exec"]),
    (&["get"], "", &["pods/exec"]),
    (&["get"], "", &["pods/portforward"]),
    (&["get"], "", &["nodes/proxy"]),
    (&["get"], "", &["*/proxy"]),
    (&["get"], "", &["pods/*"]),
    (&["create"], "", &["pods/eviction"]),
    (&["create"], "", &["serviceaccounts/token"]),
    (&["get"], "", &["secrets"]),
    (&["list", "watch"], "", &["configmaps", "secrets"]),
    (&["impersonate"], "", &["users"]),
    (&["bind", "escalate"], "rbac.authorization.k8s.io", &["clusterroles"]),
    (&["approve"], "certificates.k8s.io", &["signers"]),
];

#[tokio::test]
async fn each_of_twenty_identities_that_may_do_too_much_is_refused() {
    for (verbs, group, kinds) in EXCESSIVE {
        let rules = json!([
            {"verbs": ["get", "list", "watch"], "apiGroups": ["", "apps"], "resources": ["pods", "deployments"]},
            {"verbs": verbs, "apiGroups": [group], "resources": kinds},
        ]);
        let rules = json!({"status": {"resourceRules": rules}}).to_string();
        let script = [(RULES, 201, rules.as_str()), (ACCESS, 201, NO), (NAMESPACES, 200, NONE)];
        let named = refused(&script).await;
        assert!(named == "everything" || named.contains(kinds[kinds.len() - 1]), "{named}");
    }
}

#[tokio::test]
async fn who_may_not_ask_about_itself_is_admitted_with_a_word_about_it() {
    let script = Script::new(&[(RULES, 403, "{}")]);
    let notice = admit(&script.client(), Needs::NoSecrets, false).await.unwrap().unwrap();
    assert!(notice.contains("could not be checked"), "{notice}");
}

#[tokio::test]
async fn namespaces_that_were_not_asked_about_are_said() {
    let named = |count: usize| {
        let items = (0..count).map(|at| json!({"metadata": {"name": format!("team-{at}")}}));
        json!({"metadata": {"continue": "more"}, "items": items.collect::<Vec<_>>()}).to_string()
    };
    let many = named(101);
    let script = [(RULES, 201, NOTHING), (ACCESS, 201, NO), (NAMESPACES, 200, many.as_str())];
    let notice = admit(&Script::new(&script).client(), Needs::NoSecrets, false).await.unwrap();
    let said = "was asked in 101 namespaces; its rights in the others were not checked";
    assert!(notice.is_some_and(|it| it.ends_with(said)));
    let script = [(RULES, 201, NOTHING), (ACCESS, 201, NO), (NAMESPACES, 200, NONE)];
    let notice = admit(&Script::new(&script).client(), Needs::NoSecrets, false).await.unwrap();
    assert_eq!(notice, None);
}
