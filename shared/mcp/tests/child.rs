//! A server as a child process. Started with `serve`, this program is that child.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what went wrong by failing, and clippy knows test functions only"
)]

use libtest_mimic::{Arguments, Failed, Trial};
use mcp::answer::Answer;
use mcp::client::{CallError, ConnectError, Specialist};
use mcp::failure::Failure;
use mcp::server::Server;
use mcp::stdio;
use mcp::tool::{Call, Tool};
use mcp::tools::Tools;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Map;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_secs(60);

struct Greet;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Tool<()> for Greet {
    const NAME: &'static str = "greet";
    const ABOUT: &'static str = "Greets.";
    type Ask = Nothing;

    async fn answer(_: &(), _: Nothing, _: &Call) -> Result<Answer, Failure> {
        Ok(Answer { summary: "hello".to_owned(), ..Answer::default() })
    }
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match std::env::args().nth(1).as_deref() {
        Some("serve") => {
            let server = Server::new("mcp-test", "", Arc::new(()), Tools::new().with::<Greet>());
            let served = runtime.block_on(stdio::serve(server, CancellationToken::new()));
            // A pending read of standard input must not keep the process.
            runtime.shutdown_background();
            ExitCode::from(u8::from(served.is_err()))
        }
        Some("leave") => ExitCode::SUCCESS,
        _ => {
            drop(runtime);
            let trials = vec![
                trial("a_child_lists_and_answers", || Box::pin(answers())),
                trial("a_child_ends_when_its_input_does", || Box::pin(ends())),
                trial("a_child_that_cannot_start_is_named", || Box::pin(absent())),
                trial("a_child_that_leaves_is_no_conversation", || Box::pin(leaves())),
            ];
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
    }
}

type Check = futures::future::BoxFuture<'static, ()>;

fn trial(name: &str, check: fn() -> Check) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async { tokio::time::timeout(LONG, check()).await })?;
        Ok::<(), Failed>(())
    })
}

fn ourselves() -> String {
    std::env::current_exe().expect("a program").display().to_string()
}

async fn answers() {
    let specialist = Specialist::child(&ourselves(), &["serve".into()]).await.expect("started");
    let names: Vec<String> =
        specialist.list(LONG).await.expect("a list").into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["greet"]);
    let never = CancellationToken::new();
    let reply = specialist.call("greet", Map::new(), false, LONG, &never).await.expect("a reply");
    assert_eq!(reply.text, "hello\nscope: all namespaces; complete\n");
    let unknown = specialist.call("leave", Map::new(), false, LONG, &never).await;
    assert!(matches!(unknown, Err(CallError::Refused { .. })), "{unknown:?}");
}

async fn ends() {
    for input in ["", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"] {
        #[expect(clippy::disallowed_methods, reason = "it starts itself")]
        let mut child = Command::new(ourselves())
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        let mut stdin = child.stdin.take().expect("an input");
        tokio::io::AsyncWriteExt::write_all(&mut stdin, input.as_bytes()).await.expect("written");
        drop(stdin);
        let status = child.wait().await.expect("it ended");
        assert!(status.success(), "{input:?}: {status}");
    }
}

async fn absent() {
    let refused = Specialist::child("/nonexistent/mcp-test", &[]).await.expect_err("not there");
    assert!(matches!(refused, ConnectError::Start { .. }));
    assert_eq!(refused.to_string(), "could not start /nonexistent/mcp-test");
}

async fn leaves() {
    let refused = Specialist::child(&ourselves(), &["leave".into()]).await.expect_err("it left");
    assert!(matches!(refused, ConnectError::Conversation { .. }), "{refused}");
}
