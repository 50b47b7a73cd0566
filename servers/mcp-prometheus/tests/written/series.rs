//! Series in a few words, as `up{job="a"} 1x60 0x29`, written out as OpenMetrics.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Seconds between two samples.
const STEP: i64 = 60;

/// What is told of one metric, and its series with their values.
#[derive(Default)]
struct Metric<'a> {
    about: Vec<&'a str>,
    series: Vec<(&'a str, Vec<Option<f64>>)>,
}

/// The series of `text` as OpenMetrics, the last sample of each at `now`. A line is a series with its values: `2` is one,
/// `2x9` ten alike, `2+3x9` ten that grow by 3, `_x9` none for ten times. `# TYPE` and `# HELP` lines stay as they are.
pub(crate) fn written(text: &str, now: Timestamp) -> String {
    // Samples of one metric must stand together.
    let mut metrics: BTreeMap<&str, Metric<'_>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(about) = line.strip_prefix("# ") {
            let metric = about.split(' ').nth(1).unwrap();
            metrics.entry(metric).or_default().about.push(line);
            continue;
        }
        let (series, values) = match line.rsplit_once("} ") {
            Some((_, values)) => line.split_at(line.len() - values.len() - 1),
            None => line.split_once(' ').unwrap(),
        };
        let values = values.split_whitespace().flat_map(expanded).collect();
        metrics.entry(family(series)).or_default().series.push((series, values));
    }
    let mut written = String::new();
    for Metric { about, series } in metrics.values() {
        about.iter().for_each(|line| writeln!(written, "{line}").unwrap());
        for (series, values) in series {
            let first = now.as_second() - (values.len() as i64 - 1) * STEP;
            for (at, value) in values.iter().enumerate() {
                if let Some(value) = value {
                    writeln!(written, "{series} {value} {}", first + at as i64 * STEP).unwrap();
                }
            }
        }
    }
    written.push_str("# EOF\n");
    written
}

/// The name that TYPE and HELP are told of.
fn family(series: &str) -> &str {
    let name = series.split('{').next().unwrap().trim();
    let suffixes = ["_total", "_bucket", "_count", "_sum"];
    suffixes.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name)
}

fn expanded(word: &str) -> Vec<Option<f64>> {
    let (value, times) = word.split_once('x').unwrap_or((word, "0"));
    let times: usize = times.parse().unwrap();
    if value == "_" {
        return vec![None; times + 1];
    }
    let (start, by) = match value.rfind(['+', '-']).filter(|at| *at > 0) {
        Some(at) => value.split_at(at),
        None => (value, "0"),
    };
    let (start, by): (f64, f64) = (start.parse().unwrap(), by.parse().unwrap());
    (0..=times).map(|at| Some(start + by * at as f64)).collect()
}
