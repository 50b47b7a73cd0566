//! Pods that are not ready on purpose, and workloads that have none on purpose.

use super::Case;
use super::constraints::Constraint;
use super::selecting::selects;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::network::Service;
use evidence::fact::pod::{Pod, State};
use evidence::fact::spec::{Container, Probe};
use evidence::fact::workload::Workload;

/// What a readiness probe asks for that only one of several passes: whether it leads.
const LEADS: [&str; 8] =
    ["leader", "isleader", "primary", "isprimary", "master", "ismaster", "active", "isactive"];

impl Case {
    /// Whether a pod gives way to all others and does nothing: it keeps room free, and is pending where there is none.
    /// See <https://kubernetes.io/docs/tasks/administer-cluster/node-overprovisioning/>.
    pub fn keeps_room(&self, pod: &Pod) -> bool {
        let waits = condition(&pod.conditions, "PodScheduled")
            .is_some_and(|it| it.status == "False" && it.reason == "Unschedulable");
        let gives_way = pod.spec.priority.is_some_and(|it| it < 0);
        let mut own = pod.spec.containers.iter().filter(|it| !it.init).peekable();
        waits && gives_way && own.peek().is_some() && own.all(does_nothing)
    }

    /// Whether a pod of a Job waits for room as its priority means it to: it is below that of all that say nothing, and
    /// the Job has run in the room that was left over, from which others took it. Where a pod of it never ran, it may
    /// fit nowhere.
    pub fn gives_way(&self, root: &Entity, pod: &Pod) -> bool {
        let works = matches!(root.kind.as_str(), "Job" | "CronJob");
        if !works || pod.spec.priority.is_none_or(|it| it >= 0) {
            return false;
        }
        let ran = |it: &Pod| matches!(it.phase.as_str(), "Running" | "Succeeded");
        self.unplaced().iter().filter(|it| it.root == *root).any(|it| match &it.binding {
            Constraint::Preempted(_) => true,
            Constraint::Resource(_) | Constraint::PodCount => {
                self.pods_of(root).any(|it| ran(it.it))
            }
            _ => false,
        })
    }

    /// Whether a pod runs and is not ready because another one of its workload leads: its readiness probe asks whether
    /// it does, and exactly one passes it.
    pub fn stands_by(&self, root: &Entity, pod: &Pod) -> bool {
        let asks = |it: &Container| it.readiness.as_ref().is_some_and(asks_who_leads);
        let runs = pod.containers.iter().filter(|it| !it.init).all(|it| {
            let by_design =
                pod.spec.containers.iter().any(|spec| spec.name == it.name && asks(spec));
            matches!(it.state, Some(State::Running { .. })) && (it.ready || by_design)
        });
        let ready =
            |it: &Pod| condition(&it.conditions, "Ready").is_some_and(|it| it.status == "True");
        let leaders: u32 =
            self.pods_of(root).filter(|it| ready(it.it)).map(|it| 1 + it.alike).sum();
        pod.phase == "Running" && runs && leaders == 1
    }

    /// Whether a workload is the side that rests of two, of which a Service chooses one by a label: its pods would bear all
    /// labels that the Service asks for, but one of another value, and the side that is chosen serves.
    pub fn rests(&self, workload: &Workload) -> bool {
        let own = &workload.template_labels;
        if workload.desired > 0 {
            return false;
        }
        self.services_in(&workload.meta.namespace).any(|service| {
            let selector = &service.it.selector;
            let alike = selector.iter().filter(|(key, value)| own.get(*key) == Some(value)).count();
            let known = selector.keys().all(|key| own.contains_key(key));
            let chooses = known && alike > 0 && alike + 1 == selector.len();
            let name = &service.it.meta.name;
            let serves = || {
                let seen = self.endpoints(&workload.meta.namespace, name).seen();
                seen.is_some_and(|it| it.ready > 0)
            };
            chooses && self.chosen(service.it, workload) && serves()
        })
    }

    /// Whether another workload of the same kind is behind a Service, and of its pods some are ready.
    fn chosen(&self, service: &Service, than: &Workload) -> bool {
        self.workloads_in(&than.meta.namespace).any(|it| {
            it.it.kind == than.kind
                && it.it.meta.name != than.meta.name
                && it.it.ready > 0
                && selects(service, &it.it.template_labels)
        })
    }
}

/// The image that holds a pod's place, or a command that merely waits: `sleep infinity`, `sh -c "tail -f /dev/null"`.
fn does_nothing(container: &Container) -> bool {
    let name = container.image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    let words = container.command.iter().chain(&container.args);
    let mut words = words
        .flat_map(|it| it.split_whitespace())
        .skip_while(|it| matches!(*it, "sh" | "bash" | "/bin/sh" | "/bin/bash" | "-c"));
    let waits = matches!(words.next(), Some("sleep" | "tail")) && words.all(is_no_work);
    name == "pause" || name.starts_with("pause-") || waits
}

/// How long to wait, or what never says anything.
fn is_no_work(word: &str) -> bool {
    let number = word.trim_end_matches(['s', 'm', 'h', 'd']);
    let is_number = !number.is_empty() && number.chars().all(|it| it.is_ascii_digit());
    is_number || matches!(word, "infinity" | "-f" | "/dev/null")
}

fn asks_who_leads(probe: &Probe) -> bool {
    let mut parts = probe.path.split(['/', '?', '=', '&', ' ', '.']);
    parts.any(|part| {
        let plain: String = part.chars().filter(|it| it.is_ascii_alphanumeric()).collect();
        LEADS.contains(&plain.to_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::{asks_who_leads, does_nothing};
    use evidence::fact::spec::{Container, Probe};

    #[test]
    fn a_command_that_merely_waits_does_nothing() {
        for (command, nothing) in [
            ("sleep infinity", true),
            ("sh -c tail -f /dev/null", true),
            ("/bin/sh -c sleep 1d", true),
            ("sh -c sleep 5 && ./worker", false),
            ("sh -c ./worker > /dev/null", false),
            ("tail -f /var/log/app.log", false),
            ("./worker", false),
            ("", false),
        ] {
            let command = vec![command.to_owned()];
            let container = Container { command, ..Container::default() };
            assert_eq!(does_nothing(&container), nothing, "{:?}", container.command);
        }
    }

    #[test]
    fn a_probe_may_ask_who_leads() {
        for (path, asks) in [
            ("/leader", true),
            ("/is-primary?timeout=1", true),
            ("/v1/role/master", true),
            ("/healthz", false),
            ("/leaderboard", false),
        ] {
            let probe = Probe { path: path.to_owned(), ..Probe::default() };
            assert_eq!(asks_who_leads(&probe), asks, "{path}");
        }
    }
}
