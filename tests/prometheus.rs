//! The Prometheus server beside real stores of metrics and Alertmanager: alerts in every state, and answers as over a replay.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "prometheus/confined.rs"]
mod confined;
#[path = "../servers/mcp-prometheus/tests/written/series.rs"]
mod series;
#[path = "prometheus/server.rs"]
mod server;

use jiff::Timestamp;
use libtest_mimic::{Arguments, Failed, Trial};
use mcp_prometheus::server::Prometheus;
use serde_json::{Value, json};
use server::{Outcome, PATIENCE, Server, contains, silence, told};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use xtask::cluster::Lifetime;
use xtask::monitoring::edition::Edition;
use xtask::monitoring::{Monitoring, Setup};
use xtask::{program, settings};

type Test = fn(Edition) -> Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_alertmanager();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: tests with a real Prometheus: {why}"));
    }
    for edition in [Edition::Newest, Edition::VictoriaMetrics] {
        if let (None, Some(why)) = (&skipped, settings::why_not_built(edition.built())) {
            program::say(&format!("SKIPPED: tests with {}: {why}", edition.called()));
        }
    }
    let tests: [(&str, Edition, Test); 7] = [
        ("every_tool_on_what_is_scraped", Edition::Debian, every_tool),
        ("every_tool_on_what_is_scraped", Edition::Newest, every_tool),
        ("every_tool_on_what_is_scraped", Edition::VictoriaMetrics, every_tool),
        ("enforced_matchers_confine", Edition::Debian, confined::every_tool),
        ("enforced_matchers_confine", Edition::Newest, confined::every_tool),
        ("enforced_matchers_confine_without", Edition::Debian, confined::without_prometheus),
        ("a_replay_answers_as_the_real_one", Edition::Debian, as_the_replay),
    ];
    let trials = tests.into_iter().map(|(name, edition, test)| {
        let why = settings::why_not_built(edition.built());
        Trial::test(format!("{name}::{}", edition.called()), move || {
            test(edition).map_err(Failed::from)
        })
        .with_ignored_flag(skipped.is_some() || why.is_some())
    });
    let trials = trials.collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn every_tool(edition: Edition) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let monitoring = told(Monitoring::of(&folder.path().join("live"), Lifetime::Ours))?;
    let scrapes = format!(
        "- {{job_name: node, static_configs: [{{targets: [\"{}\"]}}]}}\n\
         - {{job_name: payments, static_configs: [{{targets: [\"127.0.0.1:9\"], labels: {{namespace: shop}}}}]}}\n\
         - job_name: blackbox\n  metrics_path: /probe\n  params: {{module: [http_2xx], target: [\"http://127.0.0.1:9/\"]}}\n  static_configs: [{{targets: [\"{}\"]}}]",
        monitoring.node_exporter(),
        monitoring.blackbox_exporter()
    );
    told(monitoring.start(&Setup {
        edition,
        rules: include_str!("prometheus/rules.yaml"),
        alertmanager: include_str!("prometheus/alertmanager.yaml"),
        evaluation_interval: "1s",
        scrape_configs: &scrapes,
        exporters: true,
        ..Setup::default()
    }))?;
    silence(&monitoring.alertmanager(), "LoadSeen")?;
    let server = Server::start(&[
        "--prometheus-url",
        &monitoring.prometheus(),
        "--alertmanager-url",
        &monitoring.alertmanager(),
    ])?;
    alerts(&server)?;
    scraped(&server)?;
    explained(&server)?;
    listed(&server, edition)?;
    surveyed(&server)?;
    queried(&server, edition)
}

/// All at once, of what is scraped.
fn surveyed(server: &Server) -> Outcome {
    let text = server.text("metrics_survey", json!({"since": "1m"}))?;
    contains(
        &text,
        &[
            "3 alerts fire, 1 targets are down",
            "alert ProbeFailed fires",
            "target 127.0.0.1:9 of job payments is down",
            "node_memory_available",
            "probe_success",
            "explain_alert(alertname=",
            "complete",
        ],
    )
}

/// Firing, pending, silenced and inhibited.
fn alerts(server: &Server) -> Outcome {
    let wanted = ["ProbeFailed", "MemoryUsed", "LoadSeen", "TargetDown"];
    let states = ["firing", "pending", "firing, silenced", "firing, inhibited"];
    told(program::retry(PATIENCE, || {
        let answer =
            server.ask("check_alerts", json!({"format": "json"})).map_err(std::io::Error::other)?;
        let rows: Vec<Vec<String>> =
            serde_json::from_value(answer["rows"].clone()).unwrap_or_default();
        let state = |name: &str| rows.iter().find(|row| row[0] == name).map(|row| row[2].clone());
        let found: Vec<Option<String>> = wanted.iter().map(|name| state(name)).collect();
        let all: Vec<Option<String>> = states.iter().map(|it| Some((*it).to_owned())).collect();
        if found == all { Ok(()) } else { Err(std::io::Error::other(format!("{found:?}")))? }
    }))?;
    let text = server.text("check_alerts", json!({}))?;
    contains(&text, &["silence ", "ProbeFailed(instance=", "by ada", "known, see SHOP-1"])
}

/// Each target has been scraped some times, so that there is something to tell of the last seconds.
fn scraped(server: &Server) -> Outcome {
    let query = json!({"query": "min(count_over_time(node_load1[1m])) > 4"});
    told(program::retry(PATIENCE, || {
        let text = server.said("run_promql", query.clone()).map_err(std::io::Error::other)?;
        if text.starts_with("1 series") { Ok(()) } else { Err(std::io::Error::other(text))? }
    }))
}

fn explained(server: &Server) -> Outcome {
    let text = server.text("explain_alert", json!({"alertname": "TargetDown"}))?;
    contains(&text, &["inhibited by ProbeFailed", "count by (job) (up == 0)", "> 0.1", "yes"])?;
    let text = server.text("explain_alert", json!({"alertname": "MemoryUsed"}))?;
    contains(
        &text,
        &["pending for ", " of 60m", "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"],
    )?;
    let text = server.text("explain_alert", json!({"alertname": "ProbeFailed"}))?;
    contains(&text, &["told to nobody", "runbook_url: https://runbooks.example.com/ProbeFailed"])?;
    let text = server.text("explain_alert", json!({"alertname": "NeverFull"}))?;
    contains(&text, &["NeverFull is inactive", "inactive, as `node_load1` is "])
}

fn listed(server: &Server, edition: Edition) -> Outcome {
    let text = server.text("list_rules", json!({}))?;
    let failed = "broken:ratio of group acceptance cannot be evaluated: ";
    let why = match edition {
        Edition::VictoriaMetrics => "unexpected response code 422",
        _ => "many-to-many matching not allowed",
    };
    contains(&text, &[failed, why])?;
    let text = server.text("list_targets", json!({}))?;
    contains(&text, &["3 targets: 1 down, 2 up", "payments", "connection refused"])?;
    contains(&server.text("list_targets", json!({"health": "all"}))?, &["payments", "0/1", "1/1"])?;
    contains(
        &server.text("list_metrics", json!({"match": "node_memory_Mem"}))?,
        &["node_memory_MemTotal_bytes"],
    )?;
    let text = server.text("get_metric_metadata", json!({"metric": "node_cpu_seconds_total"}))?;
    contains(
        &text,
        &["is a counter", "of job node", "mode", "sum(rate(node_cpu_seconds_total[5m]))"],
    )?;
    let text = server
        .text("list_label_values", json!({"label": "mode", "match": "node_cpu_seconds_total"}))?;
    contains(&text, &["iowait", "SERIES"])?;
    contains(
        &server.text("list_silences", json!({}))?,
        &["alertname=\"LoadSeen\"", "ada", "LoadSeen("],
    )?;
    let text = server.text("get_alertmanager_status", json!({}))?;
    contains(&text, &["Alertmanager 0.", "inhibits", "1 inhibition rule"])?;
    let retention = match edition {
        Edition::VictoriaMetrics => "series today",
        _ => "100y",
    };
    contains(
        &server.text("get_tsdb_stats", json!({}))?,
        &[edition.called(), "series of metric", retention],
    )?;
    let text =
        server.text("find_metrics_for", json!({"namespace": "shop", "workload": "payments"}))?;
    contains(&text, &["count(up{namespace=\"shop\",job=~\"(.+/)?payments\"} == 0)", "scraping"])
}

fn queried(server: &Server, edition: Edition) -> Outcome {
    let text = server.text("run_promql", json!({"query": "up"}))?;
    contains(&text, &["series at ", "payments", "  VALUE"])?;
    let text = server
        .text("run_promql_range", json!({"query": "node_cpu_seconds_total", "since": "10m"}))?;
    contains(&text, &["changed", "SHAPE", "begins "])?;
    contains(
        &server.text("compare_metric", json!({"query": "node_load1", "window": "1m"}))?,
        &["VERDICT"],
    )?;
    for (query, why) in [
        ("node_memory_MemTotl_bytes", "did you mean node_memory_MemTotal_bytes"),
        ("up{job=\"nod\"}", "no series of `up` has `job=\"nod\"`; did you mean node?"),
        ("up{jbo=\"node\"}", "has the label `jbo`; did you mean job?"),
        ("up > 5", "nothing fits `> 5`: `up` is 0 to 1"),
    ] {
        contains(&server.text("run_promql", json!({"query": query}))?, &[why])?;
    }
    let failure = server.failure("run_promql", json!({"query": "up{"}))?;
    match edition {
        Edition::VictoriaMetrics => contains(&failure, &["answered 422", "unexpected token"]),
        _ => contains(&failure, &["answered 400", "parse error"]),
    }
}

/// The same series in a real Prometheus and in a snapshot: the same answers, word for word.
fn as_the_replay(edition: Edition) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let shop =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../servers/mcp-prometheus/tests/snapshot");
    let now = Timestamp::from_second(Timestamp::now().as_second() / 60 * 60).unwrap();
    let words = told(std::fs::read_to_string(shop.join("series.txt")))?;
    let metrics = series::written(&words, now);
    let monitoring = told(Monitoring::of(&folder.path().join("real"), Lifetime::Ours))?;
    told(monitoring.start(&Setup { edition, metrics: &metrics, ..Setup::default() }))?;
    let real = Server::start(&["--prometheus-url", &monitoring.prometheus()])?;

    let snapshot = folder.path().join("snapshot");
    told(std::fs::create_dir_all(snapshot.join("prometheus")))?;
    told(std::fs::write(snapshot.join("prometheus/shop.om"), &metrics))?;
    let about =
        format!("apiVersion: inquest.dev/v1\nkind: Snapshot\ncluster: shop\ncapturedAt: {now}\n");
    told(std::fs::write(snapshot.join("snapshot.yaml"), about))?;
    let snapshot = Arc::new(told(replay::snapshot::Snapshot::load(&snapshot))?);
    let wire = Arc::new(replay::prometheus::Prometheus::of(snapshot));
    let replay = Server::over(Prometheus::replaying(Some(wire), None, now))?;

    let mut compared = 0;
    for (tool, arguments) in same_calls(now) {
        let (ours, theirs) =
            (replay.said(tool, arguments.clone())?, real.said(tool, arguments.clone())?);
        if ours != theirs {
            return Err(format!("{tool} {arguments} differs:\nreplay\n{ours}\nreal\n{theirs}"));
        }
        compared += 1;
    }
    program::say(&format!("{compared} answers of the replay are those of the real Prometheus"));
    Ok(())
}

/// Calls whose answers do not depend on when they are made.
fn same_calls(now: Timestamp) -> Vec<(&'static str, Value)> {
    let queries = [
        "up",
        "sum by (pod, code) (rate(http_requests_total[5m]))",
        "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
        "container_memory_working_set_bytes / on (namespace, pod, container) kube_pod_container_resource_limits",
        "topk(3, node_memory_MemAvailable_bytes)",
        "http_requests_total * up",
        "max by (job) (up) > 1",
        "rate(http_requests_total[30s])",
        "http_requests_total{namespace=\"shpo\"}",
        "payments_queue_depth",
        "sum(rate(http_request_total[5m]))",
    ];
    let end = now.to_string();
    let mut calls = Vec::new();
    for query in queries {
        calls.push(("run_promql", json!({"query": query, "time": end})));
        calls.push(("run_promql_range", json!({"query": query, "since": "1h", "end": end})));
        calls.push((
            "compare_metric",
            json!({"query": query, "window": "20m", "baseline": "40m", "end": end}),
        ));
    }
    calls
}
