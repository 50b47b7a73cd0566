//! The official MCP conformance suite on our servers over HTTP, in both eras of the protocol.
//!
//! Its other scenarios ask for tools, prompts and resources of the suite's own, which test a library and not a server, or
//! warn that there are none.

use libtest_mimic::{Arguments, Failed, Trial};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::time::Duration;
use xtask::conformance::Conformance;
use xtask::inquest::Inquest;
use xtask::install::Cache;
use xtask::{program, settings};

/// A server that is just starting refuses connections.
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

/// The servers, as command lines. None needs an upstream to speak MCP.
const SERVERS: [(&str, &[&str]); 4] = [
    ("mcp_k8s", &["mcp", "k8s", "--kubeconfig", "/nonexistent"]),
    ("mcp_helm", &["mcp", "helm", "--kubeconfig", "/nonexistent"]),
    ("mcp_prometheus", &["mcp", "prometheus"]),
    ("the_lead", &["serve", "--kubeconfig", "/nonexistent"]),
];

fn main() -> ExitCode {
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
    let trials = SERVERS.map(|(name, command)| {
        let suite = suite.clone();
        let skipped = suite.is_none();
        let run =
            move || suite.map_or(Ok(()), |suite| conforms(&suite, command).map_err(Failed::from));
        Trial::test(name, run).with_ignored_flag(skipped)
    });
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}

fn conforms(suite: &Conformance, command: &[&str]) -> Result<(), String> {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/expected-failures.yml");
    let server = Server::start(command)?;
    let url = format!("http://{}/mcp", server.address);
    let mut failed = Vec::new();
    for (revision, scenarios) in SCENARIOS {
        for scenario in scenarios {
            if let Err(error) = suite.try_server(&url, scenario, revision, &expected) {
                failed.push(format!("{revision} {scenario}: {error:#}"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// A server that ends with its value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &[&str]) -> Result<Server, String> {
        let inquest = Inquest::beside_us().map_err(|error| format!("{error:#}"))?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| error.to_string())?.to_string();
        let mut command = inquest.command(&[command, &["--http", &address]].concat());
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(|error| error.to_string())?;
        let server = Server { process, address };
        program::retry(PATIENCE, || Ok(TcpStream::connect(&server.address)?))
            .map_err(|error| format!("{error:#}"))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
