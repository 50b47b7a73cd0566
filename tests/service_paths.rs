//! `k8s_service_path` on the real API server: one cluster with a namespace for each page of `service_paths`, asked live
//! and asked again on the replay of a recording. `UPDATE=1` writes the verdicts anew; what a verdict must come to stands
//! behind `call`, and no update changes that.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "UPDATE=1 rewrites the pages")]

use clients::kubernetes::settings::KubernetesSettings;
use libtest_mimic::{Arguments, Failed, Trial};
use mcp::client::Specialist;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::tools;
use replay::snapshot::Snapshot;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use xtask::cluster::audit;
use xtask::cluster::{Cluster, Lifetime};
use xtask::inquest::{Inquest, READER};
use xtask::scenario::{Scenario, Script, Step};
use xtask::{program, settings};

const TOOL: &str = "k8s_service_path";
/// How long a cluster may take to come to what was asked of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);

type Outcome<T = ()> = Result<T, String>;

/// One page: a topology, a call, and what it comes to.
struct Page {
    path: PathBuf,
    name: String,
    text: String,
}

impl Page {
    /// The tag and the body of the block whose tag begins with a word; empty where there is none.
    fn block(&self, word: &str) -> (&str, &str) {
        let blocks = self.text.split("~~~").skip(1).step_by(2);
        let mut blocks = blocks.map(|it| it.split_once('\n').unwrap_or((it, "")));
        blocks.find(|(tag, _)| tag.split(' ').next() == Some(word)).unwrap_or_default()
    }

    fn arguments(&self) -> Map<String, Value> {
        serde_json::from_str(self.block("call").1).unwrap()
    }

    fn namespace(&self) -> String {
        self.arguments().get("namespace").and_then(Value::as_str).unwrap().to_owned()
    }

    /// What the first line must hold.
    fn right(&self) -> &str {
        self.block("call").0.strip_prefix("call ").unwrap_or_default()
    }

    fn judge(&self, said: &str) -> Outcome {
        let (first, verdict) = (said.lines().next().unwrap_or_default(), self.block("verdict").1);
        if !first.contains(self.right()) {
            return Err(format!("must hold {:?}, and says: {said}", self.right()));
        }
        if said != verdict {
            return Err(format!("the page says:\n{verdict}and the tool:\n{said}"));
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(1);
    let skipped = settings::why_no_upstreams();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: {TOOL} on a real control plane: {why}"));
    }
    let pages = pages();
    let mut trials = Vec::new();
    if skipped.is_some() || arguments.list {
        let names = pages.iter().map(|it| it.name.clone());
        trials.extend(names.map(|name| Trial::test(name, || Ok(())).with_ignored_flag(true)));
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    let wanted = |name: &str| arguments.filter.as_ref().is_none_or(|it| name.contains(it.as_str()));
    let pages: Vec<Page> = pages.into_iter().filter(|it| wanted(&it.name)).collect();
    let heard = hear(&pages).unwrap_or_else(|error| panic!("{error}"));
    for (name, outcome) in heard {
        trials.push(Trial::test(name, move || outcome.map_err(Failed::from)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Sets up all pages, asks live, records, asks the recording, and looks at what was read.
fn hear(pages: &[Page]) -> Outcome<Vec<(String, Outcome)>> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 3, Lifetime::Ours))?;
    let inquest = told(Inquest::beside_us())?;
    set_up(&cluster, pages)?;
    let reader = told(inquest.reader(&cluster, &[]))?;
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let live = runtime.block_on(server(live(&reader)));
    if std::env::var_os("UPDATE").is_some() {
        std::thread::sleep(PATIENCE / 3);
        for page in pages {
            rewrite(page, &runtime.block_on(ask(&live, page)));
        }
        return Ok(Vec::new());
    }
    let mut heard: Vec<(String, Outcome)> = Vec::new();
    for page in pages {
        let judged = program::retry(PATIENCE, || {
            let said = runtime.block_on(ask(&live, page));
            page.judge(&said).map_err(|error| std::io::Error::other(error).into())
        });
        heard.push((format!("live::{}", page.name), told(judged)));
    }
    let snapshot = folder.path().join("snapshot");
    told(inquest.capture(&reader, None, &snapshot))?;
    let replayed = runtime.block_on(server(replayed(&snapshot)?));
    for page in pages {
        let said = runtime.block_on(ask(&replayed, page));
        heard.push((format!("replayed::{}", page.name), page.judge(&said)));
    }
    let requests = told(cluster.requests_of(READER))?;
    let writes: Vec<_> = requests.iter().filter(|request| !request.only_reads()).cloned().collect();
    let only_reads = match requests.is_empty() || !writes.is_empty() {
        true => {
            Err(format!("{} requests, of which write: {:?}", requests.len(), audit::tally(&writes)))
        }
        false => Ok(()),
    };
    heard.push(("it_only_reads".to_owned(), only_reads));
    if let Some(page) = pages.iter().find(|it| it.name == "plain") {
        heard
            .push(("what_may_not_be_read_is_unknown".to_owned(), unseen(&cluster, page, &runtime)));
    }
    Ok(heard)
}

/// Nothing is guessed of a kind that the identity may not read.
fn unseen(cluster: &Cluster, page: &Page, runtime: &Runtime) -> Outcome {
    let (user, namespace) = ("blind", page.namespace());
    let kubeconfig = told(cluster.user(user, None))?;
    let resources = "--resource=services,pods,endpointslices.discovery.k8s.io";
    told(cluster.kubectl(&[
        "create",
        "role",
        user,
        "-n",
        &namespace,
        "--verb=get,list",
        resources,
    ]))?;
    let (role, who) = (format!("--role={user}"), format!("--user={user}"));
    told(cluster.kubectl(&["create", "rolebinding", user, "-n", &namespace, &role, &who]))?;
    let blind = runtime.block_on(server(live(&kubeconfig)));
    let said = runtime.block_on(ask(&blind, page));
    let is_right = said.contains("is unknown") && said.contains("NetworkPolicies");
    if is_right { Ok(()) } else { Err(said) }
}

fn set_up(cluster: &Cluster, pages: &[Page]) -> Outcome {
    let kinds =
        fs::read_to_string(folder().join("kinds.yaml")).map_err(|error| error.to_string())?;
    told(cluster.apply(&kinds, "setup"))?;
    told(cluster.eventually(&[
        "wait",
        "crd",
        "--all",
        "--for=condition=Established",
        "--timeout=5s",
    ]))?;
    let mut namespaces = String::new();
    for page in pages {
        let name = page.namespace();
        namespaces.push_str(&format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"
        ));
    }
    told(cluster.apply(&namespaces, "setup"))?;
    for page in pages {
        let manifests = page.block("manifests").1;
        // Pods wait for the ServiceAccount of a namespace that has just been made.
        told(program::retry(PATIENCE, || cluster.apply(manifests, "setup")))
            .map_err(|error| format!("{}: {error}", page.name))?;
    }
    for page in pages {
        let steps: Vec<Step> = match page.block("steps").1 {
            "" => continue,
            steps => {
                serde_saphyr::from_str(steps).map_err(|error| format!("{}: {error}", page.name))?
            }
        };
        let script = Script {
            title: String::new(),
            demo: false,
            namespace: None,
            denied: Vec::new(),
            steps,
        };
        let scenario = Scenario { name: page.name.clone(), folder: folder(), script };
        told(scenario.play(cluster))?;
    }
    Ok(())
}

fn live(kubeconfig: &Path) -> Kubernetes {
    let settings = KubernetesSettings {
        kubeconfig: Some(kubeconfig.into()),
        context: Vec::new(),
        request_timeout: 20,
        allow_overprivileged: false,
    };
    Kubernetes::open(settings, false)
}

fn replayed(folder: &Path) -> Outcome<Kubernetes> {
    let snapshot = Arc::new(told(Snapshot::load(folder))?);
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    Ok(Kubernetes::replaying(Arc::new(replay::kubernetes::Kubernetes::of(snapshot)), &cluster, now))
}

async fn server(kubernetes: Kubernetes) -> Specialist {
    Specialist::in_memory(tools::server(Arc::new(kubernetes))).await.unwrap()
}

/// The sentence and what stands in the way: what does not depend on addresses and on the time.
async fn ask(server: &Specialist, page: &Page) -> String {
    let stop = CancellationToken::new();
    let reply = server.call(TOOL, page.arguments(), false, TIMEOUT, &stop).await.unwrap();
    let text = match reply.failure {
        Some(failure) => format!("{}: {}", failure.code, failure.message),
        None => reply.text,
    };
    let kept = text.lines().enumerate().filter(|(at, line)| *at == 0 || line.starts_with("! "));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

fn rewrite(page: &Page, said: &str) {
    let (before, _) = page.text.split_once("~~~verdict\n").unwrap();
    fs::write(&page.path, format!("{before}~~~verdict\n{said}~~~\n")).unwrap();
    if !said.lines().next().unwrap_or_default().contains(page.right()) {
        program::say(&format!("{}: must hold {:?}: {said}", page.name, page.right()));
    }
}

fn pages() -> Vec<Page> {
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            text.lines().next(),
            Some(format!("# {name}").as_str()),
            "the page's first line"
        );
        pages.insert(name.clone(), Page { path, name, text });
    }
    pages.into_values().collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("service_paths")
}

/// An error with all that it has to say.
fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
