//! Inquest on a real Kubernetes control plane: every scenario live, recorded and replayed, and the audit log.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use acceptance::kubernetes_api::{self, Answer, Fixtures};
use evidence::report::Report;
use inquest::eval::judging::{self, Judged};
use libtest_mimic::{Arguments, Failed, Trial};
use replay::truth::Truth;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use xtask::cluster::api::Api;
use xtask::cluster::audit;
use xtask::cluster::{Cluster, Lifetime};
use xtask::inquest::{Inquest, READER};
use xtask::scenario::Scenario;
use xtask::{program, settings};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A control plane takes 600 MB and both cores while it starts.
    arguments.test_threads.get_or_insert(2);
    let skipped = settings::why_no_upstreams();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: tests on a real control plane: {why}"));
    }
    let mut trials = vec![
        trial("a_user_without_rights_is_denied", a_user_without_rights_is_denied),
        trial("time_passes", time_passes),
        trial("servers_end_with_the_cluster", servers_end_with_the_cluster),
    ];
    // The others are played by whoever records them; `tests/scenarios.rs` replays them all.
    let all = Scenario::all(&scenarios()).unwrap_or_default();
    for scenario in all.into_iter().filter(|scenario| scenario.script.demo) {
        let name = format!("incident::{}", scenario.name);
        trials.push(trial(&name, move || incident(&scenario)));
    }
    let trials =
        trials.into_iter().map(|trial| trial.with_ignored_flag(skipped.is_some())).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, test: impl FnOnce() -> Outcome + Send + 'static) -> Trial {
    Trial::test(name, move || test().map_err(Failed::from))
}

fn a_user_without_rights_is_denied() -> Outcome {
    with_cluster(|cluster| {
        let kubeconfig = told(cluster.user("nobody", None))?;
        let mut kubectl = cluster.kubectl_command();
        kubectl.env("KUBECONFIG", kubeconfig).args(["get", "pods"]);
        let denied = program::output(&mut kubectl).expect_err("nobody may list pods");
        assert!(denied.to_string().contains("forbidden"), "{denied}");
        let asked = audit::tally(&told(cluster.requests_of("nobody"))?);
        assert_eq!(asked.get("list pods"), Some(&1), "{asked:?}");
        Ok(())
    })
}

fn time_passes() -> Outcome {
    with_cluster(|cluster| {
        let created =
            ["get", "namespace", "default", "-o", "jsonpath={.metadata.creationTimestamp}"];
        let before = told(cluster.kubectl(&created))?;
        told(cluster.later("6d"))?;
        let after = told(cluster.kubectl(&created))?;
        let [before, after]: [jiff::Timestamp; 2] =
            [before, after].map(|time| time.parse().unwrap());
        assert_eq!(before.duration_since(after), jiff::SignedDuration::from_hours(6 * 24));
        Ok(())
    })
}

fn servers_end_with_the_cluster() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("cluster");
    let cluster = told(Cluster::start(&path, 1, Lifetime::Ours))?;
    assert_eq!(cluster.status().len(), 5, "{:?}", cluster.status());
    drop(cluster);
    assert_eq!(told(Cluster::open(&path))?.status(), Vec::<String>::new());
    Ok(())
}

/// Plays a scenario, investigates it live, records it, investigates the recording, and looks at what was read.
fn incident(scenario: &Scenario) -> Outcome {
    let inquest = told(Inquest::beside_us())?;
    let truth = truth(scenario)?;
    with_cluster(|cluster| {
        told(scenario.play(cluster))?;
        let reader = told(inquest.reader(cluster, &scenario.script.denied))?;
        let live = investigate(&inquest, &truth, &["--kubeconfig", &text(&reader)])?;
        right(&live, &truth, "live")?;

        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let snapshot = folder.path().join("snapshot");
        told(inquest.capture(&reader, scenario.script.namespace.as_deref(), &snapshot))?;
        let replayed = investigate(&inquest, &truth, &["--snapshot", &text(&snapshot)])?;
        right(&replayed, &truth, "replayed")?;
        assert_eq!(essence(&live), essence(&replayed), "the replay came to something else");

        only_reads(cluster)?;
        answers_alike(&inquest, cluster, scenario, &snapshot)
    })
}

fn investigate(inquest: &Inquest, truth: &Truth, place: &[&str]) -> Outcome<Report> {
    let mut command = inquest.command(&["investigate", "--format", "json"]);
    command.args(truth.question.as_slice());
    for (flag, value) in [("--namespace", &truth.namespace), ("--workload", &truth.workload)] {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    let ended = command.args(place).output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&ended.stdout);
    serde_json::from_str(&printed)
        .map_err(|error| format!("{error}: {printed}{}", String::from_utf8_lossy(&ended.stderr)))
}

fn right(report: &Report, truth: &Truth, how: &str) -> Outcome {
    match judging::judge(report, truth) {
        Judged::Right if !judging::is_false_alarm(report, truth) => Ok(()),
        judged => {
            Err(format!("{how}: {judged:?}: {}; {}", judging::answer(report), report.summary))
        }
    }
}

/// The verdict, and for each cause what it is, its subject and its chain.
fn essence(report: &Report) -> Vec<String> {
    let mut essence = vec![format!("{:?}", report.verdict)];
    for cause in &report.root_causes {
        let subject = &cause.subject;
        essence.push(format!(
            "{} {} {}/{}",
            cause.failure_mode, subject.kind, subject.namespace, subject.name
        ));
        for link in &cause.chain {
            essence.push(format!("{:?} {} {:?}", link.cause, link.relation, link.effect));
        }
    }
    essence
}

/// The API server's own account: our identity did nothing but read.
fn only_reads(cluster: &Cluster) -> Outcome {
    let requests = told(cluster.requests_of(READER))?;
    assert!(!requests.is_empty(), "the audit log has no request of {READER}");
    let writes: Vec<_> = requests.iter().filter(|request| !request.only_reads()).cloned().collect();
    match writes.is_empty() {
        true => Ok(()),
        false => Err(format!("not only reads: {:?}", audit::tally(&writes))),
    }
}

/// The replay of a recording answers as the API server does.
fn answers_alike(
    inquest: &Inquest,
    cluster: &Cluster,
    scenario: &Scenario,
    snapshot: &Path,
) -> Outcome {
    let Some(namespace) = &scenario.script.namespace else { return Ok(()) };
    let mut replay = inquest.command(&["replay", "--snapshot", &text(snapshot)]);
    let mut child = replay.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let outcome = first_address(&mut child).and_then(|address| {
        let [real, replay] = [told(cluster.api())?, told(Api::at(&address))?];
        let fixtures = fixtures(cluster, namespace)?;
        let differences = kubernetes_api::differences(
            &|path, accept| answer(&real, path, accept),
            &|path, accept| answer(&replay, path, accept),
            &fixtures,
        );
        match differences.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(format!("{} answers differ; the first: {first}", differences.len())),
        }
    });
    let _ = child.kill();
    let _ = child.wait();
    outcome
}

/// The address in the kubeconfig that a replay prints.
fn first_address(child: &mut Child) -> Outcome<String> {
    let stdout = child.stdout.take().ok_or("no standard output")?;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once("server: \"") {
            return Ok(address.split('"').next().unwrap_or_default().to_string());
        }
    }
    Err("no address was printed".into())
}

fn answer(api: &Api, path: &str, accept: &str) -> Answer {
    let (status, body) = api.get(path, accept).unwrap_or_else(|error| panic!("{error:#}"));
    let mut body = serde_json::from_str(&body).unwrap_or(Value::String(body));
    forget_what_must_differ(&mut body);
    Answer { status, body }
}

/// Two things differ without being wrong: kubectl's copy of a whole manifest, which is never recorded, and words such
/// as `7 (80s ago)`, which depend on when one asks.
fn forget_what_must_differ(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(annotations)) = fields.get_mut("annotations") {
                annotations.remove(LAST_APPLIED);
                if annotations.is_empty() {
                    fields.remove("annotations");
                }
            }
            fields.values_mut().for_each(forget_what_must_differ);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_what_must_differ),
        Value::String(text) if text.ends_with(" ago)") => {
            let kept = text.find(" (").unwrap_or(text.len());
            text.truncate(kept);
        }
        _ => {}
    }
}

/// What the investigation read in the namespace, so that the recording has it.
fn fixtures(cluster: &Cluster, namespace: &str) -> Outcome<Fixtures> {
    let mut collections = Vec::new();
    let mut objects = Vec::new();
    let groups = BTreeMap::from([
        ("/api/v1", ["pods", "services"].as_slice()),
        ("/apis/apps/v1", ["deployments", "replicasets"].as_slice()),
    ]);
    for (group, resources) in groups {
        for resource in resources {
            let collection = format!("{group}/namespaces/{namespace}/{resource}");
            let names = told(cluster.kubectl(&["get", resource, "-n", namespace, "-o", "name"]))?;
            let names = names.lines().filter_map(|line| line.split_once('/')).map(|(_, name)| name);
            objects.extend(names.map(|name| format!("{collection}/{name}")));
            collections.push(collection);
        }
    }
    Ok(Fixtures { namespace: namespace.into(), collections, objects, some_pods: "app".into() })
}

fn with_cluster(test: impl FnOnce(&Cluster) -> Outcome) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 3, Lifetime::Ours))?;
    test(&cluster)
}

fn truth(scenario: &Scenario) -> Outcome<Truth> {
    let text = fs::read_to_string(scenario.folder.join("truth.yaml"))
        .map_err(|error| error.to_string())?;
    serde_saphyr::from_str(&text).map_err(|error| error.to_string())
}

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// An error with all that it has to say.
fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
