//! Alerting rules, judged at the frozen now.

use crate::prometheus::evaluations::Evaluations;
use crate::prometheus::promql::failure::{self, Failure};
use crate::prometheus::promql::steps::Steps;
use crate::prometheus::promql::{self, Outcome};
use crate::prometheus::query::MAX_STEPS;
use crate::prometheus::{status, template};
use crate::snapshot::metrics::labels::{Labels, NAME, Text};
use crate::snapshot::metrics::{Metrics, Sample, Series};
use crate::snapshot::rules::{Kind, Rule};
use std::collections::{BTreeMap, HashSet};

/// How far back an alert is followed, in milliseconds: a day of evaluations is more than any rule waits for. Prometheus
/// follows one as long as it runs; what it remembers longer stands in `ALERTS_FOR_STATE`, which is read, too.
const BACK: i64 = 86_400_000;

/// An alert that is pending or fires.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alert {
    pub(crate) labels: Labels,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) fires: bool,
    /// Since when it is true, in milliseconds.
    pub(crate) since: i64,
    /// Since when it is true no more and only kept firing.
    pub(crate) kept_since: Option<i64>,
    pub(crate) value: f64,
}

/// What a rule has to say.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) alerts: Vec<Alert>,
    /// Why it could not be evaluated now. What was active before stays so.
    pub(crate) failure: Option<Failure>,
}

/// How a rule waits and lingers, in milliseconds.
#[derive(Clone, Copy)]
struct Patience {
    hold: i64,
    keep_firing: i64,
}

/// What a rule has to say now; `interval` is how often it is evaluated, in milliseconds.
pub(crate) fn alerts(metrics: &Metrics, rule: &Rule, interval: i64, now: i64) -> Said {
    let said = judged(metrics, rule, interval, now);
    said.unwrap_or_else(|failure| Said { alerts: Vec::new(), failure: Some(failure) })
}

fn judged(metrics: &Metrics, rule: &Rule, interval: i64, now: i64) -> Result<Said, Failure> {
    let Kind::Alert { name, hold, keep_firing, annotations } = &rule.kind else {
        return Ok(Said::default());
    };
    let patience = Patience { hold: *hold, keep_firing: *keep_firing };
    let present = match promql::instant(metrics, &rule.expression, now) {
        Ok(Outcome::Vector(series)) => !series.is_empty(),
        Ok(Outcome::Scalar(_)) => true,
        Ok(_) => return Err(Failure::execution("rule result is not a vector or scalar")),
        // Whether it was active before is still to be seen.
        Err(failure) if failure.kind == failure::Kind::Execution => true,
        Err(failure) => return Err(failure),
    };
    if !present && patience.keep_firing == 0 {
        return Ok(Said::default());
    }
    let steps = steps(metrics, interval, now);
    let mut evaluations = Evaluations::of(metrics, &rule.expression, steps)?;
    let last = evaluations.last().unwrap_or(now);
    let mut alerts = Vec::new();
    let mut seen = HashSet::new();
    for series in &evaluations.series {
        let Some(mut alert) = followed(series, &evaluations, patience) else { continue };
        let expand = |text: &String| template::expand(text, &series.labels, alert.value);
        alert.annotations =
            annotations.iter().map(|(key, text)| (key.clone(), expand(text))).collect();
        let added = rule
            .labels
            .iter()
            .map(|(label, text)| (Text::from(label.as_str()), expand(text).into()));
        let own = series.labels.iter().filter(|(label, _)| *label != NAME);
        let own = own.map(|(label, value)| (Text::from(label), Text::from(value)));
        let named = (Text::from("alertname"), Text::from(name.as_str()));
        alert.labels = Labels::of(own.chain(added).chain([named]));
        if !seen.insert(alert.labels.clone()) {
            let reason =
                "vector contains metrics with the same labelset after applying alert labels";
            return Err(Failure::execution(reason));
        }
        if let Some(since) = remembered(metrics, &alert.labels, now) {
            alert.since = alert.since.min(since);
            alert.fires = alert.fires || last - alert.since >= patience.hold;
        }
        alerts.push(alert);
    }
    alerts.sort_by(|one, other| one.labels.cmp(&other.labels));
    Ok(Said { alerts, failure: evaluations.failed.remove(&now) })
}

/// When it is evaluated, the last time now.
fn steps(metrics: &Metrics, interval: i64, now: i64) -> Steps {
    let first = metrics.span().map_or(now, |(first, _)| first).clamp(now - BACK, now);
    let back = ((now - first) / interval).min(MAX_STEPS);
    Steps { start: now - back * interval, end: now, interval }
}

/// Follows one alert through its evaluations; none if it is inactive at the end.
fn followed(series: &Series, evaluations: &Evaluations, patience: Patience) -> Option<Alert> {
    let mut alert: Option<Alert> = None;
    let mut samples = series.samples.iter().peekable();
    let since_first = Steps { start: series.samples.first()?.at, ..evaluations.steps };
    for at in since_first.times() {
        match samples.next_if(|sample| sample.at == at) {
            Some(sample) => {
                let alert = alert.get_or_insert_with(|| begun(sample));
                alert.value = sample.value;
                alert.kept_since = None;
                alert.fires = alert.fires || at - alert.since >= patience.hold;
            }
            // It stays as it was.
            None if evaluations.failed.contains_key(&at) => {}
            None => alert = alert.and_then(|alert| kept(alert, at, patience)),
        }
    }
    alert
}

fn begun(sample: &Sample) -> Alert {
    Alert {
        labels: Labels::default(),
        annotations: BTreeMap::new(),
        fires: false,
        since: sample.at,
        kept_since: None,
        value: sample.value,
    }
}

/// What becomes of an alert that is true no more.
fn kept(mut alert: Alert, at: i64, patience: Patience) -> Option<Alert> {
    let since = *alert.kept_since.get_or_insert(at);
    (alert.fires && at - since < patience.keep_firing).then_some(alert)
}

/// Since when Prometheus itself says that an alert is active; it reads the same when it starts again.
fn remembered(metrics: &Metrics, labels: &Labels, now: i64) -> Option<i64> {
    let mut states = metrics.of_name("ALERTS_FOR_STATE");
    let state = states.find(|one| one.labels.nameless() == *labels)?;
    Some((status::newest(state, now)?.value * 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Steps = Steps { start: 0, end: 600_000, interval: 60_000 };

    fn state(minutes: &[i64], hold: i64, keep_firing: i64) -> Option<(bool, i64)> {
        state_where_some_fail(minutes, &[], hold, keep_firing)
    }

    fn state_where_some_fail(
        minutes: &[i64],
        failing: &[i64],
        hold: i64,
        keep_firing: i64,
    ) -> Option<(bool, i64)> {
        let samples =
            minutes.iter().map(|minute| Sample { at: minute * 60_000, value: 1.0 }).collect();
        let series = Series { labels: Labels::default(), samples };
        let failed = failing.iter().map(|minute| (minute * 60_000, Failure::same_labels()));
        let evaluations =
            Evaluations { steps: STEPS, series: Vec::new(), failed: failed.collect() };
        let patience = Patience { hold: hold * 60_000, keep_firing: keep_firing * 60_000 };
        followed(&series, &evaluations, patience).map(|alert| (alert.fires, alert.since / 60_000))
    }

    #[test]
    fn an_alert_fires_when_it_was_true_for_long_enough() {
        assert_eq!(state(&[7, 8, 9, 10], 3, 0), Some((true, 7)));
        assert_eq!(state(&[7, 8, 9, 10], 4, 0), Some((false, 7)));
        assert_eq!(state(&[1, 2, 3, 9, 10], 2, 0), Some((false, 9)), "a gap begins it anew");
        assert_eq!(state(&[7, 8, 9], 0, 0), None);
        assert_eq!(state(&[7, 8, 9], 0, 5), Some((true, 7)), "it is kept firing");
    }

    #[test]
    fn an_evaluation_that_fails_leaves_an_alert_as_it_was() {
        assert_eq!(state_where_some_fail(&[6, 7, 9, 10], &[8], 4, 0), Some((true, 6)));
        assert_eq!(state_where_some_fail(&[7, 8, 9], &[10], 3, 0), Some((false, 7)), "too short");
        assert_eq!(state_where_some_fail(&[7, 8], &[9], 0, 0), None, "it is over since");
        assert_eq!(state_where_some_fail(&[9], &[7, 8, 10], 0, 0), Some((true, 9)), "none before");
    }
}
