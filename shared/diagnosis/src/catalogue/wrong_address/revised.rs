//! An address at which nobody can be, in the environment that the newest revision brought where the one before led to a
//! Service: who calls it need not say so in any log.

use super::since_changed::without;
use crate::case::Case;
use crate::case::peers::{Meant, peers_in};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::spec::Container;

/// A variable that led to a Service and leads nowhere now.
struct Astray<'a> {
    container: &'a str,
    name: &'a str,
    value: &'a str,
    /// Why nobody is there.
    why: String,
    /// Where it led before.
    service: Seen<'a, Service>,
}

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    // Programs are told of much that they never call; that one is missed shows by what users report.
    if !case.reported {
        return Vec::new();
    }
    let here = case.roots().filter(|it| case.is_in_scope(&it.namespace));
    here.filter_map(|root| one(case, root)).collect()
}

fn one(case: &Case, root: &Entity) -> Option<Judgement> {
    let (newest, before) = case.two_newest(root)?;
    let at = case.revised_at(newest).filter(|at| case.is_news(Some(*at)))?;
    let then = &before.it.template.containers;
    let astray = newest.it.template.containers.iter().find_map(|now| {
        let then = then.iter().find(|it| it.name == now.name)?;
        led_astray(case, root, now, then)
    })?;
    let Astray { container, name, value, why, service } = astray;
    if !runs_with(case, root, container, name, value) {
        return None; // The pods of the revision before do the work.
    }
    let was = service.meta.entity("Service");
    let mut explains = vec![root.clone()];
    let calls = |it: &Entity| case.calls_of(it).contains(root);
    let callers = case.troubles().into_iter().map(|it| it.container.root.clone());
    explains.extend(callers.filter(|it| it != root && calls(it)));
    explains.dedup();
    Some(Judgement::Proven(Finding {
        field: Some(format!("spec.template.spec.containers[{container}].env[{name}].value")),
        value: Some(value.to_owned()),
        statement: format!(
            "{root} is told to call {value} since its revision of {at}, and {why}; until then {name} led to {was}."
        ),
        proofs: vec![
            Cite::quoting(
                newest.exhibit,
                format!("{root}: the revision of {at} sets {name}"),
                value,
            ),
            Cite::new(before.exhibit, format!("{root}: the revision before led to {was}")),
            Cite::new(service.exhibit, format!("{was} is there")),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject: root.clone(),
    }))
}

fn led_astray<'a>(
    case: &'a Case,
    root: &Entity,
    now: &'a Container,
    then: &Container,
) -> Option<Astray<'a>> {
    now.env.iter().find_map(|variable| {
        let value = variable.value.as_deref()?;
        let same = then.env.iter().find(|it| it.name == variable.name)?;
        let old = same.value.as_deref().filter(|it| *it != value)?;
        let why = nobody_at(case, value, &root.namespace)?;
        let [peer] = peers_in(old).try_into().ok()?;
        let service = case.service_of(&peer, &root.namespace)?;
        let led = without(case, old, &root.namespace).is_none();
        led.then_some(Astray { container: &now.name, name: &variable.name, value, why, service })
    })
}

/// Why nobody can be at an address: there is no such Service, or it lacks the port.
fn nobody_at(case: &Case, value: &str, from: &str) -> Option<String> {
    let [peer] = peers_in(value).try_into().ok()?;
    if let Meant::Absent(absent) = case.meant(&peer, from) {
        return Some(format!("there is no {absent}"));
    }
    let (service, _) = without(case, value, from)?;
    let has: Vec<String> = service.it.ports.iter().map(|it| it.port.to_string()).collect();
    Some(format!("{} has only {}", service.meta.entity("Service"), has.join(", ")))
}

/// Whether a container runs with a variable as it is now.
fn runs_with(case: &Case, root: &Entity, container: &str, name: &str, value: &str) -> bool {
    case.all_containers().any(|it| {
        let set =
            || it.spec.env.iter().any(|it| it.name == name && it.value.as_deref() == Some(value));
        it.root == root && it.spec.name == container && it.runs() && set()
    })
}
