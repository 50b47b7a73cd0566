//! Queries of a large dashboard are told in parts, and what comes after a part does not depend on the clock.
#![allow(clippy::unwrap_used, reason = "a test")]

use jiff::{SignedDuration, Timestamp};
use mcp::client::Specialist;
use mcp_grafana::server::Grafana;
use replay::recorded::Recorded;
use replay::snapshot::Snapshot;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The server over a dashboard of so many queries, so long after they were captured.
async fn open(queries: usize, later: SignedDuration) -> Specialist {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/newer");
    let mut snapshot = Snapshot::load(&folder).unwrap();
    let panel = |id| {
        let query = json!({"refId": "A", "expr": "up @ ${__to:date:seconds}"});
        json!({"id": id, "type": "stat", "datasource": {"uid": "prom1"}, "targets": [query]})
    };
    let panels: Vec<Value> = (0..queries).map(panel).collect();
    let exchanges = snapshot.exchanges.get_mut("grafana").unwrap();
    let wall = exchanges.iter_mut().find(|it| it.path.ends_with("/dashboards/wall")).unwrap();
    *wall.body.pointer_mut("/spec/panels").unwrap() = Value::Array(panels);
    let now: Timestamp = snapshot.about.captured_at + later;
    let wire = Arc::new(Recorded::of(Arc::new(snapshot), "grafana"));
    let server = mcp_grafana::tools::server(Arc::new(Grafana::replaying(wire, now)));
    Specialist::in_memory(server).await.unwrap()
}

async fn ask(server: &Specialist, rest: Value) -> String {
    let mut arguments = json!({"uid": "wall", "detail": "queries"});
    arguments.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let arguments = arguments.as_object().unwrap().clone();
    let (tool, stop) = ("grafana_get_dashboard", CancellationToken::new());
    let reply = server.call(tool, arguments, false, Duration::from_secs(60), &stop).await.unwrap();
    reply.text
}

#[tokio::test]
async fn a_cursor_holds_while_the_clock_moves_on() {
    let first = ask(&open(600, SignedDuration::ZERO).await, json!({})).await;
    let cursor = first.split("cursor=").nth(1).unwrap().split_whitespace().next().unwrap();
    let later = open(600, SignedDuration::from_secs(90)).await;
    let second = ask(&later, json!({ "cursor": cursor })).await;
    assert!(second.starts_with("600 queries of 600 panels"), "{second}");
    assert!(second.contains("up @ 1795262490"), "the queries are those of then: {second}");
}

#[tokio::test]
async fn more_queries_than_are_put_together_are_not_passed_over() {
    let told = ask(&open(1_001, SignedDuration::ZERO).await, json!({})).await;
    assert!(told.starts_with("at least 1000 queries of 1001 panels"), "{told}");
    assert!(told.contains("only the first 1000 of 1001 queries are told"), "{told}");
    assert!(told.contains("of at least 1000 rows"), "{told}");
}
