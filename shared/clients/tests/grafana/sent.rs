//! What can be sent at all: nothing that writes, and nothing through Grafana to others.

use crate::script::{NOW, Script};
use clients::grafana::annotations::Wanted;
use clients::grafana::reads::TABLE;
use readonly::refusal::Kind;

#[test]
fn nothing_on_the_list_writes_or_leads_through_it() {
    for (path, _) in TABLE {
        assert!(
            path.starts_with("/api/") || path.starts_with("/apis/dashboard.grafana.app"),
            "{path}"
        );
        for word in
            ["proxy", "resources", "query", "admin", "render", "snapshots", "delete", "import"]
        {
            assert!(!path.contains(word), "{path}");
        }
    }
}

#[tokio::test]
async fn a_uid_cannot_lead_elsewhere() {
    let script = Script::new(&[]);
    let client = script.client();
    for uid in ["../../admin/settings", "a/../b", "..", "a%2fb"] {
        let refused = client.dashboard(uid).await.unwrap_err();
        assert!(matches!(refused.kind, Kind::NotARead(_)), "{uid}: {refused}");
    }
    let asked = script.asked();
    assert!(asked.iter().all(|it| it.ends_with("/apis/dashboard.grafana.app")), "{asked:?}");
    client.dashboard("a?b=c#d").await.unwrap_err();
    assert!(!script.asked().iter().any(|it| it.contains('#') || it.contains("?b")), "encoded");
}

#[tokio::test]
async fn a_question_is_one_address_with_everything_in_it() {
    let script = Script::new(&[("/api/search", 200, "[]"), ("/api/annotations", 200, "[]")]);
    let client = script.client();
    client.search("a&limit=9 b", "slo").await.unwrap();
    let wanted = Wanted {
        start: "2026-11-21T11:00:00Z".parse().unwrap(),
        end: NOW.parse().unwrap(),
        tags: vec!["a=b".to_owned(), "c".to_owned()],
        dashboard: "d".to_owned(),
        kind: "alert",
        limit: 5,
    };
    client.annotations(&wanted).await.unwrap();
    assert_eq!(
        script.asked()[1..],
        [
            "GET /api/search?type=dash-db&limit=1000&query=a%26limit%3D9%20b&tag=slo",
            "GET /api/annotations?from=1795258800000&to=1795262400000&limit=5&tags=a%3Db&tags=c&dashboardUID=d&type=alert"
        ]
    );
}

#[tokio::test]
async fn folders_of_the_newer_form_get_their_titles() {
    const SEARCH: &str = "/apis/dashboard.grafana.app/v0alpha1/namespaces/default/search";
    let script = Script::new(&[
        ("/apis/dashboard.grafana.app", 200, r#"{"versions":[{"version":"v1beta1"}]}"#),
        (SEARCH, 200, r#"{"hits":[{"name":"f","title":"Found","folder":"f","tags":null}]}"#),
    ]);
    let found = script.client().search("", "").await.unwrap().data;
    assert!(!found.is_cut && !found.lacks_titles && found.refusal.is_none(), "{found:?}");
    let hits = found.hits;
    assert_eq!((hits[0].folder_title.as_str(), hits[0].url.as_str()), ("Found", "/d/f"));
    let asked = script.asked();
    assert_eq!(asked.last().unwrap(), &format!("GET {SEARCH}?type=folder&limit=50&name=f"));
}

#[tokio::test]
async fn a_folder_that_is_not_found_and_hits_that_are_not_brought_are_told() {
    let script = Script::new(&[
        ("/apis/dashboard.grafana.app", 200, r#"{"versions":[{"version":"v1beta1"}]}"#),
        (
            "/apis/dashboard.grafana.app/v0alpha1/namespaces/default/search",
            200,
            r#"{"totalHits":7,"hits":[{"name":"a","title":"A","folder":"f"}]}"#,
        ),
    ]);
    let found = script.client().search("", "").await.unwrap().data;
    assert!(found.is_cut && found.lacks_titles && found.refusal.is_none(), "{found:?}");
}

#[tokio::test]
async fn nothing_that_could_be_a_secret_is_kept_of_a_data_source() {
    let script = Script::new(&[(
        "/api/datasources",
        200,
        r#"[{"uid":"p","name":"P","type":"prometheus","url":"http://ada:hunter2@p:9090?key=hunter2","user":"hunter2","password":"hunter2",
            "basicAuthPassword":"hunter2","jsonData":{"timeInterval":"15s","httpHeaderValue1":"hunter2"},"secureJsonData":{"x":"hunter2"}}]"#,
    )]);
    let kept = format!("{:?}", script.client().datasources().await.unwrap().data);
    assert!(
        kept.contains("http://p:9090") && kept.contains("15s") && !kept.contains("hunter2"),
        "{kept}"
    );
}
