//! What can be sent at all: nothing that writes or manages, and nothing without the matchers that are enforced.

use crate::script::{NOW, Script};
use clients::prometheus::expression::BadExpression;
use clients::prometheus::query::Range;
use clients::prometheus::reads::TABLE;
use readonly::refusal::Kind;

const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
const NAMES: &str = r#"{"status":"success","data":["a"]}"#;

fn hour() -> Range {
    let end = NOW.parse().unwrap();
    Range { start: "2026-11-21T11:00:00Z".parse().unwrap(), end, step: 60 }
}

#[test]
fn nothing_on_the_list_writes_or_manages() {
    for row in TABLE {
        assert!(["GET", "POST"].contains(&row.method), "{row:?}");
        assert!(row.path.starts_with("/api/v1/") && !row.path.contains("admin"), "{row:?}");
        assert!(
            !["delete", "write", "otlp", "quit", "reload"].iter().any(|it| row.path.contains(it))
        );
    }
}

#[tokio::test]
async fn a_query_is_a_form_with_a_bound_and_a_time() {
    let script = Script::new(200, EMPTY);
    let client = script.client("");
    let query = client.expression(" up ").unwrap();
    client.query(&query, NOW.parse().unwrap(), 10).await.unwrap();
    client.query_range(&query, hour(), 10).await.unwrap();
    assert_eq!(
        script.asked(),
        [
            "POST /api/v1/query query=up&timeout=19500ms&limit=11&time=1795262400",
            "POST /api/v1/query_range query=up&timeout=19500ms&limit=11&start=1795258800&end=1795262400&step=60"
        ]
    );
}

#[tokio::test]
async fn enforced_matchers_are_in_everything_that_selects() {
    let script = Script::new(200, EMPTY);
    let client = script.client(r#"namespace="shop""#);
    let query = client.expression("sum(rate(a[5m])) / b").unwrap();
    client.query(&query, NOW.parse().unwrap(), 10).await.unwrap();
    client.query_range(&query, hour(), 10).await.unwrap();
    for asked in script.asked() {
        assert_eq!(asked.matches(r#"namespace="shop""#).count(), 2, "{asked}");
    }
    let script = Script::new(200, NAMES);
    let client = script.client(r#"namespace="shop""#);
    let selector = client.expression("up").unwrap();
    client.labels(None, hour()).await.unwrap();
    client.labels(Some(&selector), hour()).await.unwrap();
    client.label_values("job", None, hour()).await.unwrap();
    client.label_values("job", Some(&selector), hour()).await.unwrap();
    assert_eq!(script.asked().len(), 4);
    for asked in script.asked() {
        assert_eq!(asked.matches(r#"namespace="shop""#).count(), 1, "{asked}");
    }
}

#[tokio::test]
async fn what_cannot_be_confined_is_not_sent() {
    let script = Script::new(200, NAMES);
    let client = script.client(r#"namespace="shop""#);
    assert!(matches!(client.expression("up{"), Err(BadExpression::Unparsed(_))));
    // No selector, so nobody can tell what it would list.
    let query = client.expression("up or vector(1)").unwrap();
    let refused = client.label_values("job", Some(&query), hour()).await.unwrap_err();
    assert!(matches!(refused.kind, Kind::NotARead(_)));
    assert!(matches!(client.database(10).await.unwrap_err().kind, Kind::Forbidden(_)));
    assert!(script.asked().is_empty(), "{:?}", script.asked());
}

#[tokio::test]
async fn a_label_cannot_lead_elsewhere() {
    let script = Script::new(200, NAMES);
    let client = script.client("");
    client.label_values("../../admin/tsdb/delete_series?x=", None, hour()).await.unwrap();
    let asked = script.asked();
    assert!(asked[0].starts_with("GET /api/v1/label/U__"), "{asked:?}");
    assert!(!asked[0].contains("/admin") && !asked[0].contains(".."), "{asked:?}");
}
