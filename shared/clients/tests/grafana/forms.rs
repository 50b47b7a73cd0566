//! Which form of the API is read, and that nothing is lost or made up on the way.

use crate::script::{Answers, Script};
use clients::grafana::dashboards::Dashboard;
use clients::web::said::Said;
use readonly::refusal::{Kind, Refusal};

const GROUP: &str = "/apis/dashboard.grafana.app";
const SERVED: &str = r#"{"versions":[{"version":"v1"},{"version":"v2"}]}"#;
const OLDER: &str = "/api/dashboards/uid/a";
const OF_OLDER: &str =
    r#"{"dashboard":{"title":"older"},"meta":{"updated":"0001-01-01T00:00:00Z"}}"#;
const FIRST: &str = "/apis/dashboard.grafana.app/v1/namespaces/default/dashboards/a";
const SECOND: &str = "/apis/dashboard.grafana.app/v2/namespaces/default/dashboards/a";

async fn read(answers: Answers) -> (Result<Said<Dashboard>, Refusal>, Vec<String>) {
    let script = Script::new(answers);
    let said = script.client().dashboard("a").await;
    (said, script.asked())
}

fn title(said: Result<Said<Dashboard>, Refusal>) -> (String, bool) {
    let dashboard = said.unwrap().data;
    (dashboard.body["title"].as_str().unwrap().to_owned(), dashboard.is_converted)
}

fn told(title: &str, is_converted: bool) -> (String, bool) {
    (title.to_owned(), is_converted)
}

#[tokio::test]
async fn the_older_form_is_read_where_there_is_no_newer_one() {
    for group in [
        (GROUP, 404, "{}"),
        (GROUP, 200, "<!doctype html>"),
        (GROUP, 302, ""),
        (GROUP, 403, "{}"),
        // Before version 12 there was a draft of the newer one.
        (GROUP, 200, r#"{"versions":[{"version":"v0alpha1"}]}"#),
    ] {
        let answers: &'static [_] = Vec::from([group, (OLDER, 200, OF_OLDER)]).leak();
        let (said, asked) = read(answers).await;
        assert_eq!(title(said), told("older", false), "{group:?}");
        assert_eq!(asked.last().unwrap(), &format!("GET {OLDER}"));
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_taken_for_an_old_one() {
    let (said, asked) = read(&[(GROUP, 500, "{}"), (OLDER, 200, OF_OLDER)]).await;
    assert!(matches!(said.unwrap_err().kind, Kind::Status { status: 500, .. }));
    assert!(!asked.contains(&format!("GET {OLDER}")), "{asked:?}");
}

#[tokio::test]
async fn a_dashboard_is_read_in_the_schema_that_it_is_kept_in() {
    let (said, _) = read(&[
        (GROUP, 200, SERVED),
        (
            FIRST,
            200,
            r#"{"spec":{"title":"first"},"status":{"conversion":{"storedVersion":"v2"}}}"#,
        ),
        (
            SECOND,
            200,
            r#"{"metadata":{"annotations":{"grafana.app/folder":"f"}},"spec":{"title":"second"}}"#,
        ),
    ])
    .await;
    assert_eq!(title(said), told("second", false));
    let (said, _) = read(&[
        (GROUP, 200, SERVED),
        (FIRST, 200, r#"{"metadata":{"annotations":null},"spec":{"title":"plain"},"status":null}"#),
    ])
    .await;
    assert_eq!(title(said), told("plain", false));
}

#[tokio::test]
async fn what_was_converted_is_told_as_such() {
    let (said, _) = read(&[
        (GROUP, 200, SERVED),
        (
            FIRST,
            200,
            r#"{"spec":{"title":"first"},"status":{"conversion":{"storedVersion":"v2"}}}"#,
        ),
        (SECOND, 403, "{}"),
    ])
    .await;
    assert_eq!(title(said), told("first", true));
    let (said, _) = read(&[(GROUP, 200, SERVED), (FIRST, 403, "{}"), (OLDER, 200, OF_OLDER)]).await;
    assert_eq!(title(said), told("older", true));
}

#[tokio::test]
async fn the_form_and_the_organisation_are_asked_for_once() {
    let script = Script::new(&[
        (GROUP, 200, SERVED),
        ("/api/org", 200, r#"{"id":7}"#),
        (
            "/apis/dashboard.grafana.app/v1/namespaces/org-7/dashboards/a",
            200,
            r#"{"spec":{"title":"x"}}"#,
        ),
    ]);
    let client = script.client();
    client.dashboard("a").await.unwrap();
    client.metered().dashboard("a").await.unwrap();
    let asked = script.asked();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(client.form().await.unwrap().to_string(), "/apis v1");
}

#[tokio::test]
async fn a_form_that_was_refused_is_asked_for_again() {
    let script = Script::new(&[(GROUP, 403, "{}"), (OLDER, 200, OF_OLDER)]);
    let client = script.client();
    client.dashboard("a").await.unwrap();
    client.dashboard("a").await.unwrap();
    let times = script.asked().iter().filter(|it| it.ends_with(GROUP)).count();
    assert_eq!(times, 2);
}

#[tokio::test]
async fn a_time_that_is_none_is_not_told() {
    let (said, _) = read(&[(OLDER, 200, OF_OLDER)]).await;
    assert_eq!(said.unwrap().data.updated, None);
}

#[tokio::test]
async fn lists_that_are_null_are_empty_and_a_list_that_is_none_is_no_list() {
    const RULES: &str = "/api/prometheus/grafana/api/v1/rules";
    let rules = |body: &'static str| async move {
        let answers: &'static [_] = Vec::from([(RULES, 200, body)]).leak();
        Script::new(answers).client().rules().await.map(|said| said.data)
    };
    let null = r#"{"data":{"groups":[{"name":"g","rules":[{"name":"r","labels":null,"alerts":null}]},{"name":"h","rules":null}]}}"#;
    let groups = rules(null).await.unwrap();
    assert_eq!((groups[0].rules.len(), groups[1].rules.len()), (1, 0));
    for body in ["[]", "{}", r#"{"data":{}}"#, "<html>", ""] {
        assert!(matches!(rules(body).await.unwrap_err().kind, Kind::Malformed(_)), "{body}");
    }
}
