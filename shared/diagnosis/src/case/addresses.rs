//! Where a workload's own settings name whom it calls.

use super::Case;
use super::complaints::Complaint;
use super::containers::pod_spec_path;
use super::peers::peers_in;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::spec::{Container, EnvVar, PodSpec};

/// A variable of a container that names a host.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The container.
    pub container: &'a Container,
    /// The variable's name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
}

impl Setting<'_> {
    /// The path of the variable in the object to change.
    pub fn field(&self, root: &Entity) -> String {
        let list = if self.container.init { "initContainers" } else { "containers" };
        let path = pod_spec_path(&root.kind);
        format!("{path}.{list}[{}].env[{}].value", self.container.name, self.name)
    }
}

/// The setting that names a host, together with the port where one is given.
pub fn setting<'a>(spec: &'a PodSpec, host: &str, port: Option<u16>) -> Option<Setting<'a>> {
    let mut with_host: Option<Setting<'a>> = None;
    for container in &spec.containers {
        for variable in &container.env {
            let Some(value) = variable.value.as_deref() else { continue };
            let mut peers = peers_in(value).into_iter().filter(|it| it.host == host);
            let Some(peer) = peers.next() else { continue };
            let setting = Setting { container, name: &variable.name, value };
            if port.is_none() || peer.port == port {
                return Some(setting);
            }
            with_host = with_host.or(Some(setting));
        }
    }
    // The port may stand in a variable of its own: DB_HOST and DB_PORT.
    let (found, number) = (with_host?, port?.to_string());
    let is_port =
        |it: &&EnvVar| it.name.contains("PORT") && it.value.as_deref() == Some(number.as_str());
    let variable = found.container.env.iter().find(is_port)?;
    let value = variable.value.as_deref()?;
    Some(Setting { container: found.container, name: &variable.name, value })
}

impl Case {
    /// What a setting was in the revision before, and where that stands.
    pub fn before<'a>(&'a self, root: &Entity, setting: &Setting<'_>) -> Option<(usize, &'a str)> {
        let (_, before) = self.two_newest(root)?;
        let container =
            before.it.template.containers.iter().find(|it| it.name == setting.container.name)?;
        let variable = container.env.iter().find(|it| it.name == setting.name)?;
        let value = variable.value.as_deref()?;
        (value != setting.value).then_some((before.exhibit, value))
    }

    /// The revision before, where it did not give the setting its value.
    fn brought(&self, root: &Entity, setting: &Setting<'_>) -> Option<usize> {
        let (_, before) = self.two_newest(root)?;
        let mut containers = before.it.template.containers.iter();
        let container = containers.find(|it| it.name == setting.container.name)?;
        let same = |it: &EnvVar| {
            it.name == setting.name && it.value.as_deref().is_none_or(|it| it == setting.value)
        };
        (!container.env.iter().any(same)).then_some(before.exhibit)
    }

    /// The Service that was meant by a name that is nobody's, and the revision before that did not use it: the Service
    /// that the revision before named, the one of that name in the caller's own namespace where the setting is new, or
    /// the one whose name is like it and which nobody else's is.
    pub fn meant_instead<'a>(
        &'a self,
        complaint: &Complaint<'_>,
        setting: &Setting<'_>,
        absent: &Entity,
    ) -> Option<(Seen<'a, Service>, Option<usize>)> {
        if let Some((exhibit, value)) = self.before(complaint.root(), setting) {
            let peers = peers_in(value);
            let mut services =
                peers.iter().filter_map(|it| self.service_of(it, complaint.namespace()));
            if let Some(service) = services.next() {
                return Some((service, Some(exhibit)));
            }
        }
        let namespace = &absent.namespace;
        if namespace != complaint.namespace()
            && let Some(exhibit) = self.brought(complaint.root(), setting)
            && let Some(service) = self.service(complaint.namespace(), &absent.name).seen()
        {
            return Some((service, Some(exhibit)));
        }
        Some((self.alike_service(absent)?, None))
    }

    /// The one Service of the same namespace whose name is like that of one that is not there.
    pub fn alike_service(&self, absent: &Entity) -> Option<Seen<'_, Service>> {
        let here = self.services().filter(|it| it.meta.namespace == absent.namespace);
        let mut alike = here.filter(|it| is_alike(&it.meta.name, &absent.name));
        let first = alike.next()?;
        alike.next().is_none().then_some(first)
    }
}

/// Whether one name is the other with a slip of the hand: one letter more, less or another, or two exchanged. Short names
/// are alike by chance, and `db-1` is not `db-2` misspelt.
pub fn is_alike(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    if short.len() < 4 || long.len() - short.len() > 1 || short == long {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(left, right)| left == right).count();
    let (short, long) =
        (short.get(same..).unwrap_or_default(), long.get(same..).unwrap_or_default());
    let digits = short.iter().chain(long).take(2).any(char::is_ascii_digit);
    if digits {
        return false;
    }
    match (short, long) {
        // `catalog`, `catalogs`; `cataloog`.
        (short, [_, rest @ ..]) if short == rest => true,
        ([_, left @ ..], [_, right @ ..]) if left == right => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => a == d && b == c && left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_alike;

    #[test]
    fn a_slip_of_the_hand_is_alike() {
        for (one, other) in [
            ("catalog", "catalgo"),
            ("catalog", "catalogs"),
            ("catalog", "catlog"),
            ("catalog", "katalog"),
        ] {
            assert!(is_alike(one, other) && is_alike(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("catalog", "catalog"),
            ("db", "dc"),
            ("mongo-1", "mongo-2"),
            ("orders", "users"),
            ("catalog", "catalog-v2"),
        ] {
            assert!(!is_alike(one, other) && !is_alike(other, one), "{one} {other}");
        }
    }
}
