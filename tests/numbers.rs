//! Causes that only numbers show, with a real Prometheus beside the recorded cluster: the verdict is that of the replay.
//! And an alert that a real Alertmanager delivers becomes a report on a real cluster.

use libtest_mimic::{Arguments, Failed, Trial};
use replay::truth::Truth;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, SystemTime};
use xtask::cluster::{Cluster, Lifetime};
use xtask::inquest::Inquest;
use xtask::monitoring::{Monitoring, Setup};
use xtask::replaying::Replaying;
use xtask::scenario::Scenario;
use xtask::{program, settings};

/// Far more than an alert takes on its way.
const PATIENCE: Duration = Duration::from_secs(60);

type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_upstreams().or_else(settings::why_no_alertmanager);
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: causes that only numbers show: {why}"));
    }
    let is_skipped = skipped.is_some();
    let mut trials = vec![
        Trial::test("an_alert_becomes_a_report", || an_alert().map_err(Failed::from))
            .with_ignored_flag(is_skipped),
    ];
    for scenario in Scenario::all(&here().join("scenarios/metrics")).unwrap_or_default() {
        let name = scenario.name.clone();
        let test = move || as_replayed(&scenario).map_err(Failed::from);
        trials.push(Trial::test(name, test).with_ignored_flag(is_skipped));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The verdict with a real Prometheus, which was loaded with what the replay holds, is that of the replay.
fn as_replayed(scenario: &Scenario) -> Outcome {
    let packed = scenario.folder.join("snapshot.tar.zst");
    let truth = std::fs::read_to_string(scenario.folder.join("truth.yaml"));
    let truth: Truth = told(serde_saphyr::from_str(&told(truth)?))?;
    let inquest = told(Inquest::beside_us())?;
    let recorded = told(Replaying::start(&inquest, &packed))?;
    let folder = told(tempfile::tempdir())?;
    let monitoring = told(Monitoring::of(&folder.path().join("live"), Lifetime::Ours))?;
    let metrics = recorded.file("prometheus/metrics.om");
    if metrics.is_empty() {
        return Err("it has no numbers".to_owned());
    }
    let rules = scenario.folder.join("prometheus/rules.yaml");
    let rules = if rules.exists() { told(std::fs::read_to_string(rules))? } else { String::new() };
    told(monitoring.start(&Setup { metrics: &metrics, rules: &rules, ..Setup::default() }))?;
    let mut asked = vec!["investigate".to_owned(), truth.question.unwrap_or_default()];
    for (flag, value) in [("--namespace", truth.namespace), ("--workload", truth.workload)] {
        asked.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    }
    let snapshot = ["--snapshot".to_owned(), packed.display().to_string()];
    let replayed = report(&inquest, &[&asked[..], &snapshot].concat(), None)?;
    let at = replayed.get("as_of").and_then(Value::as_str).unwrap_or_default().to_owned();
    let live = ["--at".to_owned(), at, "--prometheus-url".to_owned(), monitoring.prometheus()];
    let live = report(&inquest, &[&asked[..], &live].concat(), Some(recorded.kubeconfig()))?;
    match found(&live) == found(&replayed) {
        true => Ok(()),
        false => Err(format!("{:?}, where the replay says {:?}", found(&live), found(&replayed))),
    }
}

/// A Deployment with a bad image, an alert about it that Prometheus raises and Alertmanager sends, and what comes of it.
fn an_alert() -> Outcome {
    let folder = told(tempfile::tempdir())?;
    let cluster = told(Cluster::start(&folder.path().join("cluster"), 3, Lifetime::Ours))?;
    let story = here().join("scenarios/demos/image_not_found");
    told(told(Scenario::read(&story))?.play(&cluster))?;
    let inquest = told(Inquest::beside_us())?;
    let reader = told(inquest.reader(&cluster, &[]))?;
    let pager = told(TcpListener::bind("127.0.0.1:0"))?;
    let called = format!("http://{}/", told(pager.local_addr())?);
    let alertmanager = format!(
        "route: {{receiver: inquest, group_by: [namespace], group_wait: 0s}}\n\
         receivers: [{{name: inquest, webhook_configs: [{{url: \"{called}\"}}]}}]\n"
    );
    let monitoring = told(Monitoring::of(&folder.path().join("live"), Lifetime::Ours))?;
    told(monitoring.start(&Setup {
        metrics: &available(0)?,
        rules: include_str!("numbers/rules.yaml"),
        evaluation_interval: "1s",
        alertmanager: &alertmanager,
        ..Setup::default()
    }))?;
    let alert = folder.path().join("alert.json");
    told(std::fs::write(&alert, told(delivered(&pager))?))?;
    let asked = ["investigate", "--alert", &alert.display().to_string()].map(str::to_owned);
    let address = ["--prometheus-url".to_owned(), monitoring.prometheus()];
    let report = report(&inquest, &[&asked[..], &address].concat(), Some(reader))?;
    let question = report.pointer("/question").and_then(Value::as_str).unwrap_or_default();
    if !question.starts_with("DeploymentHasNoPods: echo-pod") {
        return Err(format!("it asks {question}"));
    }
    let expected = "IMG-01 Deployment terranetes/echo-pod";
    match found(&report).contains(&expected.to_owned()) {
        true => Ok(()),
        false => Err(format!("{:?}, where {expected} is right", found(&report))),
    }
}

/// What kube-state-metrics says of the Deployment, over the last minutes and the next ones.
fn available(replicas: u32) -> Outcome<String> {
    let now = told(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH))?.as_secs();
    let mut text = "# TYPE kube_deployment_status_replicas_available gauge\n".to_owned();
    for at in (now - 600..now + 600).step_by(15) {
        text.push_str(&format!(
            "kube_deployment_status_replicas_available{{namespace=\"terranetes\",deployment=\"echo-pod\"}} {replicas} {at}\n"
        ));
    }
    Ok(text + "# EOF\n")
}

/// The body of the first request.
fn delivered(pager: &TcpListener) -> std::io::Result<String> {
    pager.set_nonblocking(true)?;
    let accepted = program::retry(PATIENCE, || Ok(pager.accept()?.0));
    let stream: TcpStream = accepted.map_err(std::io::Error::other)?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(&stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(body)
}

fn report(inquest: &Inquest, arguments: &[String], kubeconfig: Option<PathBuf>) -> Outcome<Value> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = inquest.command(&[&arguments[..], &["--format", "json"]].concat());
    if let Some(kubeconfig) = kubeconfig {
        command.env("KUBECONFIG", kubeconfig);
    }
    // The exit code tells the verdict, which the report tells, too.
    let ended = told(command.stdin(Stdio::null()).output())?;
    let said = String::from_utf8_lossy(&ended.stderr);
    serde_json::from_slice(&ended.stdout).map_err(|error| format!("{error}: {said}"))
}

/// The verdict, and each cause with its subject.
fn found(report: &Value) -> Vec<String> {
    let text = |of: &Value, at: &str| {
        of.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let causes = report.get("root_causes").and_then(Value::as_array);
    let causes = causes.into_iter().flatten().map(|cause| {
        let subject = |field: &str| text(cause, &format!("/subject/{field}"));
        let (kind, namespace, name) = (subject("kind"), subject("namespace"), subject("name"));
        let place = if namespace.is_empty() { name } else { format!("{namespace}/{name}") };
        format!("{} {kind} {place}", text(cause, "/failure_mode"))
    });
    [text(report, "/verdict")].into_iter().chain(causes).collect()
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn told<T>(outcome: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    outcome.map_err(|error| format!("{error:#}"))
}
