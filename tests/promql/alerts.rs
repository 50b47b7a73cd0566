//! Alerts of a snapshot, handed to promtool as what its own evaluation of the same rules must come to.

use crate::{Outcome, Replayed, answer, told};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use xtask::cluster::api::Api;
use xtask::install::Cache;
use xtask::monitoring;

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
