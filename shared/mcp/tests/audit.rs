//! What stands in the log about a call: who asked which tool and how it ended, and nothing that was said.
//!
//! Alone in its program, because a log is one for all threads.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use mcp::answer::Answer;
use mcp::client::Specialist;
use mcp::failure::Failure;
use mcp::http;
use mcp::http::settings::HttpSettings;
use mcp::server::Server;
use mcp::tool::{Call, Tool};
use mcp::tools::Tools;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

struct Greet;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    name: String,
}

impl Tool<()> for Greet {
    const NAME: &'static str = "greet";
    const ABOUT: &'static str = "Greets.";
    type Ask = Ask;

    async fn answer(_: &(), ask: Ask, _: &Call) -> Result<Answer, Failure> {
        if ask.name.is_empty() {
            return Err(Failure::invalid("nobody is called Turing"));
        }
        Ok(Answer { summary: format!("hello {}", ask.name), ..Answer::default() })
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_call_leaves_one_line_without_its_arguments_and_answer() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(LevelFilter::INFO)
        .with_ansi(false)
        .init();
    let server = Server::new("mcp-test", "", Arc::new(()), Tools::new().with::<Greet>());
    let local = Specialist::in_memory(server.clone()).await.expect("connected");
    for name in ["Ada Lovelace", ""] {
        greet(&local, name).await;
    }
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"the-token-of-Ada").expect("written");
    let settings = HttpSettings {
        http: "127.0.0.1:0".parse().ok(),
        token_file: Some(file.path().to_owned()),
        ..HttpSettings::default()
    };
    let door = http::bind(&settings).await.expect("bound");
    let url = format!("http://{}/mcp", door.address());
    tokio::spawn(http::serve(door, server, axum::Router::new(), CancellationToken::new()));
    let remote = Specialist::http(&url, Some("the-token-of-Ada")).await.expect("connected");
    greet(&remote, "Ada Lovelace").await;
    let written = String::from_utf8(log.0.lock().expect("a log").clone()).expect("text");
    let audit: Vec<&str> = written.lines().filter(|line| line.contains(" audit: ")).collect();
    assert_eq!(audit.len(), 3, "{written}");
    for (line, outcome) in audit.iter().zip(["outcome=\"ok\"", "outcome=\"invalid_argument\""]) {
        for part in
            [outcome, "tool=\"greet\"", "caller=\"local\"", "client=\"inquest\"", "ms=", "bytes="]
        {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
    for part in ["caller=\"token:", "client=\"inquest\"", "outcome=\"ok\""] {
        assert!(audit[2].contains(part), "{part} is not in {}", audit[2]);
    }
    assert!(!written.contains("token-of-Ada"), "{written}");
    assert!(!written.contains("Lovelace") && !written.contains("Turing"), "{written}");
}

async fn greet(specialist: &Specialist, name: &str) {
    let Value::Object(asked) = json!({"name": name}) else { return };
    let (timeout, never) = (Duration::from_secs(60), CancellationToken::new());
    specialist.call("greet", asked, false, timeout, &never).await.expect("a reply");
}
