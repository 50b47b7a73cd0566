//! What is sent for: metadata, and releases by their names; nothing else that a Secret may hold.

use crate::script::{NOW, Script};
use clients::helm::connection::Helm;
use clients::helm::kept::{Driver, Kept};
use clients::kubernetes::connection::Cluster;
use clients::kubernetes::reach::Reach;
use jiff::Timestamp;
use readonly::refusal::Kind;
use readonly::transport::Transport;
use std::sync::Arc;

const LIST: &str = "/api/v1/namespaces/shop/secrets?labelSelector=owner%3Dhelm%2Cname%3Dweb&fieldSelector=type%3Dhelm.sh%2Frelease.v1&limit=500";

/// A client of a scripted server.
pub(crate) fn helm(script: &Arc<Script>) -> Helm {
    let cluster = Cluster {
        name: "test".to_owned(),
        namespace: "default".to_owned(),
        address: "https://test.invalid".to_owned(),
    };
    let now: Timestamp = NOW.parse().unwrap();
    Helm::over(Arc::clone(script) as Arc<dyn Transport>, cluster, Arc::new(move || now))
}

/// A revision as its labels tell it.
pub(crate) fn web() -> Kept {
    Kept {
        namespace: "shop".to_owned(),
        release: "web".to_owned(),
        revision: 4,
        status: "deployed".to_owned(),
        created: None,
        modified: None,
        driver: Driver::Secret,
        object: "sh.helm.release.v1.web.v4".to_owned(),
    }
}

#[tokio::test]
async fn of_a_list_only_metadata_is_sent_for() {
    let body = r#"{"items":[
        {"metadata":{"name":"sh.helm.release.v1.web.v4","namespace":"shop","creationTimestamp":"2026-11-21T10:00:00Z",
            "labels":{"owner":"helm","name":"web","version":"4","status":"deployed","modifiedAt":"1795255260"}}},
        {"metadata":{"name":"copy","namespace":"shop","labels":{"owner":"helm","name":"web","version":"4"}}},
        {"metadata":{"name":"sh.helm.release.v1.web.v5","namespace":"shop","labels":{"owner":"helm","name":"web"}}}]}"#;
    let script = Script::new(&[(LIST, 200, body)]);
    let reach = Reach::Namespace("shop");
    let found = helm(&script).revisions(Driver::Secret, reach, Some("web")).await.unwrap();
    let form = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    assert_eq!(script.last().headers()["accept"], form);
    let expected = Kept {
        created: "2026-11-21T10:00:00Z".parse().ok(),
        modified: "2026-11-21T10:01:00Z".parse().ok(),
        ..web()
    };
    assert_eq!(found.kept, [expected]);
    assert_eq!(found.odd, ["copy", "sh.helm.release.v1.web.v5"]);
    assert!(found.walk.is_complete());
}

#[tokio::test]
async fn other_secrets_are_not_sent_for() {
    let script = Script::new(&[]);
    for object in
        ["web-keys", "sh.helm.release.v1.", "xsh.helm.release.v1.web.v4", "../secrets", ""]
    {
        let kept = Kept { object: object.to_owned(), ..web() };
        let refused = helm(&script).release(&kept).await.unwrap_err();
        assert!(matches!(refused.kind, Kind::NotARead(_)), "{object}: {refused}");
    }
    assert!(script.asked().is_empty(), "{:?}", script.asked());
}

#[tokio::test]
async fn names_that_leave_their_segment_are_not_sent() {
    let script = Script::new(&[]);
    let client = helm(&script);
    for name in ["../../x", "..", "a/b", "a%2Fb", "a\u{0}b", "a,owner!=helm", ""] {
        let reach = Reach::Namespace(name);
        assert!(client.revisions(Driver::Secret, reach, None).await.is_err(), "{name}");
        let reach = Reach::Namespace("shop");
        assert!(client.revisions(Driver::Secret, reach, Some(name)).await.is_err(), "{name}");
        let kept = Kept { namespace: name.to_owned(), ..web() };
        assert!(client.release(&kept).await.is_err(), "{name}");
    }
    assert!(script.asked().is_empty(), "{:?}", script.asked());
}
