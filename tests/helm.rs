//! The releases that real Helm 3 and Helm 4 write, told by our server and by Helm itself.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use libtest_mimic::{Arguments, Failed, Trial};
use mcp::client::Specialist;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use xtask::cluster::audit;
use xtask::cluster::{Cluster, Lifetime};
use xtask::inquest::Inquest;
use xtask::install::Cache;
use xtask::{program, settings};

/// The name under which our server reads.
const READER: &str = "inquest-helm-reader";
/// What must not be told.
const PASSWORD: &str = "correct-horse-battery";
/// Both of today's Helms, each with both kinds of objects that it may keep releases in.
const HELMS: [(&str, &str); 4] =
    [("helm3", "secret"), ("helm3", "configmap"), ("helm4", "secret"), ("helm4", "configmap")];
/// Far more than a call takes.
const PATIENCE: Duration = Duration::from_secs(30);

type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_upstreams();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: tests with real Helm: {why}"));
    }
    let trial = |name: &str, test: fn() -> Outcome| {
        Trial::test(name, move || test().map_err(Failed::from)).with_ignored_flag(skipped.is_some())
    };
    let trials = vec![trial("releases_are_told_as_helm_tells_them", as_helm_tells_them)];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn as_helm_tells_them() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 1, Lifetime::Ours))?;
    let inquest = told(Inquest::beside_us())?;
    let reader = told(inquest.identity(&cluster, "helm", READER, &[]))?;
    let server = Server::start(&inquest, &reader)?;
    for (program, driver) in HELMS {
        let helm = Helm::new(&cluster, folder.path(), program, driver)?;
        helm.writes_releases()?;
        alike(&helm, &server).map_err(|why| format!("{program}, {driver}: {why}"))?;
    }
    nothing_else_was_read(&cluster)?;
    other_identities_may_not(&inquest, &cluster)
}

/// All that Helm can tell of its releases is what our server tells, but for the secrets.
fn alike(helm: &Helm, server: &Server) -> Outcome {
    lists(helm, server)?;
    history(helm, server)?;
    for revision in ["1", "2", "3"] {
        values(helm, server, revision)?;
        manifest(helm, server, revision)?;
        hooks(helm, server, revision)?;
        notes(helm, server, revision)?;
    }
    difference(helm, server)
}

fn lists(helm: &Helm, server: &Server) -> Outcome {
    // Helm 3 lists what is deployed or failed unless told otherwise.
    let all: &[&str] = if helm.namespace.starts_with("helm3") { &["--all"] } else { &[] };
    let listed = helm.json(&[&["list", "--output", "json"], all].concat())?;
    let field = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    let listed: BTreeSet<Vec<String>> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|it| ["namespace", "name", "revision", "status"].map(|name| field(it, name)).to_vec())
        .collect();
    let answer = server.ask("helm_list_releases", json!({"namespace": helm.namespace}))?;
    let rows: BTreeSet<Vec<String>> =
        rows(&answer).into_iter().map(|row| row[..4].to_vec()).collect();
    equal("list", &rows, &listed)?;
    equal("problems", &answer["problems"].as_array().map(Vec::len), &Some(1))
}

fn history(helm: &Helm, server: &Server) -> Outcome {
    let history = helm.json(&["history", "web", "--output", "json"])?;
    let answer = server.ask("helm_release_history", helm.release(json!({})))?;
    let rows = rows(&answer);
    let ours = rows.iter().rev().map(|row| {
        let [revision, status, _, chart, app, _] = row.as_slice() else { return json!(row) };
        json!([revision.parse::<u64>().unwrap(), status, chart, app])
    });
    let theirs = history.as_array().unwrap().iter();
    let theirs =
        theirs.map(|it| json!([it["revision"], it["status"], it["chart"], it["app_version"]]));
    equal("history", &ours.collect::<Vec<_>>(), &theirs.collect::<Vec<_>>())?;
    // The failed one is quoted on one line.
    let said = history[2]["description"].as_str().unwrap().trim().replace('\n', " ");
    equal("description", &quote(&answer, 0), &format!("3 {said}"))?;
    equal("usual description", &rows[1][5].as_str(), &history[1]["description"].as_str().unwrap())
}

fn values(helm: &Helm, server: &Server, revision: &str) -> Outcome {
    let given = helm.json(&["get", "values", "web", "--revision", revision, "--output", "json"])?;
    let asked = helm.release(json!({"resource": "values", "revision": number(revision)}));
    let answer = server.ask("helm_get_release", asked)?;
    if given.is_null() || given == json!({}) {
        return equal("no values", &answer.get("quotes"), &None);
    }
    let ours: Value = serde_saphyr::from_str(&quote(&answer, 0)).map_err(|it| it.to_string())?;
    equal("values", &masked(ours, true)?, &masked(given, false)?)
}

fn manifest(helm: &Helm, server: &Server, revision: &str) -> Outcome {
    let manifest = helm.run(&["get", "manifest", "web", "--revision", revision])?;
    let asked = helm.release(json!({"resource": "manifest", "revision": number(revision)}));
    let ours = quote(&server.ask("helm_get_release", asked)?, 0);
    let ours: Outcome<Vec<_>> = documents(&ours)?.into_iter().map(|it| masked(it, true)).collect();
    let theirs = documents(&manifest)?.into_iter().map(|it| masked(it, false));
    equal("manifest", &ours?, &theirs.collect::<Outcome<Vec<_>>>()?)
}

fn hooks(helm: &Helm, server: &Server, revision: &str) -> Outcome {
    let hooks = documents(&helm.run(&["get", "hooks", "web", "--revision", revision])?)?;
    let ask = |path: Option<&str>| {
        let asked = json!({"resource": "hooks", "revision": number(revision), "path": path});
        server.ask("helm_get_release", helm.release(asked))
    };
    equal("hooks", &rows(&ask(None)?).len(), &hooks.len())?;
    let ours = documents(&quote(&ask(Some("ConfigMap/web-hook"))?, 0))?;
    equal("hook", &ours, &hooks)
}

fn notes(helm: &Helm, server: &Server, revision: &str) -> Outcome {
    let notes = helm.run(&["get", "notes", "web", "--revision", revision])?;
    let asked = helm.release(json!({"resource": "notes", "revision": number(revision)}));
    let ours = quote(&server.ask("helm_get_release", asked)?, 0);
    equal("notes", &ours.trim(), &notes.trim().trim_start_matches("NOTES:").trim())
}

fn difference(helm: &Helm, server: &Server) -> Outcome {
    let answer = server.ask("helm_release_history", helm.release(json!({"diff": "1..2"})))?;
    let values = quote(&answer, 0);
    let objects = quote(&answer, 1);
    let image = "[web].image: \"registry.example.com/web:1.0\" -> \"registry.example.com/web:2.0\"";
    for (text, wanted) in [
        (&values, "image: {\"tag\":\"2.0\"} is new"),
        (&objects, image),
        (&objects, "~ Secret/web\n  stringData.password: \"<redacted len=16"),
    ] {
        if !text.contains(wanted) {
            return Err(format!("no {wanted:?} in {text}"));
        }
    }
    Ok(())
}

/// The API server's own account: our identity got no Secret by name but releases. That lists are of metadata alone is
/// the list of reads' business.
fn nothing_else_was_read(cluster: &Cluster) -> Outcome {
    let requests = told(cluster.requests_of(READER))?;
    let object = |it: &audit::Request| it.object_ref.clone().unwrap_or_default();
    let gets = requests.iter().filter(|it| it.verb == "get").map(object);
    let strange: Vec<String> = gets
        .filter(|it| it.resource == "secrets" || it.resource == "configmaps")
        .filter(|it| !it.name.starts_with("sh.helm.release.v1."))
        .map(|it| format!("{}/{}", it.namespace, it.name))
        .collect();
    equal("Secrets that are no releases", &strange, &Vec::<String>::new())?;
    let writes: Vec<_> = requests.iter().filter(|it| !it.only_reads()).cloned().collect();
    equal("writes", &audit::tally(&writes), &audit::tally(&[]))?;
    let lists = audit::tally(&requests).get("list secrets").copied().unwrap_or_default();
    equal("lists of Secrets", &(lists > 0), &true)
}

fn other_identities_may_not(inquest: &Inquest, cluster: &Cluster) -> Outcome {
    let reader = told(inquest.reader(cluster, &[]))?;
    let mut kubectl = cluster.kubectl_command();
    kubectl.env("KUBECONFIG", reader).args(["get", "secrets", "--namespace", "helm3-secret"]);
    match program::output(&mut kubectl) {
        Ok(said) => Err(format!("mcp-k8s may read Secrets: {said}")),
        Err(error) if error.to_string().contains("forbidden") => Ok(()),
        Err(error) => Err(format!("{error:#}")),
    }
}

/// One of the Helms, in a namespace of its own.
struct Helm {
    program: PathBuf,
    driver: String,
    namespace: String,
    kubeconfig: PathBuf,
    home: PathBuf,
}

impl Helm {
    fn new(cluster: &Cluster, home: &Path, program: &str, driver: &str) -> Outcome<Helm> {
        let namespace = format!("{program}-{driver}");
        told(cluster.kubectl(&["create", "namespace", &namespace]))?;
        let program = told(Cache::of_the_user())?.program(program);
        let (driver, kubeconfig) = (driver.to_owned(), cluster.admin());
        Ok(Helm { program, driver, namespace, kubeconfig, home: home.to_owned() })
    }

    /// One release that went well, was changed, and then could not be changed again; and one that is well.
    fn writes_releases(&self) -> Outcome {
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/web");
        let chart = chart.display().to_string();
        let password = format!("auth.password={PASSWORD}");
        self.run(&["install", "web", &chart])?;
        let change = ["--set", "image.tag=2.0", "--set", "replicas=3", "--set", &password];
        self.run(&[&["upgrade", "web", &chart], change.as_slice()].concat())?;
        let broken = [&["upgrade", "web", &chart], change.as_slice(), &["--set", "broken=true"]];
        if let Ok(said) = self.run(&broken.concat()) {
            return Err(format!("an upgrade that cannot go well did: {said}"));
        }
        self.run(&["install", "other", &chart]).map(drop)
    }

    fn run(&self, arguments: &[&str]) -> Outcome<String> {
        #[expect(clippy::disallowed_methods, reason = "it is what ours is held against")]
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--namespace", &self.namespace]);
        command.env("KUBECONFIG", &self.kubeconfig).env("HELM_DRIVER", &self.driver);
        for kind in ["CACHE", "CONFIG", "DATA"] {
            command.env(format!("HELM_{kind}_HOME"), self.home.join(kind));
        }
        told(program::output(&mut command))
    }

    fn json(&self, arguments: &[&str]) -> Outcome<Value> {
        let printed = self.run(arguments)?;
        serde_json::from_str(&printed).map_err(|error| format!("{error}: {printed}"))
    }

    /// Arguments about the release `web`.
    fn release(&self, mut more: Value) -> Value {
        more["name"] = json!("web");
        more["namespace"] = json!(self.namespace);
        more
    }
}

/// `inquest mcp helm` as an agent host runs it.
struct Server {
    runtime: Runtime,
    connection: Specialist,
}

impl Server {
    fn start(inquest: &Inquest, kubeconfig: &Path) -> Outcome<Server> {
        let runtime = told(Runtime::new())?;
        let arguments = ["mcp", "helm", "--kubeconfig"].map(Into::into);
        let arguments = [arguments.as_slice(), &[kubeconfig.into()]].concat();
        let path = inquest.path.display().to_string();
        let connection = told(runtime.block_on(Specialist::child(&path, &arguments)))?;
        Ok(Server { runtime, connection })
    }

    /// The structured part of an answer. The password stands nowhere in it.
    fn ask(&self, tool: &str, arguments: Value) -> Outcome<Value> {
        let Value::Object(mut arguments) = arguments else { return Ok(arguments) };
        arguments.insert("format".to_owned(), json!("json"));
        let stop = CancellationToken::new();
        let call = self.connection.call(tool, arguments, false, PATIENCE, &stop);
        let reply = told(self.runtime.block_on(call))?;
        if let Some(failure) = reply.failure {
            return Err(format!("{tool}: {}; {}", failure.message, failure.hint));
        }
        let whole = format!("{}{}", reply.text, reply.structured);
        if whole.contains(PASSWORD) {
            return Err(format!("{tool} tells the password: {whole}"));
        }
        Ok(reply.structured)
    }
}

fn rows(answer: &Value) -> Vec<Vec<String>> {
    serde_json::from_value(answer["rows"].clone()).unwrap_or_default()
}

fn quote(answer: &Value, position: usize) -> String {
    answer["quotes"][position]["text"].as_str().unwrap_or_default().to_owned()
}

fn number(text: &str) -> u64 {
    text.parse().unwrap()
}

/// The documents of a manifest, as Helm reads YAML: an octal number is one.
fn documents(text: &str) -> Outcome<Vec<Value>> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|it| it.to_string())?;
    Ok(documents.into_iter().filter(|it| !it.is_null()).collect())
}

/// The value without its passwords, which must be marks where they should be.
fn masked(mut value: Value, redacted: bool) -> Outcome<Value> {
    if let Some(password) = value.pointer_mut("/auth/password") {
        mask(password, redacted)?;
    }
    if value["kind"] == "Secret"
        && let Some(Value::Object(data)) = value.get_mut("stringData")
    {
        data.values_mut().try_for_each(|it| mask(it, redacted))?;
    }
    Ok(value)
}

fn mask(secret: &mut Value, redacted: bool) -> Outcome {
    let is_mark = secret.as_str().is_some_and(|text| text.starts_with("<redacted len="));
    equal("a secret is redacted", &is_mark, &redacted)?;
    *secret = Value::Null;
    Ok(())
}

fn equal<A: std::fmt::Debug + PartialEq<B>, B: std::fmt::Debug>(
    what: &str,
    ours: &A,
    theirs: &B,
) -> Outcome {
    if ours == theirs {
        return Ok(());
    }
    Err(format!("{what} differ:\nours   {ours:?}\ntheirs {theirs:?}"))
}

/// An error with all that it has to say.
fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
