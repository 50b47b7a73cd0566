//! The official MCP conformance suite on our servers over HTTP and on our client, in both eras of the protocol.
//!
//! Its other scenarios ask for tools, prompts and resources of the suite's own, which test a library and not a server, or
//! warn that there are none. The client's others are about OAuth and elicitation, of which it does neither.

use libtest_mimic::{Arguments, Failed, Trial};
use mcp::client::Specialist;
use mcp::tools::Listed;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use xtask::conformance::Conformance;
use xtask::inquest::Inquest;
use xtask::install::Cache;
use xtask::listening::Listening;
use xtask::{program, settings};

/// Far more than a call takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The scenarios that any server can be tried on, by revision.
const SCENARIOS: [(&str, &[&str]); 2] = [
    (
        "2025-11-25",
        &[
            "server-initialize",
            "ping",
            "tools-list",
            "resources-list",
            "prompts-list",
            "completion-complete",
            "dns-rebinding-protection",
        ],
    ),
    (
        "2026-07-28",
        &[
            "server-stateless",
            "tools-list",
            "resources-list",
            "prompts-list",
            "completion-complete",
            "caching",
            "server-sse-multiple-streams",
            "dns-rebinding-protection",
            "http-header-validation",
            "input-required-result-unsupported-methods",
            "input-required-result-validate-input",
        ],
    ),
];

/// The scenarios that our client can be tried on, by revision.
const CLIENT_SCENARIOS: [(&str, &[&str]); 2] = [
    ("2025-11-25", &["initialize", "tools_call", "sse-retry", "json-schema-2020-12-preservation"]),
    (
        "2026-07-28",
        &[
            "tools_call",
            "request-metadata",
            "http-standard-headers",
            "http-custom-headers",
            "http-invalid-tool-headers",
            "json-schema-ref-no-deref",
            "json-schema-2020-12-preservation",
        ],
    ),
];

/// Makes this program the client that is tried; the suite adds the address.
const AS_CLIENT: &str = "as-client";

/// The servers, as command lines. None needs an upstream to speak MCP.
const SERVERS: [(&str, &[&str]); 5] = [
    ("mcp_k8s", &["mcp", "k8s", "--kubeconfig", "/nonexistent"]),
    ("mcp_helm", &["mcp", "helm", "--kubeconfig", "/nonexistent"]),
    ("mcp_prometheus", &["mcp", "prometheus"]),
    ("mcp_grafana", &["mcp", "grafana"]),
    ("the_lead", &["serve", "--kubeconfig", "/nonexistent"]),
];

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if let [first, address] = given.as_slice()
        && first == AS_CLIENT
    {
        return ask_everything(address);
    }
    let arguments = Arguments::from_args();
    let installed = Cache::of_the_user().and_then(|cache| Conformance::installed(&cache));
    let (suite, why) = match (settings::may_start_upstreams(), installed) {
        (true, Ok(suite)) => (Some(suite), String::new()),
        (true, Err(error)) => (None, format!("{error:#}")),
        (false, _) => (None, "`cargo xtask test` runs them".to_owned()),
    };
    if suite.is_none() {
        program::say(&format!("SKIPPED: the MCP conformance suite: {why}"));
    }
    let skipped = suite.is_none();
    let trial = |name: &str, check: Check| {
        let suite = suite.clone();
        let run = move || suite.map_or(Ok(()), |suite| check(&suite).map_err(Failed::from));
        Trial::test(name, run).with_ignored_flag(skipped)
    };
    let mut trials = vec![trial("our_client", Box::new(client_conforms))];
    for (name, command) in SERVERS {
        trials.push(trial(name, Box::new(move |suite| conforms(suite, command))));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

type Check = Box<dyn FnOnce(&Conformance) -> Result<(), String> + Send>;

fn client_conforms(suite: &Conformance) -> Result<(), String> {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/expected-failures.yml");
    let us = std::env::current_exe().map_err(|error| error.to_string())?;
    let command = format!("{} {AS_CLIENT}", us.display());
    let mut failed = Vec::new();
    for (revision, scenarios) in CLIENT_SCENARIOS {
        for scenario in scenarios {
            if let Err(error) = twice(|| suite.try_client(&command, scenario, revision, &expected))
            {
                failed.push(format!("{revision} {scenario}: {error:#}"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn conforms(suite: &Conformance, command: &[&str]) -> Result<(), String> {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/expected-failures.yml");
    let inquest = Inquest::beside_us().map_err(|error| format!("{error:#}"))?;
    let mut command = inquest.command(&[command, &["--http", "127.0.0.1:0"]].concat());
    let server = Listening::start(&mut command).map_err(|error| format!("{error:#}"))?;
    let url = format!("http://{}/mcp", server.address);
    let mut failed = Vec::new();
    for (revision, scenarios) in SCENARIOS {
        for scenario in scenarios {
            if let Err(error) = twice(|| suite.try_server(&url, scenario, revision, &expected)) {
                failed.push(format!("{revision} {scenario}: {error:#}"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// What fails is tried once more: the suite waits a second for some answers, which a machine that stalls does not give.
fn twice<T, E: Display>(mut run: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    run().or_else(|error| {
        program::say(&format!("tried again: {error:#}"));
        run()
    })
}

/// Does what the lead does with a server: lists its tools and calls them.
fn ask_everything(address: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let asked = runtime.map_err(Box::<dyn Error>::from).and_then(|runtime| {
        runtime.block_on(async {
            let server = Specialist::http(address, None).await?;
            let tools = server.list(PATIENCE).await?;
            let never = CancellationToken::new();
            for (name, arguments) in calls(&tools) {
                // A call that the server refuses is a reply too.
                let _ = server.call(&name, arguments, false, PATIENCE, &never).await;
            }
            Ok(())
        })
    });
    let Err(error) = asked else { return ExitCode::SUCCESS };
    let mut cause = Some(error.as_ref() as &dyn Error);
    while let Some(error) = cause {
        program::say(&error.to_string());
        cause = error.source();
    }
    ExitCode::FAILURE
}

/// The calls that the scenario asks for, else one of each tool.
fn calls(tools: &[Listed]) -> Vec<(String, Map<String, Value>)> {
    #[expect(clippy::disallowed_methods, reason = "the suite tells its client so")]
    let context = std::env::var("MCP_CONFORMANCE_CONTEXT").unwrap_or_default();
    let context: Value = serde_json::from_str(&context).unwrap_or_default();
    if let Some(Value::Array(asked)) = context.get("toolCalls") {
        let call = |call: &Value| {
            let name = call.get("name")?.as_str()?.to_owned();
            Some((name, call.get("arguments")?.as_object()?.clone()))
        };
        return asked.iter().filter_map(call).collect();
    }
    tools.iter().map(|tool| (tool.name.clone(), made_up(&tool.schema, tools))).collect()
}

/// Arguments that fit a schema; a `schema` that is asked for is that of the first tool, as it was listed.
fn made_up(schema: &Map<String, Value>, tools: &[Listed]) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let made_up = |(name, property): (&String, &Value)| {
        let value = match property.get("type").and_then(Value::as_str) {
            Some("number" | "integer") => json!(5),
            Some("boolean") => json!(true),
            Some("array") => json!([]),
            Some("object") if name == "schema" => {
                tools.first().map(|tool| Value::Object(tool.schema.clone())).unwrap_or_default()
            }
            Some("object") => json!({}),
            _ => json!("x"),
        };
        (name.clone(), value)
    };
    properties.into_iter().flatten().map(made_up).collect()
}
