//! From a question to a verdict over a hand-written snapshot, through the servers' own protocol.
#![cfg(test)]

use inquest::command::run;
use serde_json::Value;
use std::ffi::OsString;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/image_not_found");

/// The exit code, standard output and standard error of `inquest ARGS...`.
async fn inquest(args: &[&str]) -> (u8, String, String) {
    let args = ["inquest"].iter().chain(args).map(OsString::from).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(args, &mut out, &mut err).await;
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

async fn report(args: &[&str]) -> Value {
    let fixed = ["investigate", "--snapshot", SNAPSHOT, "--format", "json"];
    let args: Vec<&str> = fixed.into_iter().chain(args.iter().copied()).collect();
    let (code, out, err) = inquest(&args).await;
    assert_eq!(code, 0, "{err}{out}");
    serde_json::from_str(&out).unwrap()
}

#[tokio::test]
async fn the_question_of_the_story_is_answered() {
    let report = report(&["why is the pod in terranetes namespace not running?"]).await;
    assert_eq!(report["verdict"], "root_cause_found");
    assert_eq!(report["scope"]["cluster"], "tiny");
    assert_eq!(report["scope"]["namespaces"][0], "terranetes");
    let cause = &report["root_causes"][0];
    assert_eq!(cause["failure_mode"], "IMG-01");
    assert_eq!(cause["subject"]["kind"], "Deployment");
    assert_eq!(cause["subject"]["name"], "web");
}

#[tokio::test]
async fn the_broken_namespace_is_found_unnamed() {
    let report = report(&[]).await;
    assert_eq!(report["root_causes"][0]["subject"]["name"], "web");
}

#[tokio::test]
async fn a_workload_is_found_by_its_bare_name() {
    let report = report(&["why is web down?"]).await;
    assert_eq!(report["scope"]["workload"], "Deployment/web");
    assert_eq!(report["scope"]["namespaces"][0], "terranetes");
}

#[tokio::test]
async fn the_same_question_gives_the_same_report() {
    assert_eq!(report(&[]).await, report(&[]).await);
}

#[tokio::test]
async fn a_calm_namespace_is_called_healthy() {
    let report = report(&["--namespace", "calm"]).await;
    assert_eq!(report["verdict"], "no_fault_found");
}

#[tokio::test]
async fn an_unknown_namespace_is_wrong_usage_with_the_nearest_names() {
    let (code, out, err) =
        inquest(&["investigate", "--snapshot", SNAPSHOT, "-n", "teranetes"]).await;
    assert_eq!((code, out.as_str()), (64, ""), "{err}");
    assert!(
        err.contains("teranetes") && err.contains("terranetes") && err.lines().count() == 1,
        "{err}"
    );
}

#[tokio::test]
async fn an_unknown_workload_is_wrong_usage_with_the_nearest_names() {
    for workload in ["deployment/wbe", "pod/wbe"] {
        let args =
            ["investigate", "--snapshot", SNAPSHOT, "-n", "terranetes", "--workload", workload];
        let (code, out, err) = inquest(&args).await;
        assert_eq!((code, out.as_str()), (64, ""), "{workload}: {err}");
        assert!(err.contains("wbe") && err.contains("web") && err.lines().count() == 1, "{err}");
    }
}

#[tokio::test]
async fn eval_counts_the_scenario_as_right() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let (code, out, err) = inquest(&["eval", folder, "--format", "json"]).await;
    assert_eq!(code, 0, "{err}");
    let eval: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(eval["tally"]["families"]["image"]["right"], 1, "{out}");
    assert_eq!(eval["tally"]["total"]["false_alarms"], 0);
}

#[tokio::test]
async fn eval_measures_what_each_part_is_worth() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let (code, out, err) = inquest(&["eval", folder, "--ablation", "--format", "json"]).await;
    assert_eq!(code, 0, "{err}");
    let rows: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(rows[0]["without"], "nothing");
    let pods = rows.as_array().unwrap().iter().find(|row| row["without"] == "pods").unwrap();
    assert!(pods["became_silent"].as_u64().unwrap() > 0, "{out}");
    assert_eq!(pods["became_wrong"], serde_json::json!([]));
}

#[tokio::test]
async fn a_fault_that_nobody_knows_is_not_taken_for_another() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let (code, out, err) = inquest(&["eval", folder, "--unknown", "--format", "json"]).await;
    assert_eq!(code, 0, "{err}");
    let all: Value = serde_json::from_str(&out).unwrap();
    let faults = all["scenarios"].as_array().unwrap().iter();
    let faults: Vec<&Value> = faults.filter(|it| it["family"] != "healthy").collect();
    assert!(!faults.is_empty());
    assert!(faults.iter().all(|it| it["judged"] == "abstained"), "{out}");
}

#[tokio::test]
async fn an_unknown_part_to_leave_out_is_wrong_usage() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let (code, _, err) = inquest(&["eval", folder, "--without", "R99"]).await;
    assert_eq!(code, 64);
    assert!(err.contains("R99") && err.contains("R10") && err.contains("events"), "{err}");
}

#[tokio::test]
async fn what_is_not_understood_is_asked_back_in_one_line() {
    let (code, out, err) =
        inquest(&["investigate", "--snapshot", SNAPSHOT, "make me a sandwich"]).await;
    assert_eq!((code, out.as_str()), (64, ""), "{err}");
    assert!(err.contains("not understood") && err.lines().count() == 1, "{err}");
}

#[tokio::test]
async fn pods_are_counted_where_they_are_asked_for() {
    let report = report(&["which pods are there in terranetes?"]).await;
    let summary = report["summary"].as_str().unwrap();
    assert!(
        summary.contains("pods are not ready") && summary.contains("ImagePullBackOff"),
        "{summary}"
    );
    assert_eq!(report["root_causes"][0]["failure_mode"], "IMG-01");
}

#[tokio::test]
async fn what_was_weighed_is_shown_where_it_is_asked_for() {
    let (code, out, _) = inquest(&["investigate", "--snapshot", SNAPSHOT, "--explain"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("the proofs are conclusive"), "{out}");
}

#[tokio::test]
async fn output_goes_to_the_file_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.md");
    let file = file.to_str().unwrap();
    let args = ["investigate", "--snapshot", SNAPSHOT, "--format", "markdown", "--output", file];
    let (code, out, err) = inquest(&args).await;
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("# Root cause found\n"));
}
