//! What was measured: `prometheus/*.om` as series of samples, found by their labels.

pub mod labels;
mod openmetrics;

use crate::snapshot::error::LoadError;
use crate::snapshot::files::Files;
use crate::snapshot::metrics::labels::{Labels, NAME, Text};
use crate::snapshot::metrics::openmetrics::Reading;
use crate::snapshot::rules;
use std::collections::{BTreeMap, HashMap};

/// The series of a snapshot.
#[derive(Debug, Default)]
pub struct Metrics {
    /// In the order of their labels, which is that of a Prometheus block.
    pub series: Vec<Series>,
    /// What is said of metrics, by the name of the family.
    pub families: BTreeMap<String, Family>,
    /// Where the series of a metric stand in `series`.
    by_name: HashMap<Text, Vec<usize>>,
}

/// One series.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Its labels, the name of the metric among them.
    pub labels: Labels,
    /// In rising time.
    pub samples: Vec<Sample>,
}

/// One value at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since 1970.
    pub at: i64,
    /// The value.
    pub value: f64,
}

/// The `# TYPE`, `# HELP` and `# UNIT` of a metric family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// `counter`, `gauge`, `histogram`, ...
    pub kind: Option<String>,
    /// What it is, in words.
    pub help: Option<String>,
    /// Such as `bytes`.
    pub unit: Option<String>,
}

impl Metrics {
    /// The series of one metric, in order.
    pub fn of_name(&self, name: &str) -> impl Iterator<Item = &Series> {
        let places = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.series.get(*place))
    }

    /// The times of the first and of the last sample, in milliseconds since 1970.
    pub fn span(&self) -> Option<(i64, i64)> {
        let ends = |series: &Series| Some((series.samples.first()?.at, series.samples.last()?.at));
        let all = self.series.iter().filter_map(ends);
        all.reduce(|span, one| (span.0.min(one.0), span.1.max(one.1)))
    }

    fn of(mut series: Vec<Series>, families: BTreeMap<String, Family>) -> Metrics {
        series.sort_by(|one, other| one.labels.cmp(&other.labels));
        let mut by_name: HashMap<Text, Vec<usize>> = HashMap::new();
        for (place, one) in series.iter().enumerate() {
            if let Some(name) = one.labels.text(NAME) {
                by_name.entry(name.clone()).or_default().push(place);
            }
        }
        Metrics { series, families, by_name }
    }
}

/// Reads the files; none if there is not one, so that nothing measured was recorded.
pub(crate) fn read(files: &Files) -> Result<Option<Metrics>, LoadError> {
    let mut reading = Reading::default();
    let mut found = false;
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("prometheus/")) {
        if path.ends_with(".om") {
            found = true;
            reading.file(path, bytes)?;
        } else if path != rules::FILE {
            let reason = format!("is neither prometheus/*.om nor {}", rules::FILE);
            return Err(LoadError::new(path, reason));
        }
    }
    if !found {
        return Ok(None);
    }
    Ok(Some(Metrics::of(reading.series, reading.families)))
}
