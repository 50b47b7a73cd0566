//! What stands in the log about a call: who asked which tool and how it ended, and nothing that was said.
//!
//! Alone in its program, because a log is one for all threads.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use mcp::answer::Answer;
use mcp::client::Specialist;
use mcp::failure::Failure;
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
    let specialist = Specialist::in_memory(server).await.expect("connected");
    let never = CancellationToken::new();
    for name in ["Ada Lovelace", ""] {
        let Value::Object(asked) = json!({"name": name}) else { continue };
        let timeout = Duration::from_secs(60);
        specialist.call("greet", asked, false, timeout, &never).await.expect("a reply");
    }
    let written = String::from_utf8(log.0.lock().expect("a log").clone()).expect("text");
    let audit: Vec<&str> = written.lines().filter(|line| line.contains(" audit: ")).collect();
    assert_eq!(audit.len(), 2, "{written}");
    for (line, outcome) in audit.iter().zip(["outcome=\"ok\"", "outcome=\"invalid_argument\""]) {
        for part in
            [outcome, "tool=\"greet\"", "caller=\"local\"", "client=\"inquest\"", "ms=", "bytes="]
        {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
    assert!(!written.contains("Lovelace") && !written.contains("Turing"), "{written}");
}
