//! PromQL over a snapshot and the real Prometheus, asked the same: every answer is compared.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "promql/alerts.rs"]
mod alerts;
#[path = "promql/cluster.rs"]
mod cluster;
#[path = "promql/compare.rs"]
mod compare;
#[path = "promql/series.rs"]
mod series;

use libtest_mimic::{Arguments, Failed, Trial};
use replay::prometheus::Prometheus;
use replay::serve;
use replay::snapshot::Snapshot;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use xtask::cluster::Lifetime;
use xtask::cluster::api::Api;
use xtask::monitoring::{Monitoring, Setup};
use xtask::{program, settings};

const QUERIES: &str = include_str!("promql/queries.txt");
const MIXIN: &str = include_str!("promql/mixin.txt");
const REQUESTS: &str = include_str!("promql/requests.txt");
/// What differs on purpose, and why.
const DIFFERENCES: &str = include_str!("promql/differences.txt");

/// Seconds after the beginning at which queries are asked.
const INSTANTS: [f64; 4] = [0.0, 1800.0, 4321.5, 7200.0];
/// From, to and step, in seconds after the beginning.
const RANGES: [(i64, i64, i64); 3] = [(-300, 7500, 97), (3000, 4200, 15), (7000, 7900, 60)];
/// How many differences are shown.
const SHOWN: usize = 40;

type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let skipped = settings::why_no_prometheus();
    if let Some(why) = &skipped {
        program::say(&format!("SKIPPED: PromQL beside a real Prometheus: {why}"));
    }
    let trial = |name: &str, test: fn() -> Outcome| {
        Trial::test(name, move || test().map_err(Failed::from)).with_ignored_flag(skipped.is_some())
    };
    let trials = vec![
        trial("queries_are_answered_as_prometheus_answers_them", queries),
        trial("alerts_fire_as_promtool_says", alerts::fire_as_promtool_says),
        trial("alerts_outlive_evaluations_that_fail", alerts::outlive_failures),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn queries() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let metrics = series::all();
    let real = told(Monitoring::of(&folder.path().join("real"), Lifetime::Ours))?;
    told(real.start(&Setup { metrics: &metrics, ..Setup::default() }))?;
    let files = [("prometheus/all.om", metrics.as_str())];
    let replayed = Replayed::start(&folder.path().join("snapshot"), series::END, &files)?;
    let pair =
        Pair { real: told(Api::at(&real.prometheus()))?, ours: told(Api::at(&replayed.address))? };
    let mut tally = Tally::default();
    for query in lines(QUERIES).chain(lines(MIXIN)) {
        pair.ask(query, &mut tally)?;
    }
    for request in lines(REQUESTS) {
        let answers = (pair.real_get(request)?, pair.our_get(request)?);
        tally.note(request, request, compare::difference("", &answers.0, &answers.1));
    }
    tally.verdict()
}

/// The real one and ours.
struct Pair {
    real: Api,
    ours: Api,
}

impl Pair {
    /// Asks one query at all times and over all ranges.
    fn ask(&self, query: &str, tally: &mut Tally) -> Outcome {
        let text = url::form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
        for instant in INSTANTS {
            let form = format!("query={text}&time={}", series::START as f64 + instant);
            self.post(query, "query", &form, tally)?;
        }
        for (from, to, step) in RANGES {
            let (from, to) = (series::START + from, series::START + to);
            let form = format!("query={text}&start={from}&end={to}&step={step}");
            self.post(query, "query_range", &form, tally)?;
        }
        Ok(())
    }

    fn post(&self, query: &str, endpoint: &str, form: &str, tally: &mut Tally) -> Outcome {
        let path = format!("/api/v1/{endpoint}");
        let real = answer(told(self.real.post(&path, form))?)?;
        let ours = answer(told(self.ours.post(&path, form))?)?;
        // A range query has no order.
        let ordered = if endpoint == "query" { query } else { "" };
        let when = form.split_once('&').map_or("", |(_, when)| when);
        let name = format!("{query} ({when})");
        tally.note(query, &name, compare::difference(ordered, &real, &ours));
        Ok(())
    }

    fn real_get(&self, path: &str) -> Outcome<(u16, Value)> {
        answer(told(self.real.get(path, "*/*"))?)
    }

    fn our_get(&self, path: &str) -> Outcome<(u16, Value)> {
        answer(told(self.ours.get(path, "*/*"))?)
    }
}

/// JSON, or what is none as text.
fn answer((status, body): (u16, String)) -> Outcome<(u16, Value)> {
    Ok((status, serde_json::from_str(&body).unwrap_or(Value::String(body))))
}

/// What was compared.
#[derive(Default)]
struct Tally {
    compared: usize,
    /// Differences that are not on purpose.
    differ: Vec<String>,
    /// Queries that differed at least once.
    queries: std::collections::BTreeSet<String>,
}

impl Tally {
    fn note(&mut self, query: &str, name: &str, difference: Option<String>) {
        self.compared += 1;
        let Some(difference) = difference else { return };
        self.queries.insert(query.to_owned());
        if on_purpose(query).is_none() {
            self.differ.push(format!("{name}: {difference}"));
        }
    }

    fn verdict(self) -> Outcome {
        let purposes: Vec<&str> = lines(DIFFERENCES)
            .filter_map(|line| line.split_once(" # "))
            .map(|(query, _)| query)
            .collect();
        let needless: Vec<&&str> =
            purposes.iter().filter(|query| !self.queries.contains(**query)).collect();
        program::say(&format!(
            "{} answers compared, {} differ; {} queries differ on purpose",
            self.compared,
            self.differ.len(),
            purposes.len() - needless.len(),
        ));
        if !needless.is_empty() {
            return Err(format!("these no longer differ: {needless:?}"));
        }
        if self.differ.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = self.differ.into_iter().take(SHOWN).collect();
        Err(shown.join("\n"))
    }
}

/// Why a query is answered in another way, where it is.
fn on_purpose(query: &str) -> Option<&'static str> {
    let mut known = lines(DIFFERENCES).filter_map(|line| line.split_once(" # "));
    known.find(|(known, _)| *known == query).map(|(_, why)| why)
}

/// Lines that are neither empty nor comments.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A snapshot served on loopback.
struct Replayed {
    address: String,
    stop: CancellationToken,
    _runtime: Runtime,
}

impl Replayed {
    fn start(folder: &Path, now: i64, files: &[(&str, &str)]) -> Outcome<Replayed> {
        let now = jiff::Timestamp::from_second(now).unwrap();
        let about = format!("apiVersion: inquest.dev/v1\nkind: Snapshot\ncapturedAt: {now}\n");
        std::fs::create_dir_all(folder.join("prometheus")).map_err(|error| error.to_string())?;
        std::fs::write(folder.join("snapshot.yaml"), about).unwrap();
        for (path, text) in files {
            std::fs::write(folder.join(path), text).unwrap();
        }
        let snapshot = Snapshot::load(folder).map_err(|error| error.to_string())?;
        let runtime = Runtime::new().map_err(|error| error.to_string())?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let prometheus = Arc::new(Prometheus::of(Arc::new(snapshot)));
        runtime.spawn(serve::serve(listener, prometheus, stop.clone().cancelled_owned()));
        Ok(Replayed { address, stop, _runtime: runtime })
    }
}

impl Drop for Replayed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn told<T>(result: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    result.map_err(|error| format!("{error:#}"))
}
