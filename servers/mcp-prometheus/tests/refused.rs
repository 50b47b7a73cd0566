//! A Prometheus that refuses some reads, on loopback: what could not be read is said, and is not told as nothing.
#![allow(clippy::unwrap_used, reason = "a test")]

use evidence::fact::Body;
use evidence::testimony::Gap;
use mcp::client::Specialist;
use mcp::client::reply::Reply;
use mcp_prometheus::server::Prometheus;
use mcp_prometheus::settings::Settings;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// No series, and no alerts.
const NOTHING: (u16, &str) =
    (200, r#"{"status":"success","data":{"resultType":"vector","result":[],"alerts":[]}}"#);
const NO_NAMES: (u16, &str) = (200, r#"{"status":"success","data":[]}"#);
const FORBIDDEN: (u16, &str) = (403, "not for you");

/// What a tool says of a Prometheus that answers so to a path with its query, or with the form that is sent to it.
fn told(
    tool: &str,
    arguments: Value,
    facts: bool,
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> Reply {
    told_to(None, tool, arguments, facts, answer)
}

/// The same where these matchers are enforced.
fn told_to(
    enforced: Option<&str>,
    tool: &str,
    arguments: Value,
    facts: bool,
    answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
) -> Reply {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut settings = Settings::default();
        let url = format!("http://{}", listener.local_addr().unwrap());
        settings.prometheus.prometheus_url = Some(url.parse().unwrap());
        settings.prometheus.prometheus_request_timeout = 30;
        settings.prometheus.prometheus_enforced_matchers = enforced.map(|it| it.parse().unwrap());
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(respond(stream, Arc::clone(&answer)));
            }
        });
        let server = mcp_prometheus::tools::server(Arc::new(Prometheus::open(settings)));
        let server = Specialist::in_memory(server).await.unwrap();
        let Value::Object(arguments) = arguments else { return Reply::default() };
        let stop = CancellationToken::new();
        server.call(tool, arguments, facts, TIMEOUT, &stop).await.unwrap()
    })
}

/// Reads one request and answers it.
async fn respond(mut stream: TcpStream, answer: Arc<impl Fn(&str) -> (u16, String)>) {
    let mut request = Vec::new();
    let (head, body) = loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|it| {
                let (name, value) = it.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
        if stream.read_buf(&mut request).await.unwrap() == 0 {
            return;
        }
    };
    let path = head.split(' ').nth(1).unwrap();
    let (status, body) = answer(&format!("{path} {body}"));
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes()).await.unwrap();
}

fn said((status, body): (u16, &str)) -> (u16, String) {
    (status, body.to_owned())
}

#[test]
fn a_namespace_is_not_unknown_where_namespaces_could_not_be_read() {
    let arguments = json!({"namespace": "shop", "workload": "web"});
    let reply = told("find_metrics_for", arguments, false, |asked| {
        // The metrics' names are read; the namespaces and workloads that there are, are not.
        said(if asked.contains("count%20by%20%28__name__%29") { NOTHING } else { FORBIDDEN })
    });
    let failure = reply.failure.unwrap();
    assert_eq!(failure.message, "no metric of namespace shop names the workload web");
    assert!(failure.hint.starts_with("what it names instead could not be read"), "{failure:?}");
}

#[test]
fn labels_that_could_not_be_read_are_not_none() {
    let reply = told("list_label_values", json!({"label": "pods"}), false, |asked| {
        said(if asked.starts_with("/api/v1/label/pods/") { NO_NAMES } else { FORBIDDEN })
    });
    let failure = reply.failure.unwrap();
    assert_eq!(failure.message, "no series has the label pods");
    assert!(failure.hint.starts_with("which labels there are could not be read"), "{failure:?}");
}

/// What the survey could not see, of a Prometheus with these names of metrics, whose targets are answered so.
fn gaps(names: &'static str, targets: (u16, &'static str)) -> Vec<String> {
    let reply = told("metrics_survey", Value::Object(Map::new()), true, move |asked| match asked {
        path if path.starts_with("/api/v1/targets") => said(targets),
        path if path.starts_with("/api/v1/label/") => said((200, names)),
        _ => said(NOTHING),
    });
    reply.testimony.unwrap().gaps.into_iter().map(|it| it.what).collect()
}

#[test]
fn targets_that_may_not_be_read_are_a_gap_and_those_of_thanos_are_none() {
    assert_eq!(gaps(NO_NAMES.1, FORBIDDEN), ["scrape targets"]);
    assert_eq!(gaps(NO_NAMES.1, (404, "404 page not found")), Vec::<String>::new());
}

#[test]
fn names_of_metrics_that_were_not_read_are_a_gap() {
    let names: Vec<String> = (0..50_001).map(|at| format!("m{at}")).collect();
    let names = json!({"status": "success", "data": names}).to_string();
    assert_eq!(gaps(names.leak(), (404, "")), ["signals of further metrics"]);
}

/// What VictoriaMetrics 1.130 answers where nothing is scraped and no vmalert is behind it, word for word; the statistics of its
/// database are shortened.
fn victoria_metrics(asked: &str) -> (u16, String) {
    let path = asked.split([' ', '?']).next().unwrap_or_default();
    said(match path {
        "/api/v1/status/buildinfo" => (200, r#"{"status":"success","data":{"version":"2.24.0"}}"#),
        "/api/v1/rules" => (200, r#"{"status":"success","data":{"groups":[]}}"#),
        "/api/v1/alerts" => (200, r#"{"status":"success","data":{"alerts":[]}}"#),
        "/api/v1/targets" => {
            (200, r#"{"status":"success","data":{"activeTargets":[],"droppedTargets":[]}}"#)
        }
        "/api/v1/status/tsdb" => (
            200,
            r#"{"status":"success","data":{"totalSeries":1613,"totalLabelValuePairs":6797,"seriesCountByMetricName":[{"name":"flag","value":256,"requestsCount":0,"lastRequestTimestamp":0}]}}"#,
        ),
        "/api/v1/query" => NOTHING,
        path if path.starts_with("/api/v1/label/") => NO_NAMES,
        _ => (400, "unsupported path requested: \"/api/v1/status/runtimeinfo\""),
    })
}

/// What a tool says of it, and what it could not see.
fn of_victoria_metrics(tool: &str) -> (String, Vec<Gap>) {
    let of = |facts| told(tool, Value::Object(Map::new()), facts, victoria_metrics);
    (of(false).text, of(true).testimony.unwrap_or_default().gaps)
}

#[test]
fn rules_that_others_evaluate_are_not_none() {
    for tool in ["list_rules", "check_alerts", "metrics_survey"] {
        let (text, gaps) = of_victoria_metrics(tool);
        let why = "VictoriaMetrics evaluates no rules itself, and knows of none";
        assert!(text.contains(&format!("incomplete: rules and their alerts: {why}")), "{text}");
        let gap = gaps.iter().find(|it| it.why == why).unwrap();
        assert_eq!(gap.remedy, "start VictoriaMetrics with -vmalert.proxyURL", "{tool}");
    }
}

#[test]
fn rules_that_others_evaluate_are_not_none_of_a_kind() {
    let of = |enforced, all: &'static str| {
        told_to(enforced, "list_rules", json!({"type": "record"}), true, move |asked| match asked {
            path if path.starts_with("/api/v1/rules ") => said((200, all)),
            path => victoria_metrics(path),
        })
    };
    let alone = r#"{"status":"success","data":{"groups":[{"name":"g","rules":[{"name":"A","query":"up","type":"alerting"}]}]}}"#;
    assert_eq!(of(None, alone).testimony.unwrap_or_default().gaps, []);
    let none = r#"{"status":"success","data":{"groups":[]}}"#;
    assert_eq!(of(None, none).testimony.unwrap().gaps.len(), 1);
    // Those of others may have been left out, and there may be none.
    let gaps = of(Some("namespace=\"shop\""), none).testimony.unwrap().gaps;
    assert!(gaps[0].why.ends_with("none that the enforced matchers let through"), "{gaps:?}");
}

#[test]
fn rules_that_may_not_be_read_are_a_gap_where_no_alert_is_told() {
    let reply = told("check_alerts", Value::Object(Map::new()), true, |asked| match asked {
        path if path.starts_with("/api/v1/rules") => said(FORBIDDEN),
        path => victoria_metrics(path),
    });
    let gaps = reply.testimony.unwrap().gaps;
    let gap = gaps.iter().find(|it| it.what == "rules and their alerts").unwrap();
    assert!(gap.remedy.contains("/api/v1/rules"), "{gap:?}");
}

#[test]
fn targets_that_others_scrape_are_not_all_up() {
    for tool in ["list_targets", "metrics_survey"] {
        let (text, _) = of_victoria_metrics(tool);
        assert!(text.contains("`up == 0` in run_promql tells those"), "{tool}: {text}");
        assert!(!text.contains("0 targets are down"), "{tool}: {text}");
        assert!(!text.contains("0 down"), "{tool}: {text}");
    }
    let reply = told("list_targets", json!({"job": "web"}), false, victoria_metrics);
    assert!(reply.text.contains("none is scraped here"), "{reply:?}");
}

#[test]
fn no_secret_of_a_target_without_an_instance_is_told() {
    const TARGETS: &str = r#"{"status":"success","data":{"activeTargets":[{"labels":{"job":"web"},"scrapePool":"web","scrapeUrl":"http://10.0.0.9/metrics?token=hunter2","lastError":"Get \"http://10.0.0.9/metrics?token=hunter2\": EOF","health":"down"}]}}"#;
    for (tool, facts) in
        [("list_targets", false), ("metrics_survey", false), ("metrics_survey", true)]
    {
        let reply = told(tool, Value::Object(Map::new()), facts, |asked| match asked {
            path if path.starts_with("/api/v1/targets") => said((200, TARGETS)),
            path if path.starts_with("/api/v1/label/") => said(NO_NAMES),
            _ => said(NOTHING),
        });
        let told = format!("{} {:?}", reply.text, reply.testimony);
        assert!(told.contains("10.0.0.9"), "{tool}: {told}");
        assert!(!told.contains("hunter2"), "{tool}: {told}");
    }
}

#[test]
fn no_part_of_a_secret_in_a_long_error_is_told() {
    let error = format!("proxy: password=hunter2swordfish {}", "and so on ".repeat(15));
    let target = json!({"labels": {"job": "web"}, "lastError": error, "health": "down"});
    let targets = json!({"status": "success", "data": {"activeTargets": [target]}}).to_string();
    let reply =
        told("list_targets", Value::Object(Map::new()), false, move |_| said((200, &targets)));
    assert!(reply.text.contains("and so on"), "{}", reply.text);
    assert!(!reply.text.contains("fish"), "{}", reply.text);
}

/// What run_promql replies about three series with these values of a label, each of which stays as it is.
fn samples(urls: [&str; 3], form: &str) -> Reply {
    let series = urls.map(|it| json!({"metric": {"url": it}, "values": [[1.0, "1"], [2.0, "1"]]}));
    let data = json!({"resultType": "matrix", "result": series});
    let body = json!({"status": "success", "data": data}).to_string();
    let arguments = json!({"query": "probe_success[1h]", "format": form});
    told("run_promql", arguments, false, move |_| said((200, &body)))
}

#[test]
fn no_secret_in_a_label_is_told_in_two_parts() {
    let urls = ["https://svc:S3cretA@a/", "https://svc:Tr0ub@b/", "https://svc:Xyz9@c/"];
    let text = samples(urls, "text").text;
    assert!(text.contains("<redacted "), "{text}");
    for secret in ["S3cretA", "Tr0ub", "Xyz9"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn programs_get_every_column_of_samples() {
    let reply = samples(["a", "b", "c"], "json");
    let columns = reply.structured["columns"].to_string();
    assert!(columns.contains("FIRST") && columns.contains("LEVEL"), "{columns}");
}

#[test]
fn a_database_without_a_head_has_series() {
    let (text, gaps) = of_victoria_metrics("get_tsdb_stats");
    assert!(text.starts_with("VictoriaMetrics: 1613 series today."), "{text}");
    assert!(text.contains("does not tell its retention"), "{text}");
    assert_eq!(gaps, []);
}

/// A rule as Thanos 0.42 answers it, of a Prometheus with the external label `cluster`.
const OF_THANOS: &str = r#"{"status":"success","data":{"groups":[{"name":"g","file":"rules.yaml","rules":[{"state":"firing","name":"TargetDown","query":"count by (job) (up == 0) > 0.1","duration":0,"labels":{"cluster":"one","severity":"warning"},"annotations":{},"alerts":[{"labels":{"alertname":"TargetDown","job":"payments","severity":"warning"},"annotations":{},"state":"firing","activeAt":"2026-11-22T09:09:16.807822177Z","value":"1e+00","partialResponseStrategy":"WARN"}],"health":"ok","evaluationTime":0.0003,"lastEvaluation":"2026-11-22T09:10:45.8Z","keepFiringFor":0,"type":"alerting"}]}]}}"#;

#[test]
fn an_alert_without_the_external_labels_of_its_rule_is_its_own() {
    let arguments = json!({"alertname": "TargetDown"});
    let text = told("explain_alert", arguments, false, |asked| {
        said(if asked.starts_with("/api/v1/rules") { (200, OF_THANOS) } else { NOTHING })
    });
    assert!(text.text.contains("! job=payments: firing"), "{}", text.text);
}

#[test]
fn advice_about_our_own_queries_is_not_told() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]},
        "warnings":["a store is down"],
        "infos":["PromQL info: metric might not be a counter: \"node_netstat_Tcp_OutSegs\""]}"#;
    let names = r#"{"status":"success","data":["node_netstat_Tcp_RetransSegs","node_netstat_Tcp_OutSegs"]}"#;
    let survey = told("metrics_survey", Value::Object(Map::new()), false, move |asked| {
        said(match asked {
            path if path.starts_with("/api/v1/query_range") => (200, body),
            path if path.starts_with("/api/v1/label/") => (200, names),
            _ => NOTHING,
        })
    });
    assert!(survey.text.contains("warning: a store is down"), "{}", survey.text);
    assert!(!survey.text.contains("PromQL info"), "{}", survey.text);
}

#[test]
fn what_a_store_behind_thanos_did_not_tell_is_a_gap() {
    let body = r#"{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["fetch series for {cluster=\"one\"} Addr: 127.0.0.1:19091: rpc error: code = Unavailable desc = connection refused"]}"#;
    let of = |facts| {
        told("run_promql", json!({"query": "up"}), facts, move |asked| {
            said(if asked.starts_with("/api/v1/query ") { (200, body) } else { NO_NAMES })
        })
    };
    let text = of(false).text;
    assert!(text.contains("incomplete: what some stores hold: stores behind it did not"), "{text}");
    assert_eq!(of(true).testimony.unwrap().gaps.len(), 1);
}

#[test]
fn advice_about_our_own_queries_at_a_moment_is_not_told() {
    let advised = r#"{"status":"success","data":{"resultType":"vector","result":[]},"infos":["PromQL info: metric might not be a counter: \"a\""]}"#;
    let text = told("run_promql", json!({"query": "sum(a)"}), false, move |asked| {
        said(match asked {
            path if path.starts_with("/api/v1/query ") && path.contains("count") => (200, advised),
            path if path.starts_with("/api/v1/label/") => NO_NAMES,
            _ => NOTHING,
        })
    });
    assert!(!text.text.contains("PromQL info"), "{}", text.text);
}

/// What explain_alert finds lacking of `up{instance="a",job="weekly"}` where these values of `job` are known of any metric in a
/// week, instances are too many to be read, and these answers are warned of so.
fn lacks(jobs: &'static str, warning: &'static str) -> Vec<(String, String)> {
    const RULES: &str = r#"{"status":"success","data":{"groups":[{"name":"g","rules":[{"state":"inactive","name":"A","query":"up{instance=\"a\",job=\"weekly\"} == 0","type":"alerting","health":"ok"}]}]}}"#;
    let names = move |names: &str| {
        (200, format!(r#"{{"status":"success","data":[{names}],"warnings":[{warning}]}}"#))
    };
    let instances: Vec<String> = (0..50_001).map(|at| format!("\"i{at}\"")).collect();
    let instances = instances.join(",");
    let reply = told("explain_alert", json!({"alertname": "A"}), true, move |asked| match asked {
        path if path.starts_with("/api/v1/rules") => said((200, RULES)),
        path if path.starts_with("/api/v1/label/__name__") => names(r#""up""#),
        path if path.starts_with("/api/v1/label/job") && path.contains("match") => {
            names(r#""web""#)
        }
        path if path.starts_with("/api/v1/label/job") => names(jobs),
        path if path.starts_with("/api/v1/label/instance") => names(&instances),
        _ => said(NOTHING),
    });
    let facts = reply.testimony.unwrap().facts;
    let of = |body: &Body| match body {
        Body::AlertingRule(rule) => rule.lacks.clone(),
        _ => Vec::new(),
    };
    facts.iter().flat_map(|it| of(&it.body)).map(|it| (it.label, it.value)).collect()
}

#[test]
fn what_some_series_bears_is_not_lacking() {
    assert_eq!(lacks(r#""web""#, ""), [("job".to_owned(), "weekly".to_owned())]);
    assert_eq!(lacks(r#""web","weekly""#, ""), []);
}

#[test]
fn what_a_store_that_did_not_answer_may_have_is_not_lacking() {
    let warning = r#""receive labels: rpc error: code = Unavailable desc = connection refused""#;
    assert_eq!(lacks(r#""web""#, warning), []);
}
