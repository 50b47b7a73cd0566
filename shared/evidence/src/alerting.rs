//! What the labels of an alert say: whom it calls, and what it is about. They are read the same way whether the alert was
//! sent to us or found.

use std::collections::BTreeMap;

/// Labels that name an object, the most telling first, and the kind that they name.
const SUBJECTS: [(&str, &str); 11] = [
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("cronjob", "CronJob"),
    ("job_name", "Job"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("service", "Service"),
    ("pod", "Pod"),
    ("workload", "Deployment"),
    ("node", "Node"),
];
/// Who tells about others. Its own Service, and where nobody overrides it its own pod, stand beside the labels of what it
/// tells about.
const EXPORTERS: [&str; 4] = ["kube-state-metrics", "node-exporter", "kubelet", "cadvisor"];
/// Alerts that say that a target is down: of kube-prometheus, and of awesome-prometheus-alerts.
const DOWN: [&str; 4] = [
    "TargetDown",
    "PrometheusTargetMissing",
    "PrometheusJobMissing",
    "PrometheusAllTargetsMissing",
];

/// Whether an alert of this name says that a target is down.
pub fn says_down(name: &str) -> bool {
    DOWN.contains(&name)
}

/// Whom an alert calls; the most urgent come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody at night.
    Page,
    /// Somebody.
    Error,
    /// Somebody by day. What no rule knows counts as this: a word of a team's own is no reason to hear nothing.
    Warning,
    /// Nobody.
    Info,
    /// Nobody: it says that alerting works, or holds other alerts back.
    Machinery,
}

impl Urgency {
    /// Reads an alert's name and its label `severity`.
    pub fn of(name: &str, severity: &str) -> Urgency {
        if matches!(name, "Watchdog" | "InfoInhibitor") {
            return Urgency::Machinery;
        }
        match severity.to_ascii_lowercase().as_str() {
            "critical" | "page" | "emergency" | "fatal" | "high" | "p1" | "sev1" => Urgency::Page,
            "error" | "major" | "p2" | "sev2" => Urgency::Error,
            "info" | "informational" | "notice" | "none" | "debug" => Urgency::Info,
            _ => Urgency::Warning,
        }
    }

    /// Whether it calls anybody.
    pub fn calls(self) -> bool {
        self <= Urgency::Warning
    }
}

/// Kind and name of the object that an alert's labels name.
pub fn subject(labels: &BTreeMap<String, String>) -> Option<(&'static str, &str)> {
    let job = labels.get("job").map_or("", String::as_str);
    let exporter = EXPORTERS.iter().find(|it| job.contains(*it));
    SUBJECTS.iter().find_map(|(label, kind)| {
        let name = labels.get(*label)?.as_str();
        let its_own = exporter.is_some_and(|exporter| match *label {
            "service" => true,
            "pod" | "daemonset" => name.contains(exporter),
            _ => false,
        });
        (!its_own && !name.is_empty()).then_some((*kind, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(labels: &[(&str, &str)]) -> Option<(String, String)> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        subject(&labels.collect()).map(|(kind, name)| (kind.to_owned(), name.to_owned()))
    }

    fn some(kind: &str, name: &str) -> Option<(String, String)> {
        Some((kind.to_owned(), name.to_owned()))
    }

    #[test]
    fn what_an_exporter_tells_about_is_not_the_exporter() {
        let own = ("pod", "kps-kube-state-metrics-7d4b-x7k2p");
        let job = ("job", "kube-state-metrics");
        let service = ("service", "kps-kube-state-metrics");
        assert_eq!(named(&[job, own, service, ("node", "n1")]), some("Node", "n1"));
        assert_eq!(named(&[job, service, ("pod", "web-1")]), some("Pod", "web-1"));
        let node = [("job", "node-exporter"), ("pod", "node-exporter-x7k2p")];
        assert_eq!(named(&node), None);
        assert_eq!(named(&[("job", "web"), ("pod", "web-1")]), some("Pod", "web-1"));
    }

    #[test]
    fn a_word_that_no_rule_knows_calls_somebody() {
        for severity in ["P1", "Critical", "sev3", "", "business-hours"] {
            assert!(Urgency::of("CheckoutDown", severity).calls(), "{severity}");
        }
        assert!(!Urgency::of("CPUThrottlingHigh", "info").calls());
        assert!(!Urgency::of("Watchdog", "critical").calls());
        assert!(Urgency::of("A", "P1") < Urgency::of("A", "warning"));
    }
}
