//! How a Grafana is let in to: token and organisation in headers, and never in an address.

use crate::listening::listen;
use clients::grafana::connection::Grafana;
use clients::grafana::settings::GrafanaSettings;

/// What the server of these tests answers.
const VERSION: &str = r#"{"version":"12.4.0"}"#;

fn settings(url: &str) -> GrafanaSettings {
    GrafanaSettings {
        grafana_url: Some(url.parse().unwrap()),
        grafana_request_timeout: 5,
        ..GrafanaSettings::default()
    }
}

#[tokio::test]
async fn a_token_and_an_organisation_go_with_each_request_below_the_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "glsa_s3cret\n").unwrap();
    let (url, asked) = listen("grafana", VERSION);
    let settings = GrafanaSettings {
        grafana_token_file: Some(token),
        grafana_org_id: Some(2),
        ..settings(&url)
    };
    let client = Grafana::open(&settings).unwrap();
    assert_eq!(client.health().await.unwrap().data.version, "12.4.0");
    let request = asked.recv().unwrap();
    assert!(request.starts_with("get /grafana/api/health http/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: bearer glsa_s3cret\r\n"), "{request}");
    assert!(request.contains("x-grafana-org-id: 2\r\n"), "{request}");
}

#[test]
fn what_cannot_be_used_is_named() {
    let at = |settings: GrafanaSettings| Grafana::open(&settings).err().unwrap().to_string();
    assert_eq!(
        at(GrafanaSettings::default()),
        "no Grafana is configured: set --grafana-url or GRAFANA_URL"
    );
    let said = at(settings("http://ada:pass@127.0.0.1:9"));
    assert!(
        said.contains("--grafana-url must not hold credentials") && !said.contains("pass@"),
        "{said}"
    );
    let elsewhere = GrafanaSettings {
        grafana_namespace: Some("../x".to_owned()),
        ..settings("http://127.0.0.1:9")
    };
    assert!(at(elsewhere).starts_with("--grafana-namespace \"../x\" is not a valid name"));
}
