//! `inquest doctor` beside a Grafana that is only recorded exchanges: what it is, and what may be read of it.
#![cfg(test)]

use inquest::command::run;
use replay::recorded::Recorded;
use replay::serve::serve;
use replay::snapshot::Snapshot;
use std::sync::Arc;
use tokio::net::TcpListener;

const ABOUT: &str =
    "apiVersion: inquest.dev/v1\nkind: Snapshot\ncluster: shop\ncapturedAt: 2026-11-21T12:00:00Z\n";
/// One whose identity may not see data sources, and that has no alerting.
const EXCHANGES: &str = r#"{"path":"/api/health","body":{"version":"13.1.0","database":"ok"}}
{"path":"/apis/dashboard.grafana.app","body":{"versions":[{"version":"v1"}]}}
{"path":"/api/org","body":{"id":1}}
{"path":"/apis/dashboard.grafana.app/v0alpha1/namespaces/default/search","query":"type=dashboard&limit=1000","body":{"hits":[]}}
{"path":"/api/datasources","status":403,"body":{"message":"no"}}
{"path":"/api/prometheus/grafana/api/v1/rules","status":404,"body":{"message":"none"}}
"#;

#[tokio::test]
async fn a_grafana_is_told_with_what_may_be_read_of_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("http")).unwrap();
    std::fs::write(folder.path().join("snapshot.yaml"), ABOUT).unwrap();
    std::fs::write(folder.path().join("http/grafana.jsonl"), EXCHANGES).unwrap();
    let snapshot = Arc::new(Snapshot::load(folder.path()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Arc::new(Recorded::of(snapshot, "grafana"));
    tokio::spawn(serve(listener, api, std::future::pending::<()>()));

    let command = ["inquest", "doctor", "--kubeconfig", "/nonexistent", "--grafana-url", &url];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(command.map(Into::into).to_vec(), &mut out, &mut err).await;
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 0, "{out}");
    for line in [
        format!("grafana: Grafana 13.1.0 at {url}").as_str(),
        "  dashboards are read by /apis v1",
        "  may read: dashboards",
        "  may not read data sources: grafana: may not be read (403): no",
        "  may not read alert rules: grafana: not found (404): none",
    ] {
        assert!(out.lines().any(|it| it == line), "no {line:?} in {out}");
    }
}
