//! Alerts of Prometheus and of Alertmanager as one list: each once, whoever knows it.

use super::{Alert, NAME, named};
use clients::alertmanager::alerts as manager;
use clients::prometheus::rules;
use clients::prometheus::series::Labels;
use std::collections::BTreeMap;

/// Labels that a relabelling on the way may have taken off.
const MOST_LOST: usize = 2;

/// Each alert once, whoever knows it. Each list comes with the position of its read.
pub(crate) fn together(
    raised: Vec<rules::Alert>,
    read: usize,
    passed: Option<(Vec<manager::Alert>, usize)>,
) -> Vec<Alert> {
    let knows = passed.is_some();
    let (mut passed, read_there) = passed.unwrap_or_default();
    let names: BTreeMap<String, String> =
        passed.iter().map(|it| (it.fingerprint.clone(), named(&it.labels))).collect();
    let mut alerts = Vec::new();
    for alert in raised {
        let firing = alert.state == "firing";
        let mut merged = Alert {
            labels: alert.labels,
            annotations: alert.annotations,
            firing,
            since: alert.active_at,
            value: alert.value,
            passed_on: (knows && firing).then_some(false),
            source: read,
            ..Alert::default()
        };
        if firing && let Some(at) = same(&passed, &merged.labels) {
            merged.told(passed.swap_remove(at), &names);
        }
        alerts.push(merged);
    }
    // Of another Prometheus, or of one that does not answer.
    for it in passed {
        let mut alert = Alert {
            labels: it.labels.clone(),
            annotations: it.annotations.clone(),
            firing: true,
            since: it.starts_at,
            source: read_there,
            ..Alert::default()
        };
        alert.told(it, &names);
        alerts.push(alert);
    }
    alerts.sort_by(|a, b| a.labels.cmp(&b.labels));
    alerts
}

impl Alert {
    fn told(&mut self, it: manager::Alert, names: &BTreeMap<String, String>) {
        let by = |print: &String| names.get(print).cloned().unwrap_or_else(|| print.clone());
        self.silenced_by = it.status.silenced_by;
        self.inhibited_by = it.status.inhibited_by.iter().map(by).collect();
        self.muted_by = it.status.muted_by;
        self.receivers = it.receivers.into_iter().map(|it| it.name).collect();
        self.passed_on = Some(true);
    }
}

/// The one that Alertmanager has of it: external labels may have come on, and a few may have been taken off.
fn same(passed: &[manager::Alert], labels: &Labels) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, it) in passed.iter().enumerate() {
        let differs =
            labels.iter().any(|(name, value)| it.labels.get(name).is_some_and(|its| its != value));
        let shared = labels.keys().filter(|name| it.labels.contains_key(*name)).count();
        let is_named = it.labels.get(NAME) == labels.get(NAME);
        if is_named
            && !differs
            && shared + MOST_LOST >= labels.len()
            && best.is_none_or(|(most, _)| shared > most)
        {
            best = Some((shared, at));
        }
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pairs = text.split(',').filter_map(|it| it.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn raised(text: &str, state: &str) -> rules::Alert {
        rules::Alert { labels: labels(text), state: state.to_owned(), ..Default::default() }
    }

    fn passed(text: &str, by: &str) -> manager::Alert {
        let inhibited_by = if by.is_empty() { Vec::new() } else { vec![by.to_owned()] };
        let status = manager::AlertStatus { inhibited_by, ..Default::default() };
        manager::Alert {
            labels: labels(text),
            fingerprint: text.to_owned(),
            status,
            ..Default::default()
        }
    }

    #[test]
    fn an_alert_with_external_labels_is_the_same_and_another_instance_is_not() {
        let of = |one: &str| vec![raised(one, "firing")];
        let there = vec![
            passed("alertname=Down,pod=a,cluster=x", ""),
            passed("alertname=Down,pod=b,cluster=x", ""),
        ];
        let all = together(of("alertname=Down,pod=b"), 0, Some((there.clone(), 1)));
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|it| it.passed_on == Some(true)));
        assert_eq!(all.iter().map(|it| it.source).collect::<Vec<_>>(), [1, 0]);
        let all = together(of("alertname=Down,pod=c"), 0, Some((there, 1)));
        assert_eq!(all.iter().filter(|it| it.passed_on == Some(false)).count(), 1);
    }

    #[test]
    fn what_inhibits_is_told_by_name() {
        let node = "alertname=NodeDown,node=n1";
        let there = vec![passed(node, ""), passed("alertname=PodDown,pod=a", node)];
        let all = together(vec![raised("alertname=PodDown,pod=a", "firing")], 0, Some((there, 1)));
        let pod = all.iter().find(|it| it.label(NAME) == "PodDown").unwrap();
        assert_eq!(
            (pod.inhibited_by.as_slice(), pod.state().as_str()),
            (["NodeDown(node=n1)".to_owned()].as_slice(), "firing, inhibited")
        );
    }

    #[test]
    fn nobody_asked_is_not_nobody_told() {
        let all = together(
            vec![raised("alertname=A", "firing"), raised("alertname=B", "pending")],
            0,
            None,
        );
        assert!(all.iter().all(|it| it.passed_on.is_none()));
    }
}
