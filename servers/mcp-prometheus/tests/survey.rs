//! What the lead hears of the survey: facts that cite the read they come from, and what was cut said with how much there is.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test")]

#[path = "written/series.rs"]
mod series;
#[path = "written/shop.rs"]
mod shop;

use evidence::fact::Body;
use evidence::testimony::Testimony;
use mcp::client::reply::Reply;
use replay::snapshot::Snapshot;
use serde_json::Map;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);
const NO_RULES: &str = "groups: []\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot")
}

/// What the lead hears where it asks for facts, and else what an agent reads.
fn survey(snapshot: Snapshot, facts: bool) -> Reply {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = shop::served(snapshot).await;
        let stop = CancellationToken::new();
        server.call("metrics_survey", Map::new(), facts, TIMEOUT, &stop).await.unwrap()
    })
}

/// The survey of series that are written in a few words.
fn survey_of(words: &str, rules: &str, facts: bool) -> Reply {
    let mut snapshot = Snapshot::load(&folder()).unwrap();
    snapshot.alertmanager.alerts = Some(Vec::new());
    shop::put(&mut snapshot, words, rules);
    survey(snapshot, facts)
}

/// The path that a fact cites, for what it is.
fn cited(testimony: &Testimony) -> Vec<(&'static str, String)> {
    let cite = |fact: &evidence::fact::Fact| {
        let what = match &fact.body {
            Body::Measure(_) => "measure",
            Body::Measured(_) => "measured",
            Body::Alert(_) => "alert",
            Body::ScrapeTarget(_) => "target",
            _ => "other",
        };
        (what, testimony.sources[fact.source].path.clone())
    };
    testimony.facts.iter().map(cite).collect()
}

#[test]
fn facts_cite_the_read_that_they_come_from() {
    let mut snapshot = Snapshot::load(&folder()).unwrap();
    shop::measured(&mut snapshot, &folder());
    let testimony = survey(snapshot, true).testimony.unwrap();
    for (what, path) in cited(&testimony) {
        let expected = match what {
            "measure" | "measured" => "/api/v1/query_range?",
            "alert" => "/api/v1/alerts",
            _ => "/api/v1/targets?",
        };
        assert!(path.starts_with(expected), "a {what} cites {path}");
    }
    let kinds: std::collections::BTreeSet<_> =
        cited(&testimony).into_iter().map(|it| it.0).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["alert", "measure", "measured", "target"]);
}

#[test]
fn an_alert_that_only_alertmanager_has_cites_alertmanager() {
    let mut snapshot = Snapshot::load(&folder()).unwrap();
    shop::put(&mut snapshot, "up{job=\"a\",instance=\"a:1\"} 1x90\n", NO_RULES);
    let testimony = survey(snapshot, true).testimony.unwrap();
    let mut alerts = cited(&testimony);
    alerts.retain(|it| it.0 == "alert");
    assert_eq!(alerts.len(), 3);
    assert!(alerts.iter().all(|it| it.1.starts_with("/api/v2/alerts")), "{alerts:?}");
}

#[test]
fn what_refuses_is_heard_as_a_gap() {
    let mut snapshot = Snapshot::load(&folder()).unwrap();
    shop::measured(&mut snapshot, &folder());
    (snapshot.rules, snapshot.alertmanager.silences) = (None, None);
    let testimony = survey(snapshot, true).testimony.unwrap();
    let gaps: Vec<&str> = testimony.gaps.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(gaps, ["pending alerts and values", "who silenced, and why"]);
}

#[test]
fn what_is_cut_is_said_with_how_much_there_is() {
    let mut words = String::new();
    for at in 0..60 {
        writeln!(words, "up{{job=\"a\",instance=\"a:{at}\"}} 0x90").unwrap();
    }
    for at in 0..1_100 {
        let labels = format!("namespace=\"shop\",persistentvolumeclaim=\"c{at}\"");
        writeln!(words, "kubelet_volume_stats_available_bytes{{{labels}}} {at}x90").unwrap();
        writeln!(words, "kubelet_volume_stats_capacity_bytes{{{labels}}} 2000x90").unwrap();
    }
    let down = "groups: [{name: g, rules: [{alert: Down, expr: up == 0}]}]\n";
    let text = survey_of(&words, down, false).text;
    for said in [
        "60 alerts fire, 60 targets are down",
        "50 of 60 alerts are told",
        "50 of 60 targets down are told",
        "volume_free: only 1000 series were read, and there are 1100 now",
    ] {
        assert!(text.contains(said), "no {said:?} in {text}");
    }
}

#[test]
fn a_pod_is_put_down_to_its_whole_workload() {
    let mut words = String::new();
    for pod in ["otel-collector-x7k2p", "web-worker-b5d9z", "web-7d4b9c8f6d-xk2zp", "db-0"] {
        let labels = format!("namespace=\"shop\",pod=\"{pod}\"");
        writeln!(words, "http_requests_total{{{labels},code=\"200\"}} 0+60x130").unwrap();
    }
    let testimony = survey_of(&words, NO_RULES, true).testimony.unwrap();
    let mut named: Vec<String> = testimony
        .facts
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::Measure(it) => Some(it.subject.name.clone()),
            _ => None,
        })
        .collect();
    named.sort();
    named.dedup();
    assert_eq!(named, ["db", "otel-collector", "web", "web-worker"]);
}
