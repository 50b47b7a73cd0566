//! Metrics of kube-state-metrics on a real control plane: they are called, and labelled, as our tools ask for them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "prometheus/server.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod server;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::json;
use server::{Outcome, PATIENCE, Server, contains, told};
use std::collections::BTreeSet;
use std::process::ExitCode;
use xtask::cluster::{Cluster, Lifetime};
use xtask::install::component::KUBE_STATE_METRICS;
use xtask::monitoring::{Monitoring, Setup};
use xtask::{program, settings};

/// Where metrics stand that are asked for.
const ASKED: [&str; 3] = [
    include_str!("../servers/mcp-prometheus/src/signals.rs"),
    include_str!("../servers/mcp-prometheus/src/survey/families/plain.rs"),
    include_str!("../servers/mcp-prometheus/src/survey/subject.rs"),
];
/// Labels that queries join by, of metrics whose other side only a real kubelet has.
const JOINED: [&str; 4] = [
    r#"kube_pod_container_resource_limits{resource="cpu",namespace="shop",pod!="",container="web"} == 0.2"#,
    r#"kube_pod_container_resource_limits{resource="memory",namespace="shop",pod!="",container="web"} == 134217728"#,
    r#"kube_pod_info{namespace="shop",pod!="",node!=""}"#,
    r#"kube_node_info{node!="",internal_ip!=""}"#,
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_upstreams()
        .or_else(settings::why_no_prometheus)
        .or_else(|| settings::why_not_built(&[KUBE_STATE_METRICS]));
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: tests with kube-state-metrics: {why}"));
    }
    let trial = Trial::test("its_metrics_are_what_we_ask_for", || test().map_err(Failed::from));
    libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(skipped.is_some())]).exit_code()
}

fn test() -> Outcome {
    let folder = told(tempfile::tempdir())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 1, Lifetime::Ours))?;
    told(cluster.tags("registry.example.com/cart", &["1".to_owned()]))?;
    told(cluster.apply(include_str!("kube_state_metrics/objects.yaml"), "tests"))?;
    let target = told(cluster.kube_state_metrics())?;
    let monitoring = told(Monitoring::of(&folder.path().join("metrics"), Lifetime::Ours))?;
    let scrapes = format!(
        "- {{job_name: kube-state-metrics, honor_labels: true, static_configs: [{{targets: [\"{target}\"]}}]}}"
    );
    told(monitoring.start(&Setup {
        scrape_configs: &scrapes,
        evaluation_interval: "1s",
        ..Setup::default()
    }))?;
    let server = Server::start(&["--prometheus-url", &monitoring.prometheus()])?;
    for metric in asked() {
        there(&server, &metric)?;
    }
    for query in JOINED {
        there(&server, query)?;
    }
    // The pod without an image is there a while before it waits.
    there(&server, r#"kube_pod_container_status_waiting_reason{reason="ImagePullBackOff"}"#)?;
    there(&server, r#"kube_deployment_status_replicas_unavailable{deployment="web"} == 0"#)?;
    for (workload, metric) in [
        ("web", "kube_deployment_status_replicas_unavailable"),
        ("cart", "kube_pod_container_status_waiting_reason"),
        ("db", "kube_statefulset_status_replicas_ready"),
        ("agent", "kube_daemonset_status_number_unavailable"),
    ] {
        let arguments = json!({"namespace": "shop", "workload": workload});
        contains(&server.text("find_metrics_for", arguments)?, &[metric, "_restarts_total"])?;
    }
    // Its last moment may be one before the first scrape.
    told(program::retry(PATIENCE, || {
        let survey = server.text("metrics_survey", json!({"since": "1m"}));
        let told = ["ResourceQuota shop/pods", "HorizontalPodAutoscaler shop/web"];
        Ok(survey.and_then(|it| contains(&it, &told)).map_err(std::io::Error::other)?)
    }))
}

/// The names of metrics that our tools ask for.
fn asked() -> BTreeSet<String> {
    let words =
        ASKED.iter().flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '_')));
    let found: BTreeSet<String> =
        words.filter(|word| word.starts_with("kube_")).map(str::to_owned).collect();
    assert!(found.len() > 10, "{found:?}");
    found
}

/// Waits until a query has series.
fn there(server: &Server, query: &str) -> Outcome {
    told(program::retry(PATIENCE, || {
        let said = server.said("run_promql", json!({"query": query}));
        let said = said.map_err(std::io::Error::other)?;
        let is_there = said.starts_with(|c: char| c.is_ascii_digit());
        if is_there { Ok(()) } else { Err(std::io::Error::other(format!("{query}: {said}")))? }
    }))
}
