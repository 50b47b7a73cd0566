//! A program that says it listens elsewhere than at the port that its pod declares, and whose callers are refused there.

use super::{field, target};
use crate::case::Case;
use crate::case::calls::{FailedCall, target_in};
use crate::case::containers::{Running, all_read_by};
use crate::case::touching::{changed_data, data_toucher};
use crate::case::words::ports::listened;
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::seen::Seen;
use evidence::fact::access::Config;
use evidence::fact::pod::Pod;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let calls = case.failed_calls();
    joined(calls.iter().filter(|it| it.is_refused()).filter_map(|it| one(case, it)))
}

fn one(case: &Case, call: &FailedCall<'_>) -> Option<Finding> {
    let service = call.service;
    let port = call.port()?;
    let (_, pod) = case.end_behind(service)?;
    let number = target_in(port, pod.it)?;
    let container = declaring(case, pod, number)?;
    let log = case.log_now(&container)?;
    let mut heard = listened(log.it);
    if heard.contains(&number) {
        return None;
    }
    // Beside a port that it declares it may listen on others of which it says nothing.
    let declared = |it: &u16| {
        pod.it.spec.containers.iter().flat_map(|it| &it.ports).any(|port| port.number == *it)
    };
    heard.retain(|it| !declared(it));
    if heard.is_empty() {
        return None;
    }
    let (entity, root) = (service.meta.entity("Service"), container.root);
    let heard: Vec<String> = heard.iter().map(u16::to_string).collect();
    let heard = heard.join(", ");
    let name = &container.spec.name;
    let mut proofs = vec![
        call.complaint.cite(),
        Cite::new(
            service.exhibit,
            format!("{entity} sends port {} to {}", port.port, target(port)),
        ),
        Cite::new(
            log.exhibit,
            format!("{}: container {name} says that it listens on {heard}", pod.meta.entity("Pod")),
        ),
    ];
    let mut subject = entity.clone();
    let (mut of_field, mut value) = (field(port), Some(target(port)));
    let mut strength = Strength::Conclusive;
    if let Some((config, key)) = port_set_lately(case, &container) {
        subject = config.meta.entity("ConfigMap");
        // What it says nobody sees.
        (of_field, value, strength) = (key, None, Strength::Strong);
        proofs.push(Cite::new(config.exhibit, format!("{subject}: {of_field} was changed")));
    }
    Some(Finding {
        field: Some(of_field),
        value,
        statement: format!(
            "{entity} sends port {} to {number} of {root}, whose log says that it listens on {heard}.",
            port.port
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![entity, call.complaint.root().clone()],
        subject,
    })
}

/// The container of a pod that declares a port.
fn declaring<'a>(case: &'a Case, pod: Seen<'a, Pod>, number: u16) -> Option<Running<'a>> {
    let mut own = case.all_containers().filter(|it| it.pod.exhibit == pod.exhibit);
    own.find(|it| it.spec.ports.iter().any(|port| port.number == number))
}

/// The ConfigMap that a pod reads, and its one key that somebody changed lately, where that is one of a port.
fn port_set_lately<'a>(
    case: &'a Case,
    container: &Running<'a>,
) -> Option<(Seen<'a, Config>, String)> {
    let namespace = &container.pod.it.meta.namespace;
    let read = all_read_by(&container.pod.it.spec).filter(|it| it.kind == "ConfigMap");
    let mut configs = read.filter_map(|it| case.config("ConfigMap", namespace, &it.name).seen());
    configs.find_map(|config| {
        let touch = data_toucher(&config.it.meta).filter(|it| case.is_news(it.at))?;
        let key = changed_data(touch);
        is_of_port(&key).then_some((config, key))
    })
}

/// `SERVER_PORT`, `serverPort`, `port`; and not `EXPORT_DIR`.
fn is_of_port(key: &str) -> bool {
    let mut words = key.split(|it: char| !it.is_ascii_alphanumeric());
    words.any(|it| it.eq_ignore_ascii_case("port") || it.ends_with("Port"))
}
