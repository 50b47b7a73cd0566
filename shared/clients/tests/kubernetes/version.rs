//! Version, readiness and the clock.

use crate::script::Script;
use jiff::SignedDuration;
use readonly::refusal::Kind;

#[tokio::test]
async fn the_version_comes_with_the_clocks_difference() {
    let answer = r#"{"major":"1","minor":"34","gitVersion":"v1.34.4","platform":"linux/amd64"}"#;
    let script = Script::new(&[("/version", 200, answer)]);
    let version = script.client().version().await.unwrap();
    assert_eq!(
        (version.git_version.as_str(), version.platform.as_str()),
        ("v1.34.4", "linux/amd64")
    );
    assert_eq!(version.ahead, Some(SignedDuration::from_secs(3)));
}

#[tokio::test]
async fn a_ready_server_is_ready() {
    let script = Script::new(&[("/readyz", 200, "ok")]);
    assert!(script.client().ready().await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_not_ready_says_what_is_not() {
    let script = Script::new(&[("/readyz", 500, "[+]ping ok\n[-]etcd failed: reason withheld\n")]);
    let refusal = script.client().ready().await.unwrap_err();
    let Kind::Status { status: 500, message } = refusal.kind else { panic!("{refusal}") };
    assert!(message.contains("[-]etcd failed"), "{message}");
}
