//! What can be sent at all: nothing that writes, tunnels or touches a Secret.

use crate::script::Script;
use clients::kubernetes::list::{ListOptions, Metadata};
use clients::kubernetes::logs::LogOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{HELM, NODES, PODS, SECRETS, TABLE};
use clients::kubernetes::resource::Resource;
use clients::kubernetes::table::IncludeObject;
use readonly::refusal::Kind;
use serde_json::Value;

const EMPTY: &str = r#"{"metadata":{},"items":[]}"#;

/// Bad names never reach a server, whichever way they are given.
#[tokio::test]
async fn names_that_leave_their_segment_are_not_sent() {
    let script = Script::new(&[]);
    let client = script.client();
    let huge = "a".repeat(1 << 20);
    for name in ["../../x", "..", "a/b", "a%2Fb", "", "a\u{0}b", "a?b=c/", &huge] {
        let reach = Reach::Namespace(name);
        assert!(client.get::<Value>(&PODS, reach, "web").await.is_err());
        assert!(client.list::<Value>(&PODS, reach, &ListOptions::default()).await.is_err());
        assert!(client.logs(name, "web", &LogOptions::default()).await.is_err());
        assert!(client.logs("shop", name, &LogOptions::default()).await.is_err());
    }
    for name in ["../../x", "..", "a/b", "a%2Fb", "", "a\u{0}b", &huge] {
        assert!(client.get::<Value>(&NODES, Reach::Cluster, name).await.is_err());
    }
    assert!(script.asked().is_empty(), "{:?}", script.asked());
}

#[tokio::test]
async fn secrets_are_not_sent_for() {
    let script = Script::new(&[]);
    let client = script.client();
    for (group, version, plural) in
        [("", "v1", "secrets"), ("", "v2", "secrets"), ("x.example.com", "v1", "secrets")]
    {
        let secrets = Resource::namespaced(group, version, plural, "Anything");
        let reach = Reach::Namespace("shop");
        let listed = client.list_metadata(&secrets, reach, &ListOptions::default()).await;
        assert!(matches!(listed.unwrap_err().kind, Kind::NotARead(_)));
        let got = client.get::<Value>(&secrets, reach, "db").await;
        assert!(matches!(got.unwrap_err().kind, Kind::NotARead(_)));
    }
    assert!(script.asked().is_empty());
}

/// What Helm keeps in Secrets is listed, and nothing else of them: not whole, not one by name, not others' metadata.
#[tokio::test]
async fn of_secrets_only_the_metadata_of_helms_own_is_sent_for() {
    let path = "/api/v1/namespaces/shop/secrets?labelSelector=owner%3Dhelm&limit=500";
    let list = r#"{"metadata":{},"items":[{"metadata":{"name":"sh.helm.release.v1.web.v1","annotations":{"a":"b"}}}]}"#;
    let script = Script::new(&[(path, 200, list)]);
    let client = script.client();
    let reach = Reach::Namespace("shop");
    let helms = ListOptions { labels: HELM.to_owned(), ..ListOptions::default() };
    let listed = client.list_metadata(&SECRETS, reach, &helms).await.unwrap();
    assert_eq!(listed.items[0].metadata.annotations, None);
    assert!(client.list::<Value>(&SECRETS, reach, &helms).await.is_err());
    assert!(client.table::<Metadata>(&SECRETS, reach, &helms, IncludeObject::None).await.is_err());
    assert!(client.list_metadata(&SECRETS, reach, &ListOptions::default()).await.is_err());
    assert!(client.get::<Value>(&SECRETS, reach, "sh.helm.release.v1.web.v1").await.is_err());
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test]
async fn kinds_of_the_core_group_that_are_not_in_the_table_are_not_sent_for() {
    let script = Script::new(&[]);
    let templates = Resource::namespaced("", "v1", "podtemplates", "PodTemplate");
    let listed =
        script.client().list::<Value>(&templates, Reach::Cluster, &ListOptions::default()).await;
    assert!(matches!(listed.unwrap_err().kind, Kind::NotARead(_)));
    assert!(script.asked().is_empty());
}

#[tokio::test]
async fn every_kind_of_the_table_can_be_listed_and_read() {
    for read in TABLE {
        let resource = &read.resource;
        let client = Script::new(&[]).client();
        let options = ListOptions::default();
        let refusal = client.list::<Value>(resource, Reach::Cluster, &options).await.unwrap_err();
        assert!(matches!(refusal.kind, Kind::NotFound(_)), "{resource}: {refusal}");
        let reach = if resource.namespaced { Reach::Namespace("shop") } else { Reach::Cluster };
        let refusal = client.list::<Value>(resource, reach, &options).await.unwrap_err();
        assert!(matches!(refusal.kind, Kind::NotFound(_)), "{resource}: {refusal}");
        let refusal = client.get::<Value>(resource, reach, "x").await.unwrap_err();
        assert!(matches!(refusal.kind, Kind::NotFound(_)), "{resource}: {refusal}");
    }
}

#[tokio::test]
async fn custom_kinds_can_be_listed_and_read() {
    let script = Script::new(&[
        ("/apis/argoproj.io/v1alpha1/namespaces/argocd/applications?limit=500", 200, EMPTY),
        ("/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web", 200, "{}"),
    ]);
    let client = script.client();
    let applications =
        Resource::namespaced("argoproj.io", "v1alpha1", "applications", "Application");
    let reach = Reach::Namespace("argocd");
    assert!(client.list::<Value>(&applications, reach, &ListOptions::default()).await.is_ok());
    assert!(client.get::<Value>(&applications, reach, "web").await.is_ok());
}

#[tokio::test]
async fn a_plural_with_a_subresource_is_not_sent() {
    let script = Script::new(&[]);
    let client = script.client();
    for plural in ["pods/exec", "nodes/proxy", "pods%2Fexec"] {
        let sub = Resource::namespaced("", "v1", "pods", "Pod");
        let sub = Resource { plural: plural.into(), ..sub };
        assert!(client.get::<Value>(&sub, Reach::Namespace("shop"), "web").await.is_err());
        let sub = Resource { group: "apps".into(), ..sub };
        assert!(client.get::<Value>(&sub, Reach::Namespace("shop"), "web").await.is_err());
    }
    assert!(script.asked().is_empty());
}
