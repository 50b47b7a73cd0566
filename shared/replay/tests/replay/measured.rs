//! A snapshot as Prometheus and Alertmanager: what they answer, and what they refuse.

use crate::written::{ABOUT, get, load, refusal, send};
use http::Method;
use replay::alertmanager::Alertmanager;
use replay::prometheus::Prometheus;
use serde_json::{Value, json};
use std::sync::Arc;

/// 2026-11-21T12:00:00Z, when the snapshot is taken.
const NOW: i64 = 1_795_262_400;

/// A counter, and two targets of which one is down since five minutes.
fn metrics() -> String {
    let mut text =
        String::from("# TYPE http_requests counter\n# HELP http_requests All of them.\n");
    for minute in (0..=60).rev() {
        let (at, count) = (NOW - minute * 60, (60 - minute) * 30);
        text.push_str(&format!("http_requests_total{{job=\"web\",code=\"200\"}} {count} {at}\n"));
        text.push_str(&format!("up{{job=\"web\",instance=\"a:80\"}} 1 {at}\n"));
        let up = i64::from(minute > 5);
        text.push_str(&format!("up{{job=\"web\",instance=\"b:80\"}} {up} {at}\n"));
    }
    text.push_str("# EOF\n");
    text
}

const RULES: &str = "
groups:
- name: targets
  rules:
  - alert: TargetDown
    expr: up == 0
    for: 5m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.instance }} is {{ $value }}'}
  - alert: TargetLongDown
    expr: up == 0
    for: 15m
  - {alert: TargetGone, expr: absent(up)}
  - {record: 'job:up:sum', expr: sum by (job) (up)}
";

const ALERTS: &str = r#"[
{"labels":{"alertname":"TargetDown","instance":"b:80","severity":"page"},"startsAt":"2026-11-21T11:55:00Z","receivers":[{"name":"team"}],
 "status":{"state":"suppressed","silencedBy":["s1"],"inhibitedBy":[]},"fingerprint":"b"},
{"labels":{"alertname":"Watchdog"},"startsAt":"2026-11-01T00:00:00Z","fingerprint":"a"},
{"labels":{"alertname":"Over"},"startsAt":"2026-11-01T00:00:00Z","endsAt":"2026-11-02T00:00:00Z"}]"#;

const SILENCES: &str = r#"[
{"id":"s0","status":{"state":"expired"},"updatedAt":"2026-11-01T00:00:00Z","startsAt":"2026-11-01T00:00:00Z","endsAt":"2026-11-02T00:00:00Z","matchers":[]},
{"id":"s1","status":{"state":"active"},"updatedAt":"2026-11-21T11:00:00Z","startsAt":"2026-11-21T11:00:00Z","endsAt":"2026-11-21T13:00:00Z",
 "comment":"known","createdBy":"kim","matchers":[{"name":"instance","value":"b:80","isRegex":false}]}]"#;

fn prometheus() -> Prometheus {
    let files = [("prometheus/a.om", &*metrics()), ("prometheus/rules.yaml", RULES)];
    Prometheus::of(Arc::new(load(&files).unwrap()))
}

fn alertmanager() -> Alertmanager {
    let files = [("alertmanager/alerts.json", ALERTS), ("alertmanager/silences.json", SILENCES)];
    Alertmanager::of(Arc::new(load(&files).unwrap()))
}

async fn data(path: &str) -> Value {
    let (status, mut body) = get(&prometheus(), path).await;
    assert_eq!((status, body["status"].as_str()), (200, Some("success")), "{body}");
    body["data"].take()
}

#[tokio::test]
async fn a_query_without_a_time_is_evaluated_when_the_snapshot_was_taken() {
    let rate = data("/api/v1/query?query=rate(http_requests_total%5B10m%5D)").await;
    let expected = json!({"resultType": "vector",
        "result": [{"metric": {"job": "web", "code": "200"}, "value": [NOW, "0.5"]}]});
    assert_eq!(rate, expected);
}

#[tokio::test]
async fn a_range_query_has_a_value_at_each_step() {
    let path = format!("/api/v1/query_range?query=sum(up)&start={}&end={NOW}&step=5m", NOW - 600);
    let sums = &data(&path).await["result"][0]["values"];
    assert_eq!(*sums, json!([[NOW - 600, "2"], [NOW - 300, "1"], [NOW, "1"]]));
}

#[tokio::test]
async fn a_query_may_be_posted() {
    let form = "application/x-www-form-urlencoded";
    let request = ::http::Request::post("/api/v1/query").header("content-type", form);
    let request = request.body(bytes::Bytes::from_static(b"query=1%2B1")).unwrap();
    let response = readonly::transport::Transport::send(&prometheus(), request).await.unwrap();
    assert_eq!(response.status(), 200);
    let (status, _) = send(&prometheus(), Method::DELETE, "/api/v1/series", "", "").await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_envelope() {
    for (path, status, kind, words) in [
        ("query?query=up%5B", 400, "bad_data", "invalid parameter \"query\": parse error: "),
        ("query?query=up&time=x", 400, "bad_data", "invalid parameter \"time\": "),
        (
            "query?query=up%2Bon(job)up",
            422,
            "execution",
            "found duplicate series for the match group {job=\"web\"}",
        ),
        (
            "query?query=histogram_sum(up)",
            422,
            "execution",
            "histogram_sum is for native histograms",
        ),
        (
            "query_range?query=up&start=0&end=9&step=0",
            400,
            "bad_data",
            "invalid parameter \"step\": zero",
        ),
        (
            "query_range?query=up&start=0&end=99999&step=1",
            400,
            "bad_data",
            "exceeded maximum resolution",
        ),
        ("series", 400, "bad_data", "no match[] parameter provided"),
        ("status/config", 503, "unavailable", "a snapshot does not hold status/config"),
        ("status/runtimeinfo", 503, "unavailable", "a snapshot does not hold status/runtimeinfo"),
    ] {
        let (code, body) = get(&prometheus(), &format!("/api/v1/{path}")).await;
        assert_eq!((code, &body["errorType"]), (status, &json!(kind)), "{path}: {body}");
        assert!(body["error"].as_str().unwrap().starts_with(words), "{path}: {body}");
    }
    let (code, body) = get(&prometheus(), "/api/v2/query").await;
    assert_eq!((code, body), (404, json!("404 page not found\n")));
}

#[tokio::test]
async fn a_query_that_would_take_the_stack_or_for_ever_is_refused() {
    let long = "1%2B".repeat(5000) + "1";
    let deep = "(".repeat(500) + "1" + &")".repeat(500);
    for (query, words) in [
        (long.as_str(), "nested deeper than"),
        (deep.as_str(), "nested deeper than"),
        (&"x".repeat(17_000), "longer than"),
        ("count_over_time(vector(1)%5B1000d:1ms%5D)", "query timed out"),
    ] {
        let (status, body) = get(&prometheus(), &format!("/api/v1/query?query={query}")).await;
        assert!(status == 400 || status == 503, "{body}");
        assert!(body["error"].as_str().unwrap().contains(words), "{body}");
    }
}

#[tokio::test]
async fn what_there_is_is_found() {
    assert_eq!(data("/api/v1/labels?match[]=up").await, json!(["__name__", "instance", "job"]));
    assert_eq!(data("/api/v1/label/instance/values").await, json!(["a:80", "b:80"]));
    let series = data("/api/v1/series?match[]=up%7Binstance=~%22b.*%22%7D").await;
    assert_eq!(series, json!([{"__name__": "up", "instance": "b:80", "job": "web"}]));
    let early = format!("/api/v1/label/job/values?end={}", NOW - 7200);
    assert_eq!(data(&early).await, json!([]));
    let metadata = data("/api/v1/metadata").await;
    let expected = json!([{"type": "counter", "help": "All of them.", "unit": ""}]);
    assert_eq!(metadata, json!({"http_requests": expected}));
}

#[tokio::test]
async fn targets_are_told_by_up() {
    let targets = data("/api/v1/targets").await;
    let told: Vec<Value> = targets["activeTargets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| json!([target["labels"]["instance"], target["scrapePool"], target["health"]]))
        .collect();
    assert_eq!(told, [json!(["a:80", "web", "up"]), json!(["b:80", "web", "down"])]);
}

#[tokio::test]
async fn rules_are_judged_when_the_snapshot_was_taken() {
    let rules = data("/api/v1/rules").await;
    let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
    let states: Vec<&Value> = rules.iter().map(|rule| &rule["state"]).collect();
    assert_eq!(states, [&json!("firing"), &json!("pending"), &json!("inactive"), &Value::Null]);
    let alerts = data("/api/v1/alerts").await;
    let expected = json!({"labels": {"alertname": "TargetDown", "instance": "b:80", "job": "web", "severity": "page"},
        "annotations": {"summary": "b:80 is 0"}, "state": "firing", "activeAt": "2026-11-21T11:55:00Z", "value": "0e+00"});
    assert_eq!(alerts["alerts"][0], expected);
}

/// A rule that cannot be evaluated at some minutes, and is true at all others; `for` is its patience.
fn failing_at(minutes: &[i64]) -> String {
    let failing: Vec<String> =
        minutes.iter().map(|minute| format!("vector(time()) == {}", NOW - minute * 60)).collect();
    let twice = "label_replace(vector(1), \"a\", \"1\", \"\", \"\")";
    format!(
        "groups:\n- name: a\n  rules:\n  - alert: A\n    for: 30m\n    expr: vector(1) * on() ({twice} or ({}))\n",
        failing.join(" or ")
    )
}

async fn judged(rules: &str) -> Value {
    let files = [("prometheus/a.om", &*metrics()), ("prometheus/rules.yaml", rules)];
    let prometheus = Prometheus::of(Arc::new(load(&files).unwrap()));
    let (_, mut body) = get(&prometheus, "/api/v1/rules").await;
    body["data"]["groups"][0]["rules"][0].take()
}

#[tokio::test]
async fn a_rule_that_failed_some_time_ago_fires_now() {
    let rule = judged(&failing_at(&[20, 19, 3])).await;
    assert_eq!((&rule["state"], &rule["health"]), (&json!("firing"), &json!("ok")), "{rule}");
    assert_eq!(rule["alerts"][0]["activeAt"], "2026-11-21T11:00:00Z");
}

#[tokio::test]
async fn a_rule_that_fails_now_says_so_and_keeps_its_alerts() {
    let rule = judged(&failing_at(&[20, 0])).await;
    assert_eq!((&rule["state"], &rule["health"]), (&json!("firing"), &json!("err")), "{rule}");
    let error = rule["lastError"].as_str().unwrap();
    assert!(error.starts_with("found duplicate series for the match group {}"), "{error}");
}

#[tokio::test]
async fn what_was_not_recorded_is_not_available() {
    let about =
        format!("{ABOUT}sources:\n  prometheus: {{available: false, reason: it was down}}\n");
    let declared = [("snapshot.yaml", &*about), ("prometheus/a.om", "# EOF\n")];
    for (files, words) in [
        (&declared[..], "it was down"),
        (
            &[("kubernetes/none.yaml", "apiVersion: v1\nkind: PodList\nitems: []\n")],
            "the snapshot has no prometheus/*.om",
        ),
    ] {
        let prometheus = Prometheus::of(Arc::new(load(files).unwrap()));
        for path in ["/api/v1/query?query=up", "/-/healthy", "/api/v1/rules"] {
            let (status, body) = get(&prometheus, path).await;
            assert_eq!((status, &body["error"]), (503, &json!(words)), "{path}");
        }
    }
    let no_rules = Prometheus::of(Arc::new(load(&[("prometheus/a.om", "# EOF\n")]).unwrap()));
    let (status, body) = get(&no_rules, "/api/v1/alerts").await;
    assert_eq!((status, &body["errorType"]), (503, &json!("unavailable")));
}

#[test]
fn files_that_nobody_would_read_are_refused() {
    let stray = refusal(&[("prometheus/rules.yml", "groups: []\n")]);
    assert_eq!(stray, "prometheus/rules.yml: is neither prometheus/*.om nor prometheus/rules.yaml");
    let alone = refusal(&[("prometheus/rules.yaml", "groups: []\n")]);
    assert_eq!(
        alone,
        "prometheus/rules.yaml: cannot be judged: there is no prometheus/*.om beside it"
    );
    let stray = refusal(&[("alertmanager/alert.json", "[]")]);
    assert!(stray.starts_with("alertmanager/alert.json: is none of "), "{stray}");
    let malformed = refusal(&[("alertmanager/alerts.json", "[{\n\"labels\": {}}]")]);
    assert!(malformed.starts_with("alertmanager/alerts.json:2:"), "{malformed}");
}

#[tokio::test]
async fn alerts_are_filtered_as_alertmanager_does() {
    let names = async |path: &str| -> Vec<String> {
        let (status, alerts) = get(&alertmanager(), path).await;
        assert_eq!(status, 200, "{alerts}");
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().unwrap().to_owned();
        alerts.as_array().unwrap().iter().map(name).collect()
    };
    assert_eq!(names("/api/v2/alerts").await, ["Watchdog", "TargetDown"]);
    assert_eq!(names("/api/v2/alerts?silenced=false").await, ["Watchdog"]);
    assert_eq!(names("/api/v2/alerts?active=false").await, ["TargetDown"]);
    assert_eq!(names("/api/v2/alerts?receiver=te.*").await, ["TargetDown"]);
    assert_eq!(names("/api/v2/alerts?filter=severity%21%3D%22page%22").await, ["Watchdog"]);
    let (status, _) = get(&alertmanager(), "/api/v2/alerts?filter=x").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn what_depends_on_the_configuration_of_alertmanager_is_not_made_up() {
    for endpoint in ["status", "receivers", "alerts/groups"] {
        let (status, body) = get(&alertmanager(), &format!("/api/v2/{endpoint}")).await;
        let words = format!("a snapshot does not hold {endpoint} of Alertmanager");
        assert_eq!((status, body), (503, json!({"code": 503, "message": words})));
    }
    let (status, _) = get(&alertmanager(), "/-/ready").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn silences_that_count_come_first() {
    let (_, silences) = get(&alertmanager(), "/api/v2/silences").await;
    assert_eq!(json!([silences[0]["id"], silences[1]["id"]]), json!(["s1", "s0"]));
    let (_, silences) = get(&alertmanager(), "/api/v2/silences?filter=instance%3D%22b:80%22").await;
    assert_eq!(json!([silences[0]["id"], silences[1]]), json!(["s1", null]), "word for word");
    let (_, silence) = get(&alertmanager(), "/api/v2/silence/s1").await;
    assert_eq!(silence["endsAt"], "2026-11-21T13:00:00.000Z");
    assert_eq!(silence["matchers"][0]["isEqual"], true);
    let none = Alertmanager::of(Arc::new(load(&[]).unwrap()));
    let (status, _) = get(&none, "/api/v2/silences").await;
    assert_eq!(status, 503);
}
