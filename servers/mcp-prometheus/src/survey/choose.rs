//! Which rows are worth telling: the worst and the most changed of each signal.

use evidence::fact::metric::{Bad, Measure, Signal};
use std::collections::BTreeMap;

/// Rows of one signal: ten that are worst, and ten that changed most.
const OF_EACH: usize = 10;
/// Values that make what is now, so that one odd one does not.
const NEWEST: usize = 3;

/// The rows worth telling, in the order of signals and objects, and how many are worth it. Where that is more than `most`,
/// each signal gives up as many, so that none goes without.
pub(crate) fn worth_telling(
    all: Vec<(usize, Measure)>,
    most: usize,
) -> (Vec<(usize, Measure)>, usize) {
    let mut by_signal: BTreeMap<Signal, Vec<(usize, Measure)>> = BTreeMap::new();
    for (source, measure) in all {
        by_signal.entry(measure.signal).or_default().push((source, measure));
    }
    let mut queues: Vec<_> = by_signal.into_values().map(|it| ranked(it).into_iter()).collect();
    let worth: usize = queues.iter().map(ExactSizeIterator::len).sum();
    let mut told = Vec::new();
    while told.len() < worth.min(most) {
        for queue in &mut queues {
            if told.len() < most {
                told.extend(queue.next());
            }
        }
    }
    told.sort_by(|(_, one), (_, other)| {
        (one.signal, &one.subject, &one.part, &one.peer).cmp(&(
            other.signal,
            &other.subject,
            &other.part,
            &other.peer,
        ))
    });
    (told, worth)
}

/// Of one signal's rows those worth telling: by turns the next worst and the next most changed.
fn ranked(rows: Vec<(usize, Measure)>) -> Vec<(usize, Measure)> {
    let places = first(&rows, badness).into_iter().zip(first(&rows, change));
    let places: Vec<usize> = places.flat_map(|(worst, changed)| [worst, changed]).collect();
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    places.into_iter().filter_map(|at| rows.get_mut(at)?.take()).collect()
}

/// The positions of those with the most of something; those without any come last.
fn first(rows: &[(usize, Measure)], of: impl Fn(&Measure) -> Option<f64>) -> Vec<usize> {
    let most = |it: &Measure| of(it).unwrap_or(f64::NEG_INFINITY);
    let mut ranked: Vec<(f64, usize)> =
        rows.iter().enumerate().map(|(at, (_, it))| (most(it), at)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    ranked.into_iter().take(OF_EACH).map(|it| it.1).collect()
}

fn badness(measure: &Measure) -> Option<f64> {
    let now = now(measure)?;
    Some(match measure.signal.bad() {
        Bad::High => now,
        Bad::Low => -now,
    })
}

/// How far it moved, of what it was; none where one of the two is not known.
pub(crate) fn change(measure: &Measure) -> Option<f64> {
    let (now, before) = (now(measure)?, before(measure)?);
    Some((now - before).abs() / before.abs().max(0.01))
}

/// The middle of the newest three values; none where the row broke off before them.
pub(crate) fn now(measure: &Measure) -> Option<f64> {
    median(measure.values.iter().rev().take(NEWEST).flatten().copied().collect())
}

/// The middle of the first third; none where the row began after it.
pub(crate) fn before(measure: &Measure) -> Option<f64> {
    let third = measure.values.len().div_ceil(3);
    median(measure.values.iter().take(third).flatten().copied().collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::entity::Entity;

    fn measure(signal: Signal, name: &str, values: &[Option<f64>]) -> (usize, Measure) {
        let subject = Entity::new("Pod", "shop", name);
        (0, Measure { signal, subject, values: values.to_vec(), ..Measure::default() })
    }

    #[test]
    fn every_signal_is_told_where_there_is_no_room_for_all() {
        let signals = [Signal::CpuUse, Signal::ErrorRatio, Signal::VolumeFree];
        let all = signals.iter().flat_map(|signal| {
            (0..40)
                .map(|at| measure(*signal, &format!("web-{at}"), &[Some(1.0), Some(f64::from(at))]))
        });
        let (told, worth) = worth_telling(all.collect(), 10);
        // Of two signals those that are worst changed most, too.
        assert_eq!((told.len(), worth), (10, 40));
        let of = |signal: Signal| told.iter().filter(|it| it.1.signal == signal).count();
        assert_eq!(signals.map(of), [4, 3, 3]);
        let is_told = |name: &str| told.iter().any(|it| it.1.subject.name == name);
        // The worst of CPU in use, and the worst of space left.
        assert!(is_told("web-39") && is_told("web-0"));
    }

    #[test]
    fn what_broke_off_or_began_late_has_no_now_or_no_before() {
        let (some, none) = (Some(2.0), None);
        let (_, gone) = measure(Signal::CpuUse, "a", &[some, some, some, none, none, none]);
        assert_eq!((now(&gone), before(&gone), change(&gone)), (none, some, none));
        let (_, new) = measure(Signal::CpuUse, "b", &[none, none, none, some, some, some]);
        assert_eq!((now(&new), before(&new), change(&new)), (some, none, none));
    }

    #[test]
    fn what_is_not_known_is_told_last() {
        let mut all: Vec<_> = (0..30)
            .map(|at| {
                measure(Signal::VolumeFree, &format!("a{at}"), &[Some(5.0), None, None, None])
            })
            .collect();
        all.push(measure(Signal::VolumeFree, "z", &[Some(9.0); 4]));
        let (told, _) = worth_telling(all, 1);
        assert_eq!(told[0].1.subject.name, "z");
    }
}
