//! Alerts of a snapshot, handed to promtool as what its own evaluation of the same rules must come to.

use crate::{Outcome, Replayed, answer, told};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use xtask::cluster::Lifetime;
use xtask::cluster::api::Api;
use xtask::install::Cache;
use xtask::monitoring::{self, Monitoring, Setup};
use xtask::program;

/// Rules that wait, linger, template and fail.
const RULES: &str = r#"
groups:
- name: all
  rules:
  - alert: AtOnce
    expr: temperature > 20
    labels: {severity: page, team: "{{ $labels.room | toUpper }}"}
  - alert: Waits
    expr: temperature > 20
    for: 5m
    annotations:
      summary: "{{ $labels.room }} has {{ $value }}, {{ .Value | humanize }} or {{ printf \"%.2f\" $value }} degrees"
  - alert: WaitsTooLong
    expr: temperature > 20
    for: 20m
  - alert: GoesOn
    expr: temperature{room="hall"} > 100
    keep_firing_for: 10m
  - alert: WentOut
    expr: temperature{room="hall"} > 100
    keep_firing_for: 1m
  - alert: Numbers
    expr: size
    annotations:
      all: "{{ $value }} {{ $value | humanize }} {{ $value | humanize1024 }} {{ $value | humanizePercentage }} {{ $value | humanizeDuration }}"
      format: "{{ printf \"%.1f%% of %s\" $value $labels.of }} {{- /* nothing */ -}} {{ $value | humanizeTimestamp }}"
      missing: "[{{ $labels.none }}{{ $externalLabels.none }}]"
      texts: "{{ $labels.of | title }} {{ `10.0.0.1:9100` | stripPort }} {{ reReplaceAll \"(.)l\" \"$1L\" $labels.of }}"
  - alert: Absent
    expr: absent(temperature{room="cellar"})
  - alert: Scalar
    expr: vector(1)
    for: 1h
  - {record: room:temperature:sum, expr: sum(temperature)}
"#;

/// A rule that is true at even seconds and cannot be evaluated at odd ones: there the right side is two series.
const STUMBLING: &str = r#"
groups:
- name: all
  interval: 1s
  rules:
  - alert: Stumbles
    expr: vector(2) * on() (label_replace(vector(1), "side", "right", "", "") or floor(vector(time())) % 2 == 1)
    for: 3s
    labels: {severity: page}
    annotations: {summary: "it is {{ $value }}"}
"#;
/// How long the real one may take until it has seen both.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured each minute, for half an hour.
fn measured() -> Vec<(String, Vec<f64>)> {
    let minutes = 0..=30;
    let mut series = vec![
        (r#"temperature{room="attic"}"#.to_owned(), minutes.clone().map(f64::from).collect()),
        // Hot until four minutes ago.
        (
            r#"temperature{room="hall"}"#.to_owned(),
            minutes.clone().map(|minute| if minute < 26 { 150.0 } else { 10.0 }).collect(),
        ),
    ];
    for (of, value) in [
        ("small", 0.000_123_45),
        ("less", 0.25),
        ("one", 1.0),
        ("minute", 93.5),
        ("large", 1_234_567.0),
        ("huge", 3e9),
        ("negative", -4321.0),
        ("zero", 0.0),
        ("nan", f64::NAN),
    ] {
        series.push((format!(r#"size{{of="{of}"}}"#), minutes.clone().map(|_| value).collect()));
    }
    series
}

pub(crate) fn fire_as_promtool_says() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let series = measured();
    let mut text = String::new();
    for (name, values) in &series {
        for (minute, value) in values.iter().enumerate() {
            writeln!(text, "{name} {value} {}", minute * 60).unwrap();
        }
    }
    text.push_str("# EOF\n");
    let files = [("prometheus/all.om", text.as_str()), ("prometheus/rules.yaml", RULES)];
    let replayed = Replayed::start(&folder.path().join("snapshot"), 1800, &files)?;
    let api = told(Api::at(&replayed.address))?;
    let (_, alerts) = answer(told(api.get("/api/v1/alerts", "*/*"))?)?;
    let (_, rules) = answer(told(api.get("/api/v1/rules?type=alert", "*/*"))?)?;
    promtool(folder.path(), &series, &expected(&rules, &alerts))
}

/// Promtool ends where a rule fails, so this one is judged by a Prometheus that runs. Its seconds are not those of the
/// replay; what it says of an even and of an odd one is the same.
pub(crate) fn outlive_failures() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let monitoring = told(Monitoring::of(&folder.path().join("real"), Lifetime::Ours))?;
    told(monitoring.start(&Setup::default()))?;
    // Rules that were there from the start would have an Alertmanager beside them.
    std::fs::write(folder.path().join("real/rules.yaml"), STUMBLING).unwrap();
    let real = told(Api::at(&monitoring.prometheus()))?;
    told(real.post("/-/reload", ""))?;
    for (second, health) in [(1_700_000_000, "ok"), (1_700_000_001, "err")] {
        let metrics = format!("beat 1 {}\n# EOF\n", second - 60);
        let files = [("prometheus/all.om", metrics.as_str()), ("prometheus/rules.yaml", STUMBLING)];
        let replayed = Replayed::start(&folder.path().join(health), second, &files)?;
        let ours = stumbling(&told(Api::at(&replayed.address))?)?;
        told(program::retry(PATIENCE, || {
            let real = stumbling(&real).map_err(std::io::Error::other)?;
            if real == ours && real["state"] == "firing" && real["health"] == health {
                return Ok(());
            }
            Err(std::io::Error::other(format!("{real} instead of {ours}")).into())
        }))?;
    }
    Ok(())
}

/// What a Prometheus says of the rule, but for the times.
fn stumbling(api: &Api) -> Outcome<Value> {
    let (_, said) = answer(told(api.get("/api/v1/rules", "*/*"))?)?;
    let rule = &said["data"]["groups"][0]["rules"][0];
    let alert = &rule["alerts"][0];
    Ok(json!({"state": rule["state"], "health": rule["health"], "error": rule["lastError"],
        "alert": [alert["state"], alert["value"], alert["labels"], alert["annotations"]]}))
}

/// The alerts that fire, by the name of their rule; none of a rule that fires none.
fn expected(rules: &Value, alerts: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut expected = BTreeMap::new();
    for rule in rules["data"]["groups"][0]["rules"].as_array().unwrap() {
        expected.insert(rule["name"].as_str().unwrap().to_owned(), Vec::new());
    }
    for alert in alerts["data"]["alerts"].as_array().unwrap() {
        if alert["state"] == "firing" {
            let mut labels = alert["labels"].as_object().unwrap().clone();
            let name = labels.remove("alertname").unwrap();
            let alert = json!({"exp_labels": labels, "exp_annotations": alert["annotations"]});
            expected.get_mut(name.as_str().unwrap()).unwrap().push(alert);
        }
    }
    expected
}

fn promtool(
    folder: &Path,
    series: &[(String, Vec<f64>)],
    expected: &BTreeMap<String, Vec<Value>>,
) -> Outcome {
    let series: Vec<Value> = series
        .iter()
        .map(|(name, values)| {
            let values: Vec<String> = values.iter().map(f64::to_string).collect();
            json!({"series": name, "values": values.join(" ")})
        })
        .collect();
    let alerts: Vec<Value> = expected
        .iter()
        .map(|(name, alerts)| json!({"alertname": name, "eval_time": "30m", "exp_alerts": alerts}))
        .collect();
    let test = json!({"rule_files": ["rules.yaml"], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": alerts}]});
    let file = folder.join("test.yaml");
    std::fs::write(&file, test.to_string()).unwrap();
    std::fs::write(folder.join("rules.yaml"), RULES).unwrap();
    let cache = told(Cache::of_the_user())?;
    let said = told(monitoring::promtool(&cache, &["test", "rules", &file.display().to_string()]))?;
    let firing: usize = expected.values().map(Vec::len).sum();
    xtask::program::say(&format!("{firing} alerts of {} rules: {}", expected.len(), said.trim()));
    Ok(())
}
