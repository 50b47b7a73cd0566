//! Memory that runs out on several nodes at once, and the DaemonSet that may take it: what each container was killed for
//! there is not its own limit.
//!
//! `SystemOOM` is said of kills that no limit of a control group brought (`pkg/kubelet/oom/oom_watcher_linux.go`).

use super::Case;
use super::containers::Running;
use super::kept_off::admits;
use super::touching::{NEWS, toucher};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::node::Node;
use evidence::fact::pod::Ended;
use evidence::fact::spec::Container;
use evidence::fact::workload::Workload;
use jiff::{SignedDuration, Timestamp};

/// Between a kill and the event of it there are seconds; an event that is repeated bears the time of the last one.
pub const APART: SignedDuration = SignedDuration::from_mins(5);

/// A node whose kernel killed for want of memory of the node itself.
#[derive(Clone, Debug)]
pub struct Starved<'a> {
    /// The node.
    pub node: Seen<'a, Node>,
    /// The last event that says so.
    pub event: Seen<'a, Event>,
    /// When the first one was.
    pub first: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
}

/// Several nodes that ran out of memory, and several workloads that were killed there.
#[derive(Clone, Debug)]
pub struct Shortage<'a> {
    /// The nodes, by name.
    pub nodes: Vec<Starved<'a>>,
    /// Containers that were killed, and how they ended.
    pub killed: Vec<(Running<'a>, &'a Ended)>,
}

/// A DaemonSet that may take the memory.
#[derive(Clone, Debug)]
pub struct Eater<'a> {
    /// The DaemonSet.
    pub daemon: Seen<'a, Workload>,
    /// Its container without a memory limit that was changed.
    pub container: &'a Container,
    /// What of it was changed.
    pub what: &'static str,
    /// When.
    pub at: Timestamp,
}

impl Case {
    /// The shortage of memory of several nodes within the time that was asked about.
    pub fn shortage(&self) -> Option<Shortage<'_>> {
        let nodes: Vec<Starved<'_>> = self.nodes().filter_map(|it| self.starved(it)).collect();
        if nodes.len() < 2 {
            return None;
        }
        let mut killed: Vec<(Running<'_>, &Ended)> = Vec::new();
        for container in self.containers() {
            let Some(ended) = container.ended().filter(|it| it.reason == "OOMKilled") else {
                continue;
            };
            if nodes.iter().any(|it| it.was_then(&container, ended)) {
                killed.push((container, ended));
            }
        }
        let first = killed.first()?.0.root;
        killed.iter().any(|(it, _)| it.root != first).then_some(Shortage { nodes, killed })
    }

    fn starved<'a>(&'a self, node: Seen<'a, Node>) -> Option<Starved<'a>> {
        let name = node.meta.entity("Node");
        let lately = |it: &Seen<'_, Event>| {
            is_of_the_node(it) && it.last.or(it.first).is_some_and(|at| at >= self.window.start)
        };
        let events: Vec<_> =
            self.events_of(&name, &["SystemOOM", "OOMKilling"]).filter(lately).collect();
        let event = events.iter().max_by_key(|it| it.last.or(it.first)).copied()?;
        let first = events.iter().filter_map(|it| it.first.or(it.last)).min()?;
        let last = events.iter().filter_map(|it| it.last.or(it.first)).max()?;
        Some(Starved { node, event, first, last })
    }

    /// Whether a container was killed while its node and others had no memory left.
    pub fn was_short(&self, container: &Running<'_>) -> bool {
        self.shortage().is_some_and(|it| {
            it.killed.iter().any(|(killed, _)| {
                killed.pod.exhibit == container.pod.exhibit
                    && killed.spec.name == container.spec.name
            })
        })
    }

    /// The one DaemonSet that runs on all these nodes, has no memory limit, and was changed within the day before.
    pub fn eater<'a>(&'a self, shortage: &Shortage<'a>) -> Option<Eater<'a>> {
        let mut eaters = self.may_eat(shortage).into_iter();
        let (one, None) = (eaters.next()?, eaters.next()) else { return None };
        self.changed_of(one, shortage)
    }

    /// DaemonSets of all these nodes without a memory limit, whose template was changed within the day before.
    pub fn may_eat<'a>(&'a self, shortage: &Shortage<'a>) -> Vec<Seen<'a, Workload>> {
        let daemons = self.workloads().filter(|it| {
            it.kind == "DaemonSet"
                && it.template.containers.iter().any(is_unlimited)
                && shortage.nodes.iter().all(|node| admits(it.it, node.node.it))
        });
        daemons
            .filter(|it| {
                let touched = toucher(&it.it.meta, "spec.template").and_then(|it| it.at);
                touched.or(it.it.meta.created).is_some_and(|at| shortage.follows(at))
            })
            .collect()
    }

    fn changed_of<'a>(
        &'a self,
        daemon: Seen<'a, Workload>,
        shortage: &Shortage<'_>,
    ) -> Option<Eater<'a>> {
        let mut revisions = self.revisions_of(&daemon.meta.entity("DaemonSet")).into_iter();
        let (newest, before) = (revisions.next()?, revisions.next());
        let at = newest.meta.created.filter(|at| shortage.follows(*at))?;
        let mut unlimited = daemon.it.template.containers.iter().filter(|it| is_unlimited(it));
        unlimited.find_map(|container| {
            let then = before.and_then(|it| {
                it.it.template.containers.iter().find(|it| it.name == container.name)
            });
            let what = match then {
                None => "resources.limits.memory",
                Some(then) => difference(container, then)?,
            };
            Some(Eater { daemon, container, what, at })
        })
    }
}

impl Starved<'_> {
    fn was_then(&self, container: &Running<'_>, ended: &Ended) -> bool {
        let here = container.pod.it.spec.node_name == self.node.meta.name;
        here && ended.finished.is_some_and(|at| {
            at.duration_since(self.first) >= -APART && at.duration_since(self.last) <= APART
        })
    }
}

impl Shortage<'_> {
    /// Whether it began within a day after that moment.
    fn follows(&self, at: Timestamp) -> bool {
        let began = self.nodes.iter().map(|it| it.first).min();
        began.is_some_and(|began| began >= at && began.duration_since(at) <= NEWS)
    }

    /// The objects that were killed, each once.
    pub fn victims(&self) -> Vec<Entity> {
        let mut roots: Vec<Entity> = self.killed.iter().map(|(it, _)| it.root.clone()).collect();
        roots.sort();
        roots.dedup();
        roots
    }
}

/// `System OOM encountered, victim process: java, pid: 7`; node-problem-detector reports the kills of containers at
/// their own limits too, with the kernel's words `Memory cgroup out of memory`.
pub fn is_of_the_node(event: &Seen<'_, Event>) -> bool {
    event.it.reason == "SystemOOM" || event.it.message.starts_with("Out of memory: Kill")
}

fn is_unlimited(container: &Container) -> bool {
    !container.limits.contains_key("memory") && (!container.init || container.sidecar)
}

/// What of a container became another, what says most about its memory first.
fn difference(now: &Container, then: &Container) -> Option<&'static str> {
    match () {
        () if then.limits.contains_key("memory") => Some("resources.limits.memory"),
        () if now.args != then.args => Some("args"),
        () if now.command != then.command => Some("command"),
        () if now.env != then.env => Some("env"),
        () if now.image != then.image => Some("image"),
        () => None,
    }
}
