//! What `deploy` holds is applied to a real control plane, and the servers run there as it says: with its settings, and
//! with the tokens of its ServiceAccounts.

use libtest_mimic::{Arguments, Failed, Trial};
use mcp::client::Specialist;
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use xtask::cluster::{Cluster, Lifetime};
use xtask::inquest::Inquest;
use xtask::listening::Listening;
use xtask::scenario::Scenario;
use xtask::{program, settings};

/// Far more than a start or a call takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where everything is deployed.
const NAMESPACE: &str = "mcp-servers";
/// What the story is about.
const QUESTION: &str = "why is the pod in terranetes namespace not running?";
/// What callers show.
const TOKEN: &str = "a-token-of-the-test-that-is-long-enough";

type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_upstreams();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: tests of the deployment: {why}"));
    }
    let trial = Trial::test("what_is_deployed_serves", || deployed().map_err(Failed::from));
    let trials = vec![trial.with_ignored_flag(skipped.is_some())];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn deployed() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 3, Lifetime::Ours))?;
    let story = here().join("scenarios/demos/image_not_found");
    told(told(Scenario::read(&story))?.play(&cluster))?;
    applies(&cluster)?;
    let shape =
        Shape { cluster: &cluster, inquest: told(Inquest::beside_us())?, folder: folder.path() };
    // Kubernetes starts them in any order.
    let port = cluster.spare_port();
    let lead = shape.leads(port)?;
    let server = shape.serves("mcp-k8s", "mcp-k8s", port)?;
    shape.serves("mcp-helm", "mcp-helm", 0)?;
    lead.is_ready()?;
    let told = lead.answer("investigate", json!({"question": QUESTION}))?;
    equal(&told, &told.contains("IMG-01"), &true)?;
    shape.tells_the_story(&server)?;
    shape.refuses_what_may_do_too_much()?;
    shape.says_what_it_may_do()
}

/// Every overlay is accepted, and the pods pass the namespace's restricted policy and become ready.
fn applies(cluster: &Cluster) -> Outcome {
    let overlay = |name: &str| here().join("../deploy/overlays").join(name).display().to_string();
    told(cluster.kubectl(&["apply", "-k", &overlay("with-helm")]))?;
    for name in ["default", "with-helm", "with-prometheus", "with-grafana", "high-availability"] {
        told(cluster.kubectl(&["apply", "--dry-run=server", "-k", &overlay(name)]))?;
    }
    for server in ["mcp-k8s", "mcp-helm", "inquest"] {
        let deployment = format!("deployment/{server}");
        let ready = ["rollout", "status", &deployment, "-n", NAMESPACE, "--timeout=5s"];
        told(cluster.eventually(&ready))?;
    }
    Ok(())
}

/// A cluster to which it was applied, and the program that its image would hold.
struct Shape<'a> {
    cluster: &'a Cluster,
    inquest: Inquest,
    folder: &'a Path,
}

impl Shape<'_> {
    /// Starts the lead as its Deployment does. As long as nobody answers at the address of mcp-k8s, it is not ready.
    fn leads(&self, k8s: u16) -> Outcome<Server> {
        let mut command = self.as_deployed("inquest", 0)?;
        command.env("INQUEST_K8S_URL", format!("http://127.0.0.1:{k8s}/mcp"));
        command.env("INQUEST_K8S_TOKEN_FILE", self.folder.join("token"));
        let lead = Server(told(Listening::start(&mut command))?);
        lead.reads("/readyz", "HTTP/1.1 503")?;
        Ok(lead)
    }

    /// Starts a server as its Deployment does, with the token of a ServiceAccount, and waits until it is ready.
    fn serves(&self, server: &str, account: &str, port: u16) -> Outcome<Server> {
        let kubeconfig = self.account(account)?;
        let mut command = self.as_deployed(server, port)?;
        let server = Server(told(Listening::start(command.env("KUBECONFIG", kubeconfig)))?);
        server.is_ready()?;
        Ok(server)
    }

    /// The command line of a Deployment's container, with its environment but for what is elsewhere on this machine.
    fn as_deployed(&self, server: &str, port: u16) -> Outcome<Command> {
        let asked = ["get", "deployment", server, "-n", NAMESPACE, "-o", "json"];
        let deployment: Value = parsed(&told(self.cluster.kubectl(&asked))?)?;
        let container = deployment.pointer("/spec/template/spec/containers/0");
        let container = container.ok_or("no container")?;
        let strings = |field: &str| container.get(field).and_then(Value::as_array);
        let arguments = strings("args").ok_or("no arguments")?.iter().filter_map(Value::as_str);
        let mut command = self.inquest.command(&arguments.collect::<Vec<_>>());
        for variable in strings("env").ok_or("no environment")? {
            let field = |name: &str| variable.get(name).and_then(Value::as_str).unwrap_or_default();
            command.env(field("name"), field("value"));
        }
        let token = self.folder.join("token");
        std::fs::write(&token, TOKEN).map_err(|error| error.to_string())?;
        // As in a pod: an address that others can reach.
        let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        command.env("INQUEST_HTTP", everywhere.to_string()).env("INQUEST_TOKEN_FILE", token);
        Ok(command)
    }

    /// A kubeconfig with the token that the API server gives a ServiceAccount.
    fn account(&self, name: &str) -> Outcome<PathBuf> {
        let token = told(self.cluster.kubectl(&["create", "token", name, "-n", NAMESPACE]))?;
        let shown =
            told(self.cluster.kubectl(&["config", "view", "--raw", "--minify", "-o", "json"]))?;
        let mut config: Value = parsed(&shown)?;
        let user = config.pointer_mut("/users/0/user").ok_or("no user")?;
        *user = json!({"token": token.trim()});
        let context = config.pointer_mut("/contexts/0/context/namespace");
        if let Some(namespace) = context {
            *namespace = json!(NAMESPACE);
        }
        let path = self.folder.join(format!("{name}.kubeconfig"));
        std::fs::write(&path, config.to_string()).map_err(|error| error.to_string())?;
        Ok(path)
    }

    /// The lead, with no right of its own, finds the cause through the server.
    fn tells_the_story(&self, server: &Server) -> Outcome {
        let report = self.report(server)?;
        let cause = report.pointer("/root_causes/0/failure_mode").and_then(Value::as_str);
        equal("cause", &cause, &Some("IMG-01"))?;
        equal("notices", &report.get("notices"), &None)
    }

    fn report(&self, server: &Server) -> Outcome<Value> {
        let url = format!("http://{}/mcp", server.0.address);
        let token = self.folder.join("token").display().to_string();
        let asked = ["investigate", QUESTION, "--k8s-url", &url, "--k8s-token-file", &token];
        let mut command = self.inquest.command(&[&asked[..], &["--format", "json"]].concat());
        parsed(&told(program::output(&mut command))?)
    }

    /// An administrator, and whoever may read Secrets without need, is not lent to others.
    fn refuses_what_may_do_too_much(&self) -> Outcome {
        let admin = self.cluster.admin();
        let helm = self.account("mcp-helm")?;
        let cases = [
            ("mcp-k8s", &admin, "everything"),
            ("mcp-helm", &admin, "everything"),
            ("mcp-k8s", &helm, "get,list secrets"),
        ];
        for (server, kubeconfig, what) in cases {
            let mut command = self.as_deployed(server, 0)?;
            let ended = command.env("KUBECONFIG", kubeconfig).stdin(Stdio::null()).output();
            let ended = ended.map_err(|error| error.to_string())?;
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            equal(&format!("{server}: exit code ({said})"), &ended.status.code(), &Some(64))?;
            let expected = format!("may do more than a reader needs: {what};");
            equal(&format!("{server}: {said}"), &said.contains(&expected), &true)?;
        }
        Ok(())
    }

    /// Where that is allowed, every answer and every report says so.
    fn says_what_it_may_do(&self) -> Outcome {
        let mut command = self.as_deployed("mcp-k8s", 0)?;
        command.env("INQUEST_ALLOW_OVERPRIVILEGED", "true").env("KUBECONFIG", self.cluster.admin());
        let server = Server(told(Listening::start(&mut command))?);
        server.is_ready()?;
        let answer = server.answer("k8s_survey", json!({}))?;
        let notice = "this server runs with --allow-overprivileged: its identity may do more than read: everything";
        equal(&answer, &answer.contains(&format!("warning: {notice}\n")), &true)?;
        let report = self.report(&server)?;
        equal("notices", &report.get("notices"), &Some(&json!([notice])))
    }
}

/// What is asked of a server in these tests.
struct Server(Listening);

impl Server {
    fn is_ready(&self) -> Outcome {
        self.reads("/readyz", "HTTP/1.1 200")
    }

    /// Waits until what stands at a path begins like that.
    fn reads(&self, path: &str, beginning: &str) -> Outcome {
        let reads = program::retry(PATIENCE, || {
            let mut stream = TcpStream::connect(self.0.address)?;
            write!(stream, "GET {path} HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n")?;
            let mut said = String::new();
            stream.read_to_string(&mut said)?;
            match said.starts_with(beginning) {
                true => Ok(()),
                false => Err(std::io::Error::other(said))?,
            }
        });
        told(reads)
    }

    /// The text that a tool answers with.
    fn answer(&self, tool: &str, arguments: Value) -> Outcome<String> {
        let runtime = told(Runtime::new())?;
        let url = format!("http://{}/mcp", self.0.address);
        let specialist = told(runtime.block_on(Specialist::http(&url, Some(TOKEN))))?;
        let stop = CancellationToken::new();
        let arguments: Map<String, Value> = told(serde_json::from_value(arguments))?;
        let call = specialist.call(tool, arguments, false, PATIENCE, &stop);
        Ok(told(runtime.block_on(call))?.text)
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn parsed(text: &str) -> Outcome<Value> {
    serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Outcome {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: {found:?}, where {expected:?} is right")),
    }
}

fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
