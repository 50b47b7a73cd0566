//! `/status/*` and `/targets`: what is known of the Prometheus that measured.

use crate::prometheus::parameters::Parameters;
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::select::LOOKBACK;
use crate::prometheus::reply::Reply;
use crate::snapshot::metrics::labels::NAME;
use crate::snapshot::metrics::{Metrics, Sample, Series};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many lines each table of `/status/tsdb` has.
const TOP: usize = 10;

/// The version whose semantics these are, marked as a replay of it, in the form of a version.
pub(super) fn build() -> Reply {
    Reply::value(&json!({"version": "2.42.0+replay", "revision": "", "branch": "", "buildUser": "",
        "buildDate": "", "goVersion": ""}))
}

/// What the series themselves tell. How they were kept, in chunks and for how long, is not held.
pub(super) fn tsdb(metrics: &Metrics) -> Reply {
    let mut of_metric: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_pair: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for series in &metrics.series {
        *of_metric.entry(series.labels.get(NAME)).or_default() += 1;
        for pair in series.labels.iter() {
            *of_pair.entry(pair).or_default() += 1;
        }
    }
    let mut values: BTreeMap<&str, usize> = BTreeMap::new();
    let mut bytes: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, value) in of_pair.keys() {
        *values.entry(name).or_default() += 1;
        *bytes.entry(name).or_default() += value.len();
    }
    let pairs = of_pair.iter().map(|((name, value), count)| (format!("{name}={value}"), *count));
    let (first, last) = metrics.span().unwrap_or_default();
    Reply::value(&json!({
        "headStats": {"numSeries": metrics.series.len(), "numLabelPairs": of_pair.len(),
            "minTime": first, "maxTime": last},
        "seriesCountByMetricName": most(of_metric.into_iter()),
        "labelValueCountByLabelName": most(values.into_iter()),
        "memoryInBytesByLabelName": most(bytes.into_iter()),
        "seriesCountByLabelValuePair": most(pairs),
    }))
}

fn most<N: Into<String> + Ord>(counts: impl Iterator<Item = (N, usize)>) -> Value {
    let mut counts: Vec<(N, usize)> = counts.collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let top = counts.into_iter().take(TOP);
    top.map(|(name, value)| json!({"name": name.into(), "value": value})).collect()
}

/// The targets, told from `up`: Prometheus makes one such series for each target and says in it whether the last scrape
/// worked. Nothing else of a target is among the samples, so its address and its error are left open.
pub(super) fn targets(
    metrics: &Metrics,
    parameters: &Parameters,
    now: i64,
) -> Result<Reply, Failure> {
    if metrics.of_name("up").next().is_none() {
        let reason = "the snapshot has no series `up`, from which targets are told";
        return Err(Failure::unavailable(reason));
    }
    let state = parameters.text("state").to_lowercase();
    if state == "dropped" {
        return Err(Failure::unavailable("a snapshot does not hold targets that were dropped"));
    }
    let pool = parameters.text("scrapePool");
    let mut active = Vec::new();
    for series in metrics.of_name("up") {
        let Some(last) = newest(series, now) else { continue };
        if pool.is_empty() || series.labels.get("job") == pool {
            active.push(target(metrics, series, last, now));
        }
    }
    Ok(Reply::value(&json!({"activeTargets": active, "droppedTargets": []})))
}

fn target(metrics: &Metrics, up: &Series, last: Sample, now: i64) -> Value {
    let labels = up.labels.nameless();
    let mut durations = metrics.of_name("scrape_duration_seconds");
    let duration = durations.find(|one| one.labels.nameless() == labels);
    let duration = duration.and_then(|one| newest(one, now)).map_or(0.0, |sample| sample.value);
    let job = labels.get("job").to_owned();
    let labels: BTreeMap<&str, &str> = labels.iter().collect();
    let works = last.value == 1.0;
    let error = if works { "" } else { "the snapshot does not say why the scrape failed" };
    json!({"discoveredLabels": {}, "labels": labels, "scrapePool": job, "scrapeUrl": "", "globalUrl": "",
        "lastError": error, "lastScrape": time(last.at), "lastScrapeDuration": duration,
        "health": if works { "up" } else { "down" }, "scrapeInterval": "", "scrapeTimeout": ""})
}

/// The newest sample that still counts.
pub(super) fn newest(series: &Series, now: i64) -> Option<Sample> {
    let after = series.samples.partition_point(|sample| sample.at <= now);
    let newest = series.samples.get(after.checked_sub(1)?)?;
    (now - newest.at <= LOOKBACK).then_some(*newest)
}

/// A time as RFC 3339.
pub(super) fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}
