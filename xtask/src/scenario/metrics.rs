//! What Prometheus would have measured during a scenario: series by their shapes, written as OpenMetrics at the recording's
//! now.

mod background;
mod shape;

use self::shape::{Kind, Series};
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Two hours: the last one is looked at, and the one before is what is usual.
const SPAN: i64 = 7_200;
/// How often is scraped.
const STEP: i64 = 30;

/// `metrics`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Namespaces whose pods, and all nodes, have the ordinary metrics of something healthy.
    #[serde(default)]
    pub background: Vec<String>,
    /// Further series; one that is there already is put in its place.
    #[serde(default)]
    pub series: Vec<Shape>,
}

/// One series, or one for each pod of a workload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// A gauge as `name{labels}`. In labels of pods, `$pod`, `$node`, `$ip` and `$container` stand for theirs.
    pub gauge: Option<String>,
    /// A counter, whose level is its rate by second.
    pub counter: Option<String>,
    /// A histogram without `_bucket`, whose level is its 99th percentile.
    pub histogram: Option<String>,
    /// One for each pod of this workload, as `shop/web`.
    pub of: Option<String>,
    /// Only for the first of its pods.
    #[serde(default)]
    pub first: bool,
    /// What it is at first.
    pub level: f64,
    /// How far it strays to both sides, as a part of what it is.
    #[serde(default = "a_little")]
    pub noise: f64,
    /// Observations by second, of a histogram.
    #[serde(default = "some")]
    pub rate: f64,
    /// What it becomes.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// When there are no samples.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

/// A change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When it begins, as `40m ago`.
    pub at: String,
    /// What it becomes.
    pub to: f64,
    /// How long that takes, as `20m`; at once unless it is said.
    pub over: Option<String>,
}

/// A time without samples.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// When it begins, as `40m ago`.
    pub from: String,
    /// When it ends; now unless it is said.
    pub until: Option<String>,
}

fn a_little() -> f64 {
    0.03
}

fn some() -> f64 {
    20.0
}

/// Writes `prometheus/` into the folder of a snapshot; nothing where there are no steps of this kind.
pub fn write(steps: &[&Metrics], scenario: &Path, snapshot: &Path) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let now = captured_at(snapshot)?;
    let mut all: BTreeMap<(String, String), Series> = BTreeMap::new();
    for step in steps {
        let mut shapes = Vec::new();
        for namespace in &step.background {
            shapes.extend(background::of_namespace(snapshot, namespace)?);
        }
        if !step.background.is_empty() {
            shapes.extend(background::of_nodes(snapshot)?);
        }
        shapes.extend(step.series.iter().cloned());
        for shape in &shapes {
            for series in made(shape, snapshot)? {
                all.insert((family(&series), series.labels.clone()), series);
            }
        }
    }
    let folder = snapshot.join("prometheus");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("metrics.om"), text(&all, now)?)?;
    // A Prometheus without rules has none, and knows that.
    fs::write(folder.join("rules.yaml"), "groups: []\n")?;
    for file in ["prometheus/rules.yaml", "alertmanager/alerts.json", "alertmanager/silences.json"]
    {
        let from = scenario.join(file);
        if from.is_file() {
            let to = snapshot.join(file);
            fs::create_dir_all(to.parent().unwrap_or(snapshot))?;
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

fn captured_at(snapshot: &Path) -> Result<i64> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct About {
        captured_at: Timestamp,
    }
    let text = fs::read_to_string(snapshot.join("snapshot.yaml"))?;
    let about: About = serde_saphyr::from_str(&text).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(about.captured_at.as_second())
}

/// The series of a shape, one for each pod that it is of.
fn made(shape: &Shape, snapshot: &Path) -> Result<Vec<Series>> {
    let kinds = [
        (Kind::Gauge, &shape.gauge),
        (Kind::Counter, &shape.counter),
        (Kind::Histogram, &shape.histogram),
    ];
    let mut named = kinds.into_iter().filter_map(|(kind, text)| Some((kind, text.as_ref()?)));
    let (Some((kind, text)), None) = (named.next(), named.next()) else {
        bail!("a series is one of gauge, counter and histogram");
    };
    let Some(of) = &shape.of else { return Ok(vec![Series::new(kind, text, shape)?]) };
    let (namespace, workload) = of.split_once('/').context("`of` is as shop/web")?;
    let mut pods = background::pods_of(snapshot, namespace, workload)?;
    if pods.is_empty() {
        bail!("{of} has no pod");
    }
    pods.truncate(if shape.first { 1 } else { pods.len() });
    pods.iter().map(|pod| Series::new(kind, &filled(text, pod), shape)).collect()
}

fn filled(text: &str, pod: &Value) -> String {
    let of = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    text.replace("$pod", of("/metadata/name"))
        .replace("$node", of("/spec/nodeName"))
        .replace("$ip", of("/status/podIP"))
        .replace("$container", of("/spec/containers/0/name"))
}

/// The name that the type is told of.
fn family(series: &Series) -> String {
    match series.kind {
        Kind::Counter => series.name.strip_suffix("_total").unwrap_or(&series.name).to_owned(),
        Kind::Gauge | Kind::Histogram => series.name.clone(),
    }
}

fn text(all: &BTreeMap<(String, String), Series>, now: i64) -> Result<String> {
    let mut text = String::new();
    let mut before = "";
    for ((family, labels), series) in all {
        if family != before {
            let kind = match series.kind {
                Kind::Gauge => "gauge",
                // What is not called a total is no counter to OpenMetrics.
                Kind::Counter if !series.name.ends_with("_total") => "unknown",
                Kind::Counter => "counter",
                Kind::Histogram => "histogram",
            };
            writeln!(text, "# TYPE {family} {kind}")?;
            before = family;
        }
        series.write(&mut text, labels, now - SPAN, SPAN / STEP, STEP)?;
    }
    text.push_str("# EOF\n");
    Ok(text)
}
