//! How the servers are reached: over a socket, with credentials from files, and with clear words where that cannot be.

use crate::listening::listen;
use clients::prometheus::connection::Prometheus;
use clients::prometheus::settings::PrometheusSettings;
use std::path::{Path, PathBuf};

/// What the server of these tests answers.
const VERSION: &str = r#"{"status":"success","data":{"version":"2.42.0","revision":"x"}}"#;

fn settings(url: &str) -> PrometheusSettings {
    PrometheusSettings {
        prometheus_url: Some(url.parse().unwrap()),
        prometheus_request_timeout: 5,
        ..PrometheusSettings::default()
    }
}

fn file(folder: &Path, name: &str, text: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    Some(path)
}

#[tokio::test]
async fn a_token_and_a_tenant_go_with_each_request_below_the_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let (url, asked) = listen("prometheus/", VERSION);
    let settings = PrometheusSettings {
        prometheus_token_file: file(folder.path(), "token", "s3cret\n"),
        prometheus_tenant: Some("shop".to_owned()),
        ..settings(&url)
    };
    let client = Prometheus::open(&settings).unwrap();
    assert_eq!(client.version().await.unwrap().build.version, "2.42.0");
    let request = asked.recv().unwrap();
    assert!(
        request.starts_with("get /prometheus/api/v1/status/buildinfo http/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("authorization: bearer s3cret\r\n"), "{request}");
    assert!(request.contains("x-scope-orgid: shop\r\n"), "{request}");
}

#[tokio::test]
async fn a_user_has_a_password_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (url, asked) = listen("prometheus/", VERSION);
    let settings = PrometheusSettings {
        prometheus_user: Some("ada".to_owned()),
        prometheus_password_file: file(folder.path(), "password", "pass"),
        ..settings(&url)
    };
    Prometheus::open(&settings).unwrap().version().await.unwrap();
    // The header was put into lower case with the rest.
    assert!(asked.recv().unwrap().contains("authorization: basic ywrhonbhc3m=\r\n"));
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |settings: PrometheusSettings| Prometheus::open(&settings).err().unwrap().to_string();
    let url = "http://127.0.0.1:9";
    assert_eq!(
        at(PrometheusSettings::default()),
        "no Prometheus is configured: set --prometheus-url or PROMETHEUS_URL"
    );
    let said = at(settings("http://ada:pass@127.0.0.1:9"));
    assert!(
        said.contains("--prometheus-url must not hold credentials") && !said.contains("pass@"),
        "{said}"
    );
    let missing = PrometheusSettings {
        prometheus_token_file: Some("/nowhere/token".into()),
        ..settings(url)
    };
    assert!(at(missing).starts_with("--prometheus-token-file /nowhere/token: "));
    let empty = PrometheusSettings {
        prometheus_token_file: file(folder.path(), "empty", " \n"),
        ..settings(url)
    };
    assert!(at(empty).ends_with("it must hold one line of text"));
    let alone = PrometheusSettings { prometheus_user: Some("ada".to_owned()), ..settings(url) };
    assert_eq!(at(alone), "--prometheus-user and --prometheus-password-file go together");
    let half = PrometheusSettings { prometheus_key_file: Some("/nowhere".into()), ..settings(url) };
    assert_eq!(at(half), "--prometheus-certificate-file and --prometheus-key-file go together");
    let authorities = PrometheusSettings {
        prometheus_ca_file: file(folder.path(), "ca", "no certificate"),
        ..settings(url)
    };
    assert!(at(authorities).ends_with("the file with its authorities holds no certificate in PEM"));
}
