//! The command line: one line for wrong usage, and the exit codes of the contract.
#![cfg(test)]

use inquest::command::run;
use std::ffi::OsString;

/// What a run printed and how it ended.
struct Ran {
    code: u8,
    out: String,
    err: String,
}

async fn inquest(args: &[&str]) -> Ran {
    let args = ["inquest"].iter().chain(args).map(OsString::from).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(args, &mut out, &mut err).await;
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

/// Refused as wrong usage, in one line that contains `part`, with nothing on standard output.
#[track_caller]
fn refused(ran: &Ran, part: &str) {
    assert_eq!(ran.code, 64, "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    assert!(ran.err.starts_with("inquest: ") && ran.err.contains(part), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[tokio::test]
async fn an_unknown_flag_is_named() {
    refused(&inquest(&["investigate", "--nonsense"]).await, "--nonsense");
}

#[tokio::test]
async fn a_bad_value_is_told_with_the_good_ones() {
    let ran = inquest(&["investigate", "--format", "pdf"]).await;
    refused(&ran, "--format");
    refused(&ran, "text, json, markdown, html");
    refused(&inquest(&["investigate", "--budget", "soon"]).await, "--budget");
}

#[tokio::test]
async fn a_missing_argument_is_named() {
    refused(&inquest(&["capture"]).await, "--output");
    refused(&inquest(&["replay"]).await, "--snapshot");
    refused(&inquest(&["eval"]).await, "DIR");
}

#[tokio::test]
async fn no_command_is_wrong_usage() {
    refused(&inquest(&[]).await, "subcommand");
    refused(&inquest(&["investigat"]).await, "investigate");
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_refused_before_anything_is_asked() {
    refused(&inquest(&["investigate", "--namespace", "../../x"]).await, "--namespace");
    refused(&inquest(&["investigate", "--workload", "pod/a\u{7}b"]).await, "--workload");
}

#[tokio::test]
async fn a_snapshot_that_is_not_there_is_named() {
    refused(&inquest(&["investigate", "--snapshot", "/nowhere/at/all"]).await, "/nowhere/at/all");
}

#[tokio::test]
async fn help_shows_flag_variable_and_key() {
    let ran = inquest(&["investigate", "--help"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let text = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("--budget <SPAN>"), "{text}");
    assert!(text.contains("[inquest.toml: budget]"), "{text}");
    assert!(text.contains("[env: INQUEST_BUDGET]"), "{text}");
}

#[tokio::test]
async fn the_version_is_printed() {
    let ran = inquest(&["--version"]).await;
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, concat!("inquest ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}

#[tokio::test]
async fn a_settings_file_gives_defaults_and_flags_win() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inquest.toml");
    std::fs::write(&file, "list_format = \"json\"\n").unwrap();
    let file = file.to_str().unwrap();
    let from_file = inquest(&["catalogue", "--config", file]).await;
    assert!(from_file.out.starts_with('['), "{}{}", from_file.out, from_file.err);
    let from_flag = inquest(&["catalogue", "--config", file, "--format", "text"]).await;
    assert!(from_flag.out.starts_with(char::is_uppercase), "{}", from_flag.out);
}

#[tokio::test]
async fn a_settings_file_with_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inquest.toml");
    std::fs::write(&file, "bugdet = \"1s\"\n").unwrap();
    let ran = inquest(&["catalogue", "--config", file.to_str().unwrap()]).await;
    refused(&ran, "\"bugdet\"");
    std::fs::write(&file, "budget = \"1s\"\nformat ==\n").unwrap();
    refused(&inquest(&["catalogue", "--config", file.to_str().unwrap()]).await, "line 2");
}

#[tokio::test]
async fn one_failure_mode_is_shown_by_id_or_name() {
    let by_id = inquest(&["catalogue", "IMG-01"]).await;
    assert!(
        by_id.out.starts_with("IMG-01 image_not_found (image)\n"),
        "{}{}",
        by_id.out,
        by_id.err
    );
    assert_eq!(inquest(&["catalogue", "image_not_found"]).await.out, by_id.out);
    refused(&inquest(&["catalogue", "IMG-1"]).await, "did you mean IMG-01?");
}

#[tokio::test]
async fn tools_are_listed_without_a_cluster() {
    let ran = inquest(&["tools"]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    for name in [
        "k8s_survey",
        "helm_get_release",
        "run_promql_range",
        "grafana_get_dashboard",
        "investigate",
        "verify_evidence",
    ] {
        assert!(ran.out.contains(name), "{}", ran.out);
    }
}

#[tokio::test]
async fn the_printed_rights_only_read() {
    let ran = inquest(&["rbac", "k8s"]).await;
    assert!(ran.out.contains("kind: ClusterRole\n"), "{}", ran.out);
    let rules = ran.out.lines().filter(|line| !line.trim_start().starts_with('#'));
    for line in rules {
        let (rule, _) = line.split_once('#').unwrap_or((line, ""));
        assert!(!rule.contains("secrets") && !rule.contains('*'), "{rule}");
        if let Some(verbs) = rule.trim().strip_prefix("verbs: ") {
            assert!(["[get]", "[get, list, watch]", "[create]"].contains(&verbs), "{verbs}");
        }
    }
}

#[tokio::test]
async fn only_the_rights_of_helm_name_secrets() {
    let ran = inquest(&["rbac", "helm"]).await;
    assert!(ran.out.contains("  name: \"inquest-mcp-helm\"\n"), "{}", ran.out);
    assert!(ran.out.contains("  - secrets #") && ran.out.contains("  verbs: [get, list]\n"));
    assert_eq!(ran.out.matches("verbs:").count(), 1, "{}", ran.out);
    let ran = inquest(&["rbac", "helm", "--namespace", "shop"]).await;
    assert!(ran.out.contains("kind: Role\n"), "{}", ran.out);
}

#[tokio::test]
async fn servers_that_read_nothing_of_kubernetes_get_no_rights() {
    for server in ["prometheus", "grafana", "lead"] {
        let ran = inquest(&["rbac", server]).await;
        assert!(!ran.out.is_empty(), "{server}");
        assert!(ran.out.lines().all(|line| line.starts_with('#')), "{}", ran.out);
    }
}
