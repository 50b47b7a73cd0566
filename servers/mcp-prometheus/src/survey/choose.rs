//! Which rows are worth telling: the worst and the most changed of each signal.

use evidence::fact::metric::{Bad, Measure, Signal};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one signal: ten that are worst, and ten that changed most.
const OF_EACH: usize = 10;

/// The rows worth telling, in the order of signals and objects.
pub(crate) fn worth_telling(all: Vec<(usize, Measure)>, most: usize) -> Vec<(usize, Measure)> {
    let mut by_signal: BTreeMap<Signal, Vec<(usize, Measure)>> = BTreeMap::new();
    for (source, measure) in all {
        by_signal.entry(measure.signal).or_default().push((source, measure));
    }
    let mut told = Vec::new();
    for rows in by_signal.into_values() {
        let mut picked: BTreeSet<usize> = BTreeSet::new();
        picked.extend(first(&rows, badness));
        picked.extend(first(&rows, change));
        let chosen = rows.into_iter().enumerate().filter(|(at, _)| picked.contains(at));
        told.extend(chosen.map(|(_, row)| row));
    }
    told.truncate(most);
    told.sort_by(|(_, one), (_, other)| {
        (one.signal, &one.subject, &one.part, &one.peer).cmp(&(
            other.signal,
            &other.subject,
            &other.part,
            &other.peer,
        ))
    });
    told
}

/// The positions of those with the most of something.
fn first(rows: &[(usize, Measure)], of: impl Fn(&Measure) -> f64) -> Vec<usize> {
    let mut ranked: Vec<(f64, usize)> =
        rows.iter().enumerate().map(|(at, (_, it))| (of(it), at)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    ranked.into_iter().take(OF_EACH).map(|it| it.1).collect()
}

fn badness(measure: &Measure) -> f64 {
    let now = now(measure);
    match measure.signal.bad() {
        Bad::High => now,
        Bad::Low => -now,
    }
}

fn change(measure: &Measure) -> f64 {
    let before = before(measure);
    (now(measure) - before).abs() / before.abs().max(0.01)
}

/// The middle of the newest three values.
pub(crate) fn now(measure: &Measure) -> f64 {
    let known: Vec<f64> = measure.values.iter().rev().flatten().take(3).copied().collect();
    median(known)
}

/// The middle of the first third.
pub(crate) fn before(measure: &Measure) -> f64 {
    let third = measure.values.len().div_ceil(3);
    median(measure.values.iter().take(third).flatten().copied().collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
