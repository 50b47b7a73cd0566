//! A Prometheus and an Alertmanager that others use, too: what matchers are enforced for is told, and nothing else.

use crate::series;
use crate::server::{Outcome, PATIENCE, Server, contains, silence, told};
use jiff::Timestamp;
use mcp_prometheus::server::Prometheus;
use mcp_prometheus::settings::Settings;
use serde_json::json;
use std::path::Path;
use xtask::cluster::Lifetime;
use xtask::monitoring::edition::Edition;
use xtask::monitoring::{Monitoring, Setup};
use xtask::program;

/// Who is told of what others do says who they are.
const ROUTES: &str = "route: {receiver: nobody, group_by: [alertname], group_wait: 1s, group_interval: 2s, \
routes: [{receiver: secret-team, matchers: ['namespace=\"blog\"']}]}\n\
receivers: [{name: nobody}, {name: secret-team}]\n";
/// One alert of ours, and one of others.
const RULES: &str = "groups: [{name: g, rules: [{alert: Secret, expr: secret > 1}, {alert: Plain, expr: plain > 0}]}]\n";
/// A target of others that is down.
const SCRAPES: &str = "- {job_name: secret, static_configs: [{targets: [\"127.0.0.1:9\"], labels: {namespace: blog}}]}";

/// One that two teams share: each has an alert that fires and is silenced by its name.
fn shared(folder: &Path, edition: Edition) -> Outcome<Monitoring> {
    let now = Timestamp::from_second(Timestamp::now().as_second() / 60 * 60).unwrap();
    let metrics = series::written(
        "secret{namespace=\"blog\"} 4711x30\nplain{namespace=\"shop\"} 1x30\n",
        now,
    );
    let monitoring = told(Monitoring::of(&folder.join("shared"), Lifetime::Ours))?;
    told(monitoring.start(&Setup {
        edition,
        metrics: &metrics,
        rules: RULES,
        alertmanager: ROUTES,
        scrape_configs: SCRAPES,
        evaluation_interval: "1s",
        ..Setup::default()
    }))?;
    silence(&monitoring.alertmanager(), "Secret")?;
    silence(&monitoring.alertmanager(), "Plain")?;
    Ok(monitoring)
}

/// What is enforced confines every tool, and what cannot be confined is not told.
pub(crate) fn every_tool(edition: Edition) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let monitoring = shared(folder.path(), edition)?;
    let url = monitoring.prometheus();
    let server = Server::start(&[
        "--prometheus-url",
        &url,
        "--alertmanager-url",
        &monitoring.alertmanager(),
        "--prometheus-enforced-matchers",
        "namespace=\"shop\"",
    ])?;
    told(program::retry(PATIENCE, || {
        let text = server.said("check_alerts", json!({})).map_err(std::io::Error::other)?;
        if text.contains("silenced") { Ok(()) } else { Err(std::io::Error::other(text))? }
    }))?;
    let asked = [
        ("run_promql", json!({"query": "{__name__=~\".+\"}"})),
        ("run_promql", json!({"query": "secret"})),
        ("run_promql", json!({"query": "topk(scalar(count(secret)), plain)"})),
        ("run_promql", json!({"query": "plain or secret"})),
        ("run_promql", json!({"query": "secret{namespace=\"blog\"}"})),
        ("run_promql", json!({"query": "max_over_time(secret[1h:1m])"})),
        ("run_promql_range", json!({"query": "secret"})),
        ("compare_metric", json!({"query": "secret"})),
        ("list_metrics", json!({})),
        ("list_metrics", json!({"match": "{namespace=\"blog\"}"})),
        ("list_label_values", json!({"label": "namespace"})),
        ("list_label_values", json!({"label": "namespace", "match": "secret"})),
        ("get_metric_metadata", json!({"metric": "secret"})),
        ("find_metrics_for", json!({"namespace": "blog", "workload": "web"})),
        ("check_alerts", json!({})),
        ("metrics_survey", json!({})),
        ("list_silences", json!({})),
        ("list_targets", json!({"health": "all"})),
        ("get_alertmanager_status", json!({})),
        ("list_rules", json!({})),
        ("explain_alert", json!({"alertname": "Secret"})),
        ("get_tsdb_stats", json!({})),
    ];
    for (tool, arguments) in asked {
        let said = server.said(tool, arguments.clone())?;
        if said.contains("4711") {
            return Err(format!("{tool} {arguments} tells of others: {said}"));
        }
        let names_it = arguments.to_string().to_lowercase().contains("secret");
        if !names_it && said.to_lowercase().contains("secret") {
            return Err(format!("{tool} {arguments} tells of others: {said}"));
        }
    }
    // It holds an alert of ours, and does not say whose.
    contains(&server.text("list_silences", json!({}))?, &["1 silence for 1", "Plain"])?;
    contains(&server.text("metrics_survey", json!({}))?, &["1 alerts fire, 0 targets are down"])?;
    contains(&server.text("get_alertmanager_status", json!({}))?, &["is enforced here"])?;
    // None of the rules that people use is too intricate to be confined.
    for query in include_str!("../promql/mixin.txt").lines().filter(|it| !it.starts_with('#')) {
        server.text("run_promql", json!({"query": query}))?;
    }
    let failure = server.failure("get_tsdb_stats", json!({}))?;
    contains(&failure, &["namespace=\"shop\"} is enforced here"])
}

/// Alertmanager is shared, whether Prometheus can be asked or not.
pub(crate) fn without_prometheus(edition: Edition) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let monitoring = shared(folder.path(), edition)?;
    let (url, alertmanager) = (monitoring.prometheus(), monitoring.alertmanager());
    let enforced = "namespace=\"shop\"";
    let nowhere = ["--alertmanager-url", &alertmanager, "--prometheus-enforced-matchers", enforced];
    let mut unopened = Settings::default();
    unopened.prometheus.prometheus_url = Some(told(url.parse())?);
    unopened.prometheus.prometheus_token_file = Some(folder.path().join("no-such-token"));
    unopened.prometheus.prometheus_enforced_matchers = Some(told(enforced.parse())?);
    unopened.alertmanager.alertmanager_url = Some(told(alertmanager.parse())?);
    unopened.alertmanager.alertmanager_request_timeout = 30;
    for server in [Server::start(&nowhere)?, Server::over(Prometheus::open(unopened))?] {
        told(program::retry(PATIENCE, || {
            let text = server.said("check_alerts", json!({})).map_err(std::io::Error::other)?;
            if text.contains("silenced") { Ok(()) } else { Err(std::io::Error::other(text))? }
        }))?;
        for tool in ["check_alerts", "list_silences", "get_alertmanager_status"] {
            let said = server.text(tool, json!({}))?;
            if said.to_lowercase().contains("secret") {
                return Err(format!("{tool} tells of others: {said}"));
            }
        }
        contains(&server.text("list_silences", json!({}))?, &["1 silence for 1", "Plain"])?;
    }
    Ok(())
}
