//! ServiceMonitors and PodMonitors, and what of a workload they lead to: the Prometheus operator makes no target of the rest.

use super::Case;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::object::Object;
use evidence::fact::workload::Workload;
use std::collections::BTreeMap;

/// The operator's group.
const GROUP: &str = "monitoring.coreos.com/";
/// Endpoints of one monitor that are looked at; people write one or two.
const MOST_ENDPOINTS: usize = 10;

/// A monitor that is meant for a workload, and does not lead to it.
#[derive(Clone, Debug)]
pub struct Astray<'a> {
    /// The workload.
    pub root: Entity,
    /// The monitor.
    pub monitor: Seen<'a, Object>,
    /// Its field that is wrong.
    pub field: String,
    /// The field's value.
    pub value: String,
    /// What is there instead, in words.
    pub instead: String,
    /// It picks what it is meant for, and no port of it.
    pub picks: bool,
}

/// What a monitor may pick: a Service, or the pods of a workload.
struct Pickable<'a> {
    entity: Entity,
    labels: &'a BTreeMap<String, String>,
    ports: Vec<&'a str>,
}

impl Case {
    /// Whether monitors are worth looking at: the numbers of a workload that serves are missed, and no target of it is down.
    pub fn may_be_astray(&self) -> bool {
        self.missed_workload().is_some() && self.unscraped().is_empty()
    }

    /// The monitors that are meant for the workload whose numbers are missed, where none leads to it.
    pub fn astray(&self) -> Vec<Astray<'_>> {
        let looked = self.looked("ServiceMonitor", "") && self.looked("PodMonitor", "");
        let Some(workload) = self.missed_workload().filter(|_| looked) else { return Vec::new() };
        let namespace = workload.meta.namespace.as_str();
        let mut astray = Vec::new();
        let mut lost = Vec::new();
        for monitor in self.objects().filter(|it| it.api_version.starts_with(GROUP)) {
            let Some(reaches) = reaches(monitor.it, namespace) else { return Vec::new() };
            if !reaches || !matches!(monitor.kind.as_str(), "ServiceMonitor" | "PodMonitor") {
                continue;
            }
            // What selects by expressions may select it.
            let Some(wanted) = wanted(monitor.it) else { return Vec::new() };
            let own = self.pickable(&monitor.kind, workload);
            match own.iter().find(|it| picks(&wanted, it.labels)) {
                Some(picked) => match portless(monitor.it, picked) {
                    None => return Vec::new(), // That one leads to it.
                    Some((field, value)) => astray.push(Astray {
                        root: workload.meta.entity(&workload.kind),
                        monitor,
                        field,
                        value,
                        instead: format!("the ports of {} are {}", picked.entity, named(picked)),
                        picks: true,
                    }),
                },
                None if self.picks_nothing(&monitor.kind, namespace, &wanted) => {
                    lost.extend(meant(workload, monitor, &wanted, &own));
                }
                None => {}
            }
        }
        // Of several that could be meant nobody can tell.
        if astray.is_empty() && lost.len() == 1 { lost } else { astray }
    }

    /// The workload that serves and whose numbers somebody asks for.
    fn missed_workload(&self) -> Option<Seen<'_, Workload>> {
        let asked = self.asked_object().filter(|_| self.misses_numbers)?;
        self.workload(&self.known_as(&asked)).seen().filter(|it| self.serves(*it))
    }

    /// What a monitor of a kind may pick of a workload.
    fn pickable<'a>(&'a self, kind: &str, workload: Seen<'a, Workload>) -> Vec<Pickable<'a>> {
        if kind == "PodMonitor" {
            let containers = workload.it.template.containers.iter().filter(|it| !it.init);
            let ports = containers.flat_map(|it| &it.ports).map(|it| it.name.as_str());
            return vec![Pickable {
                entity: workload.meta.entity(&workload.kind),
                labels: &workload.it.template_labels,
                ports: ports.filter(|it| !it.is_empty()).collect(),
            }];
        }
        let services = self.services_before(workload.it);
        let of = |it: Seen<'a, evidence::fact::network::Service>| Pickable {
            entity: it.it.meta.entity("Service"),
            labels: &it.it.meta.labels,
            ports: it.it.ports.iter().map(|it| it.name.as_str()).collect(),
        };
        services.map(of).collect()
    }

    /// Whether a monitor picks nothing in a namespace.
    fn picks_nothing(&self, kind: &str, namespace: &str, wanted: &BTreeMap<&str, &str>) -> bool {
        if kind == "PodMonitor" {
            let mut workloads = self.workloads_in(namespace);
            return self.looked("Pod", namespace)
                && !workloads.any(|it| picks(wanted, &it.template_labels))
                && !self.pods_in(namespace).any(|it| picks(wanted, &it.meta.labels));
        }
        self.looked("Service", namespace)
            && !self.services_in(namespace).any(|it| picks(wanted, &it.meta.labels))
    }
}

impl Astray<'_> {
    /// The monitor's name.
    pub fn subject(&self) -> Entity {
        self.monitor.meta.entity(&self.monitor.kind)
    }

    /// Cites the monitor for what it says.
    pub fn cite(&self) -> Cite {
        let says = format!("{}: {} is {}", self.subject(), self.field, self.value);
        Cite::new(self.monitor.exhibit, says)
    }
}

/// Whether a monitor looks into a namespace; none where that is not known.
fn reaches(monitor: &Object, namespace: &str) -> Option<bool> {
    let field = |name: &str| monitor.fields.get(name).map(String::as_str);
    if field("spec.namespaceSelector.any") == Some("true") {
        return Some(true);
    }
    let names = below(monitor, "spec.namespaceSelector.matchNames[");
    let mut names = names.map(|(_, value)| value).peekable();
    if names.peek().is_none() {
        return Some(monitor.meta.namespace == namespace);
    }
    Some(names.any(|it| it == namespace))
}

/// The labels that a monitor selects; none where it has other requirements too, or none at all.
fn wanted(monitor: &Object) -> Option<BTreeMap<&str, &str>> {
    if below(monitor, "spec.selector.matchExpressions").next().is_some() {
        return None;
    }
    let labels: BTreeMap<&str, &str> = below(monitor, "spec.selector.matchLabels.").collect();
    (!labels.is_empty()).then_some(labels)
}

fn below<'a>(monitor: &'a Object, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    monitor
        .fields
        .iter()
        .filter_map(move |(name, value)| Some((name.strip_prefix(path)?, value.as_str())))
}

fn picks(wanted: &BTreeMap<&str, &str>, labels: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(key, value)| labels.get(*key).is_some_and(|it| it == value))
}

/// Field and value of a monitor's port, where no port that it names is there; none where one leads somewhere.
fn portless(monitor: &Object, picked: &Pickable<'_>) -> Option<(String, String)> {
    let list = match monitor.kind.as_str() {
        "PodMonitor" => "spec.podMetricsEndpoints",
        _ => "spec.endpoints",
    };
    let mut first = None;
    for at in 0..MOST_ENDPOINTS {
        let part = format!("{list}[{at}].");
        if below(monitor, &part).next().is_none() {
            break;
        }
        let field = format!("{part}port");
        // A number, or a port of the pods', may be right.
        let port = monitor.fields.get(&field)?;
        if picked.ports.contains(&port.as_str()) {
            return None;
        }
        first = first.or(Some((field, port.clone())));
    }
    first
}

/// One that picks nothing, and bears the workload's name or one of its labels.
fn meant<'a>(
    workload: Seen<'a, Workload>,
    monitor: Seen<'a, Object>,
    wanted: &BTreeMap<&str, &str>,
    own: &[Pickable<'_>],
) -> Option<Astray<'a>> {
    let name = monitor.meta.name.as_str();
    let alike = |it: &&Pickable<'_>| {
        name == it.entity.name
            || name == workload.meta.name
            || wanted.iter().any(|(key, value)| it.labels.get(*key).is_some_and(|it| it == value))
    };
    let picked = own.iter().find(alike)?;
    let differs = |it: &(&&str, &&str)| picked.labels.get(*it.0).is_none_or(|its| its != *it.1);
    let (key, value) = wanted.iter().find(differs)?;
    let its = match picked.labels.get(*key) {
        Some(its) => format!("{} has {key}={its}", picked.entity),
        None => format!("{} has no label {key}", picked.entity),
    };
    Some(Astray {
        root: workload.meta.entity(&workload.kind),
        monitor,
        field: format!("spec.selector.matchLabels[{key}]"),
        value: (*value).to_owned(),
        instead: its,
        picks: false,
    })
}

fn named(picked: &Pickable<'_>) -> String {
    let named: Vec<&str> = picked.ports.iter().copied().filter(|it| !it.is_empty()).collect();
    if named.is_empty() { "without names".to_owned() } else { named.join(", ") }
}
