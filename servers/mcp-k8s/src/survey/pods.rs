//! Which pods of a large namespace are worth a fact of their own: all that are not well, and two of each kind that are.

use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::{ContainerStatus, Pod, State};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Healthy pods of one owner that are kept: one to show, and one to tell what they share.
const HEALTHY_OF_ONE_OWNER: usize = 2;

/// Pods that are not well which are kept. More of them tell nothing more.
pub(crate) const MOST_UNHEALTHY: usize = 500;

/// Pods that failed before the time that is looked at, and that nobody took away, which are kept even beside so many: a hundred
/// evicted ones tell what a thousand do. Where there is room, more are, so that nothing is missing.
const LEFT_OVER_BESIDE: usize = 100;

/// Pods of a namespace, rolled up as they arrive.
pub(crate) struct Rollup<'a> {
    since: Timestamp,
    asked: Option<&'a str>,
    kept: Vec<Pod>,
    healthy: BTreeMap<Entity, Healthy>,
    unhealthy: usize,
    /// Where those stand that failed before the time that is looked at.
    left_over: Vec<usize>,
    left_out: usize,
}

/// Pods that were rolled up.
pub(crate) struct Rolled {
    pub(crate) pods: Vec<Pod>,
    /// Pods that are not well and were left out.
    pub(crate) left_out: usize,
}

struct Healthy {
    first: usize,
    seen: usize,
}

impl<'a> Rollup<'a> {
    /// Nothing yet. A restart after `since` is news; the pod `asked` about is always kept.
    pub(crate) fn new(since: Timestamp, asked: Option<&'a str>) -> Self {
        let (kept, healthy, left_over) = (Vec::new(), BTreeMap::new(), Vec::new());
        Rollup { since, asked, kept, healthy, unhealthy: 0, left_over, left_out: 0 }
    }

    /// Takes in one more pod.
    pub(crate) fn add(&mut self, pod: Pod) {
        if self.asked == Some(pod.meta.name.as_str()) {
            self.kept.push(pod);
        } else if !is_well(&pod, self.since) {
            self.add_unhealthy(pod);
        } else {
            self.add_healthy(pod);
        }
    }

    fn add_unhealthy(&mut self, pod: Pod) {
        let is_left_over = is_left_over(&pod, self.since);
        let count = if is_left_over { self.left_over.len() } else { self.unhealthy };
        if count == MOST_UNHEALTHY {
            self.left_out += 1;
            return;
        }
        if is_left_over {
            self.left_over.push(self.kept.len());
        } else {
            self.unhealthy += 1;
        }
        self.kept.push(pod);
    }

    fn add_healthy(&mut self, pod: Pod) {
        let Some(owner) = pod.meta.owner.clone() else {
            self.kept.push(pod);
            return;
        };
        let first = self.kept.len();
        let healthy = self.healthy.entry(owner).or_insert(Healthy { first, seen: 0 });
        healthy.seen += 1;
        if healthy.seen <= HEALTHY_OF_ONE_OWNER {
            self.kept.push(pod);
        }
    }

    /// The pods kept. The first healthy one of each owner stands for those that were not.
    pub(crate) fn close(mut self) -> Rolled {
        for healthy in self.healthy.into_values() {
            let alike = healthy.seen.saturating_sub(HEALTHY_OF_ONE_OWNER);
            if let Some(pod) = self.kept.get_mut(healthy.first) {
                pod.alike = u32::try_from(alike).unwrap_or(u32::MAX);
            }
        }
        let room = (MOST_UNHEALTHY - self.unhealthy).max(LEFT_OVER_BESIDE);
        let without: BTreeSet<usize> = self.left_over.into_iter().skip(room).collect();
        let left_out = self.left_out + without.len();
        let pods = self.kept.into_iter().enumerate().filter(|(at, _)| !without.contains(at));
        Rolled { pods: pods.map(|(_, pod)| pod).collect(), left_out }
    }
}

/// It runs and is ready, or has done what it should; it is not going, and has not restarted since.
pub(crate) fn is_well(pod: &Pod, since: Timestamp) -> bool {
    if pod.meta.deleted.is_some() {
        return false;
    }
    match pod.phase.as_str() {
        "Succeeded" => true,
        "Running" => {
            condition(&pod.conditions, "Ready").is_some_and(|ready| ready.status == "True")
                && !pod.containers.iter().any(|container| is_uneasy(container, since))
        }
        _ => false,
    }
}

/// It has failed, and nothing says that it was since.
fn is_left_over(pod: &Pod, since: Timestamp) -> bool {
    let ended = |it: &ContainerStatus| match &it.state {
        Some(State::Terminated(ended)) => ended.finished,
        _ => None,
    };
    let told = pod.conditions.iter().filter_map(|it| it.since);
    let ends = pod.containers.iter().filter_map(ended).chain(told).chain(pod.meta.created);
    pod.phase == "Failed" && ends.max().is_none_or(|at| at < since)
}

/// It waits, or has ended a run since.
fn is_uneasy(container: &ContainerStatus, since: Timestamp) -> bool {
    if matches!(container.state, Some(State::Waiting { .. })) {
        return true;
    }
    let ended = container.last.as_ref();
    // A restart whose end nobody tells may have been just now.
    container.restarts > 0 && ended.and_then(|last| last.finished).is_none_or(|at| at >= since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::meta::{Condition, Meta};
    use evidence::fact::pod::Ended;

    const NOW: &str = "2026-11-01T10:00:00Z";

    fn pod(name: &str, owner: &str, ready: bool) -> Pod {
        Pod {
            meta: Meta {
                name: name.to_owned(),
                namespace: "shop".to_owned(),
                owner: Some(Entity::new("ReplicaSet", "shop", owner)),
                ..Meta::default()
            },
            phase: "Running".to_owned(),
            conditions: vec![Condition {
                kind: "Ready".to_owned(),
                status: if ready { "True" } else { "False" }.to_owned(),
                ..Condition::default()
            }],
            ..Pod::default()
        }
    }

    fn roll(pods: Vec<Pod>, asked: Option<&str>) -> Vec<(String, u32)> {
        let mut rollup = Rollup::new(NOW.parse().unwrap(), asked);
        for pod in pods {
            rollup.add(pod);
        }
        rollup.close().pods.into_iter().map(|pod| (pod.meta.name, pod.alike)).collect()
    }

    #[test]
    fn of_many_healthy_pods_two_stay_and_the_first_counts_the_rest() {
        let pods = (0..10).map(|number| pod(&format!("web-{number}"), "web", true)).collect();
        assert_eq!(roll(pods, None), [("web-0".to_owned(), 8), ("web-1".to_owned(), 0)]);
    }

    #[test]
    fn every_pod_that_is_not_ready_stays() {
        let pods = (0..5).map(|number| pod(&format!("web-{number}"), "web", false)).collect();
        assert_eq!(roll(pods, None).len(), 5);
    }

    #[test]
    fn the_pod_that_was_asked_about_stays() {
        let pods = (0..5).map(|number| pod(&format!("web-{number}"), "web", true)).collect();
        assert!(roll(pods, Some("web-4")).iter().any(|(name, _)| name == "web-4"));
    }

    #[test]
    fn too_many_unhealthy_pods_are_counted() {
        let mut rollup = Rollup::new(NOW.parse().unwrap(), None);
        for number in 0..MOST_UNHEALTHY + 7 {
            rollup.add(pod(&format!("web-{number}"), "web", false));
        }
        let rolled = rollup.close();
        assert_eq!((rolled.pods.len(), rolled.left_out), (MOST_UNHEALTHY, 7));
    }

    /// So many evicted pods, then so many that fail now.
    fn evicted_and_failing(evicted: usize, failing: usize) -> Rolled {
        let mut rollup = Rollup::new(NOW.parse().unwrap(), None);
        for number in 0..evicted {
            let mut evicted = pod(&format!("old-{number}"), "web", false);
            evicted.phase = "Failed".to_owned();
            evicted.meta.created = Some("2026-10-30T10:00:00Z".parse().unwrap());
            rollup.add(evicted);
        }
        for number in 0..failing {
            rollup.add(pod(&format!("web-{number}"), "web", false));
        }
        rollup.close()
    }

    #[test]
    fn pods_that_failed_long_ago_do_not_crowd_out_what_fails_now() {
        let rolled = evicted_and_failing(MOST_UNHEALTHY + 7, MOST_UNHEALTHY);
        let failing = rolled.pods.iter().filter(|pod| pod.phase == "Running").count();
        assert_eq!(failing, MOST_UNHEALTHY);
        assert_eq!(rolled.pods.len(), MOST_UNHEALTHY + LEFT_OVER_BESIDE);
        assert_eq!(rolled.left_out, MOST_UNHEALTHY + 7 - LEFT_OVER_BESIDE);
    }

    #[test]
    fn pods_that_failed_long_ago_are_all_kept_where_there_is_room() {
        let rolled = evicted_and_failing(150, 1);
        assert_eq!((rolled.pods.len(), rolled.left_out), (151, 0));
    }

    #[test]
    fn a_restart_is_news_only_within_the_window() {
        let restarted = |at: &str| {
            let mut pod = pod("web-0", "web", true);
            let last = Ended { finished: Some(at.parse().unwrap()), ..Ended::default() };
            pod.containers = vec![ContainerStatus {
                restarts: 3,
                last: Some(last),
                ..ContainerStatus::default()
            }];
            is_well(&pod, NOW.parse().unwrap())
        };
        assert!(restarted("2026-10-30T10:00:00Z"));
        assert!(!restarted("2026-11-01T10:00:01Z"));
    }

    #[test]
    fn a_pod_that_is_going_is_not_well() {
        let mut pod = pod("web-0", "web", true);
        pod.meta.deleted = Some(NOW.parse().unwrap());
        assert!(!is_well(&pod, NOW.parse().unwrap()));
    }
}
