//! Who is not scraped although it serves, and where that is configured. Rule OBS-01: it is unknown then, and no outage.

use super::Case;
use super::scrape_errors::{self, ScrapeError};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::alerting;
use evidence::entity::Entity;
use evidence::fact::metric::{Alert, ScrapeTarget};
use evidence::fact::workload::Workload;
use std::collections::BTreeSet;

/// A workload that serves, and of which no pod can be scraped by a job.
#[derive(Clone, Debug)]
pub struct Unscraped<'a> {
    /// The workload.
    pub workload: Seen<'a, Workload>,
    /// One of its targets.
    pub target: Seen<'a, ScrapeTarget>,
    /// Why that fails, where it is clear.
    pub error: Option<ScrapeError>,
}

/// Where a job is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The object to change.
    pub entity: Entity,
    /// The part of it, as `spec.endpoints[0]`; empty where that is not known.
    pub part: String,
}

impl Case {
    /// The workloads whose numbers somebody misses, although all their pods are ready, and whose targets are down.
    pub fn unscraped(&self) -> Vec<Unscraped<'_>> {
        let down: Vec<(Entity, Seen<'_, ScrapeTarget>)> = self
            .scrape_targets()
            .filter(|it| it.health == "down")
            .filter_map(|it| Some((self.known_as(it.it.subject.as_ref()?), it)))
            .collect();
        let mut unscraped: Vec<Unscraped<'_>> = Vec::new();
        for (root, target) in &down {
            let Some(workload) = self.workload(root).seen().filter(|it| self.serves(*it)) else {
                continue;
            };
            let same =
                |it: &&(Entity, Seen<'_, ScrapeTarget>)| it.0 == *root && it.1.job == target.job;
            let known = |it: &Unscraped<'_>| {
                it.workload.exhibit == workload.exhibit && it.target.job == target.job
            };
            // Where some of its pods can be scraped, what is configured is right.
            let pods: BTreeSet<&Entity> =
                down.iter().filter(same).filter_map(|it| it.1.it.subject.as_ref()).collect();
            let of_pods = pods.iter().all(|it| it.kind == "Pod");
            let whole = !of_pods || u32::try_from(pods.len()).is_ok_and(|it| it >= workload.ready);
            if whole && !unscraped.iter().any(known) && self.is_missed_in(root, &target.job) {
                let error = scrape_errors::read(&target.error);
                unscraped.push(Unscraped { workload, target: *target, error });
            }
        }
        unscraped
    }

    /// Whether all pods of a workload are ready, and were not only just started.
    pub fn serves(&self, workload: Seen<'_, Workload>) -> bool {
        let root = workload.meta.entity(&workload.kind);
        workload.desired > 0
            && workload.ready >= workload.desired
            && self.pods_of(&root).all(|pod| self.is_settled(pod.meta.created))
    }

    /// Whether somebody misses the numbers of a workload: who asks, or an alert where nothing else is reported.
    fn is_missed_in(&self, root: &Entity, job: &str) -> bool {
        if self.misses_numbers {
            return self.asked_object().is_none_or(|it| self.known_as(&it) == *root);
        }
        let about = |alert: &Alert| {
            let label = |name: &str| alert.labels.get(name).map_or("", String::as_str);
            let named = alerting::subject(&alert.labels);
            let named = named.map(|(kind, it)| Entity::new(kind, label("namespace"), it));
            let here = label("namespace").is_empty() || label("namespace") == root.namespace;
            here && label("job") == job || named.is_some_and(|it| self.known_as(&it) == *root)
        };
        // One that is old, or that somebody holds back, calls nobody: rule R3.
        let calls = |it: &Alert| {
            it.state == "firing"
                && it.since.is_none_or(|since| since >= self.window.start)
                && it.silenced_by.is_empty()
                && it.inhibited_by.is_empty()
        };
        let says = |it: &Alert| alerting::says_down(&it.name) && calls(it) && about(it);
        !self.reported && self.alerts().any(|it| says(it.it))
    }
}

impl Unscraped<'_> {
    /// The workload's name.
    pub fn root(&self) -> Entity {
        self.workload.meta.entity(&self.workload.kind)
    }

    /// Where it is scraped: scheme, port and path.
    pub fn address(&self) -> (&str, &str, String) {
        let (scheme, rest) = self.target.it.url.split_once("://").unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        (scheme, host.rsplit_once(':').map_or("", |it| it.1), format!("/{path}"))
    }

    /// Where its job is configured. Pools are named so by `pkg/prometheus/promcfg.go` of the Prometheus operator.
    pub fn origin(&self) -> Origin {
        let parts: Vec<&str> = self.target.it.pool.split('/').collect();
        let of = |kind: &str, namespace: &str, name: &str, part: String| Origin {
            entity: Entity::new(kind, namespace, name),
            part,
        };
        match parts.as_slice() {
            ["serviceMonitor", namespace, name, at] => {
                of("ServiceMonitor", namespace, name, format!("spec.endpoints[{at}]"))
            }
            ["podMonitor", namespace, name, at] => {
                of("PodMonitor", namespace, name, format!("spec.podMetricsEndpoints[{at}]"))
            }
            _ => of("ScrapeJob", "", &self.target.it.job, String::new()),
        }
    }

    /// Cites the target for what it says.
    pub fn cite(&self) -> Cite {
        let target = self.target.it;
        let says = format!("target {} of job {} is down", target.url, target.job);
        Cite::quoting(self.target.exhibit, says, &target.error)
    }

    /// Cites the workload for that it serves.
    pub fn cite_ready(&self) -> Cite {
        let (workload, root) = (self.workload, self.root());
        let says = format!("{root}: {} of {} pods ready", workload.ready, workload.desired);
        Cite::new(workload.exhibit, says)
    }
}
