//! The MCP inspector lists every tool and calls each of them, over stdio and over HTTP.

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use xtask::inquest::Inquest;
use xtask::inspector::Inspector;
use xtask::install::Cache;
use xtask::listening::Listening;
use xtask::replaying::Replaying;
use xtask::{program, settings};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let installed = Cache::of_the_user().and_then(|cache| Inspector::installed(&cache));
    let (inspector, why) = match (settings::may_start_upstreams(), installed) {
        (true, Ok(inspector)) => (Some(inspector), String::new()),
        (true, Err(error)) => (None, format!("{error:#}")),
        (false, _) => (None, "`cargo xtask test` runs them".to_string()),
    };
    let skipped = inspector.is_none();
    if skipped {
        program::say(&format!("SKIPPED: tests with the MCP inspector: {why}"));
    }
    let trial = |name: &str, test: fn(&Inspector) -> Result<(), String>| {
        let inspector = inspector.clone();
        let run =
            move || inspector.map_or(Ok(()), |inspector| test(&inspector).map_err(Failed::from));
        Trial::test(name, run).with_ignored_flag(skipped)
    };
    let trials = vec![
        trial("the_kubernetes_server_over_stdio", kubernetes_over_stdio),
        trial("the_kubernetes_server_over_http", kubernetes_over_http),
        trial("the_lead_over_http", lead_over_http),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn kubernetes_over_stdio(inspector: &Inspector) -> Result<(), String> {
    let cluster = Replay::start()?;
    let server = json!({"command": cluster.inquest.path, "args": ["mcp", "k8s", "--kubeconfig", cluster.kubeconfig]});
    let session = Session::new(inspector, &server)?;
    session.calls_all(&kubernetes_calls())
}

fn kubernetes_over_http(inspector: &Inspector) -> Result<(), String> {
    let cluster = Replay::start()?;
    let arguments = ["mcp", "k8s", "--http", "127.0.0.1:0", "--kubeconfig", &cluster.kubeconfig];
    let server = listening(&cluster.inquest, &arguments)?;
    Session::over_http(inspector, &server)?.calls_all(&kubernetes_calls())
}

fn lead_over_http(inspector: &Inspector) -> Result<(), String> {
    let cluster = Replay::start()?;
    let arguments = ["serve", "--http", "127.0.0.1:0", "--kubeconfig", &cluster.kubeconfig];
    let server = listening(&cluster.inquest, &arguments)?;
    let session = Session::over_http(inspector, &server)?;
    let investigation = session.call("investigate", &json!({"namespace": "terranetes"}))?;
    let id = report_id(&investigation).ok_or(format!("no id: {investigation}"))?;
    session.calls_all(&BTreeMap::from([
        ("investigate", json!({"question": "why is the pod in terranetes namespace not running?"})),
        ("get_investigation", json!({"id": id})),
        ("get_report", json!({"id": id})),
        ("get_evidence", json!({"id": id, "evidence": "E1"})),
        ("verify_evidence", json!({"id": id})),
        ("list_capabilities", json!({})),
    ]))
}

/// The id that an answer proposes to ask for: `get_report(id=inq-0ad25d890d6f)`.
fn report_id(answer: &Value) -> Option<&str> {
    let proposals = answer.pointer("/structuredContent/next")?.as_array()?;
    proposals.iter().find_map(|it| it.as_str()?.strip_prefix("get_report(id=")?.strip_suffix(")"))
}

/// A call of each tool that the incident `image_not_found` can answer.
fn kubernetes_calls() -> BTreeMap<&'static str, Value> {
    let workload = json!({"resource_type": "deployment", "resource_name": "echo-pod", "namespace": "terranetes"});
    BTreeMap::from([
        ("k8s_survey", json!({"namespaces": ["terranetes"]})),
        ("k8s_get_resources", json!({"resource_type": "pods", "namespace": "terranetes"})),
        ("k8s_describe_resource", workload.clone()),
        ("k8s_get_events", json!({"namespace": "terranetes"})),
        (
            "k8s_get_pod_logs",
            json!({"namespace": "terranetes", "workload": "deployment/echo-gateway"}),
        ),
        ("k8s_get_resource_yaml", workload.clone()),
        ("k8s_rollout_history", workload),
        ("k8s_recent_changes", json!({"namespace": "terranetes"})),
        ("k8s_service_path", json!({"namespace": "terranetes", "service": "echo-gateway"})),
        ("k8s_get_available_api_resources", json!({"group": "apps"})),
        ("k8s_get_cluster_configuration", json!({})),
        ("k8s_check_access", json!({})),
        ("k8s_node_health", json!({})),
        ("k8s_top", json!({"target": "pods"})),
        ("argocd_list_applications", json!({})),
        ("argocd_get_application", json!({"name": "web"})),
        ("argocd_app_history", json!({"name": "web"})),
        ("argocd_app_diff", json!({"name": "web"})),
        ("argocd_app_events", json!({"name": "web"})),
        ("k8s_diagnose_workload", json!({"namespace": "terranetes", "name": "echo-pod"})),
    ])
}

/// The inspector and one server.
struct Session<'a> {
    inspector: &'a Inspector,
    folder: tempfile::TempDir,
}

impl Session<'_> {
    fn new<'a>(inspector: &'a Inspector, server: &Value) -> Result<Session<'a>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let settings = json!({"mcpServers": {"inquest": server}}).to_string();
        std::fs::write(folder.path().join("mcp.json"), settings)
            .map_err(|error| error.to_string())?;
        Ok(Session { inspector, folder })
    }

    fn over_http<'a>(inspector: &'a Inspector, server: &Listening) -> Result<Session<'a>, String> {
        let url = format!("http://{}/mcp", server.address);
        Session::new(inspector, &json!({"type": "streamable-http", "url": url}))
    }

    /// Every tool that is listed is called, and nothing that is not.
    fn calls_all(&self, calls: &BTreeMap<&str, Value>) -> Result<(), String> {
        let listed = self.ask(&["--method", "tools/list"])?;
        let tools =
            listed.get("tools").and_then(Value::as_array).ok_or(format!("no tools: {listed}"))?;
        let mut names: Vec<&str> =
            tools.iter().filter_map(|tool| tool.get("name")?.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            calls.keys().copied().collect::<Vec<_>>(),
            "a call of each tool is needed here"
        );
        for (name, arguments) in calls {
            // Argo CD is not installed in the incident's cluster, and its tools refuse; the inspector ends with that.
            match self.call(name, arguments) {
                Err(said) if name.starts_with("argocd_") => {
                    assert!(said.contains("returned isError:true"), "{name}: {said}");
                }
                answer => {
                    let answer = answer?;
                    assert_ne!(answer.get("isError"), Some(&json!(true)), "{name}: {answer}");
                }
            }
        }
        Ok(())
    }

    fn call(&self, tool: &str, arguments: &Value) -> Result<Value, String> {
        let arguments = arguments.to_string();
        self.ask(&["--method", "tools/call", "--tool-name", tool, "--tool-args-json", &arguments])
    }

    fn ask(&self, arguments: &[&str]) -> Result<Value, String> {
        let settings = self.folder.path().join("mcp.json").display().to_string();
        let mut all = vec!["--config", &settings, "--server", "inquest"];
        all.extend(arguments);
        let mut said = self.inspector.ask(&all).map_err(|error| format!("{error:#}"))?;
        said.get_mut("result").map(Value::take).ok_or(format!("no result: {said}"))
    }
}

/// The recorded incident `image_not_found` as a Kubernetes API.
struct Replay {
    inquest: Inquest,
    kubeconfig: String,
    _server: Replaying,
}

impl Replay {
    fn start() -> Result<Replay, String> {
        let inquest = Inquest::beside_us().map_err(|error| format!("{error:#}"))?;
        let packed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios/demos/image_not_found/snapshot.tar.zst");
        let server = Replaying::start(&inquest, &packed).map_err(|error| format!("{error:#}"))?;
        let kubeconfig = server.kubeconfig().display().to_string();
        Ok(Replay { inquest, kubeconfig, _server: server })
    }
}

fn listening(inquest: &Inquest, arguments: &[&str]) -> Result<Listening, String> {
    Listening::start(&mut inquest.command(arguments)).map_err(|error| format!("{error:#}"))
}
