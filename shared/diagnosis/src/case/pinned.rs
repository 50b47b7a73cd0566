//! Names that a pod's `hostAliases` pin to addresses: its hosts file answers for them, and no name service is asked.

use super::Case;
use super::complaints::Complaint;
use super::containers::pod_spec_path;
use super::peers::Meant;
use super::touching::toucher;
use super::words::peer::Peer;
use super::words::said::Said;
use crate::seen::{Presence, Seen};
use evidence::entity::Entity;
use evidence::fact::network::Service;
use evidence::fact::spec::{HostAlias, PodSpec};
use jiff::Timestamp;
use std::net::IpAddr;

/// A name that a workload calls in vain where its own template pins it.
#[derive(Clone, Debug)]
pub struct Pinned<'a> {
    /// What its log says.
    pub complaint: Complaint<'a>,
    /// The name.
    pub name: &'a str,
    /// The address that the name is pinned to.
    pub address: &'a str,
    /// Whose name it is, which does not have the address; none where it is no Service's.
    pub service: Option<Seen<'a, Service>>,
    /// The line names that address.
    pub is_called: bool,
    /// The path of the setting.
    pub field: String,
    /// Since when the name leads elsewhere than it should, where that is news and nothing was said before.
    pub since: Option<Timestamp>,
}

impl Case {
    /// Every one, but for names that are pinned to an address to which they lead anyway.
    pub fn pinned(&self) -> Vec<Pinned<'_>> {
        let mut all = Vec::new();
        if self.pods().all(|it| it.it.spec.host_aliases.is_empty()) {
            return all;
        }
        for complaint in self.complaints() {
            let spec = &complaint.container.pod.it.spec;
            if spec.host_aliases.is_empty() || !calls(&complaint.said) {
                continue;
            }
            let Some(peer) = complaint.said.peer() else { continue };
            let known = self.workloads().find(|it| it.meta.entity(&it.kind) == *complaint.root());
            for (alias, name) in called(spec, peer) {
                // A template without it was put right, or somebody else gives it to the pods.
                let template = known.map_or(spec, |it| &it.it.template);
                if pinned_to(template, name).any(|it| it == alias.address) {
                    all.extend(self.one_pinned(&complaint, alias, name));
                }
            }
        }
        all
    }

    fn one_pinned<'a>(
        &'a self,
        complaint: &Complaint<'a>,
        alias: &'a HostAlias,
        name: &'a str,
    ) -> Option<Pinned<'a>> {
        let address: IpAddr = alias.address.parse().ok()?;
        let (spec, root) = (&complaint.container.pod.it.spec, complaint.root());
        let meant = Peer { host: name.to_ascii_lowercase(), port: None };
        let service = match self.meant(&meant, complaint.namespace()) {
            Meant::Service(service) => Some(service),
            Meant::Absent(_) | Meant::Elsewhere => None,
            Meant::Itself | Meant::Unknown => return None,
        };
        match service {
            // One of several addresses may be right.
            Some(service) => {
                let own = self.addresses_of(service)?;
                let mut pinned = pinned_to(spec, name).filter_map(|it| it.parse::<IpAddr>().ok());
                if pinned.any(|it| own.contains(&it)) {
                    return None;
                }
            }
            // What is outside may be pinned to somebody inside.
            None => {
                let peer = Peer { host: alias.address.clone(), port: None };
                let outside = matches!(self.meant(&peer, complaint.namespace()), Meant::Elsewhere);
                if !outside || self.pods().any(|it| it.it.address == alias.address) {
                    return None;
                }
            }
        }
        let field = format!("{}.hostAliases", pod_spec_path(&root.kind));
        let since = self.repinned(root, name, &alias.address, &field, service);
        let since = since.filter(|at| complaint.since.is_none_or(|since| since >= *at));
        let is_called = complaint.said.peer().and_then(Peer::address) == Some(address)
            || names_address(&complaint.line.text, &alias.address);
        let (complaint, address) = (complaint.clone(), alias.address.as_str());
        Some(Pinned { complaint, name, address, service, is_called, field, since })
    }

    /// Since when a name is pinned to an address that is not its own, where that is news: it was pinned then, or its Service
    /// was made anew.
    fn repinned(
        &self,
        root: &Entity,
        name: &str,
        address: &str,
        field: &str,
        service: Option<Seen<'_, Service>>,
    ) -> Option<Timestamp> {
        let touched = self.meta_of(root).and_then(|it| toucher(it, field)).and_then(|it| it.at);
        let revised = match self.revisions_of(root).as_slice() {
            [newest, before, ..] => {
                let was = pinned_to(&before.it.template, name).any(|it| it == address);
                if was { None } else { self.revised_at(*newest) }
            }
            _ => None,
        };
        let made = service.and_then(|it| it.meta.created);
        let remade = made.filter(|it| self.template_made(root).is_some_and(|was| *it > was));
        let mut all = [revised, touched, remade].into_iter().flatten();
        all.find(|it| self.is_news(Some(*it)))
    }

    /// The addresses by which a Service is reached inside of the cluster: its own, and those of what is behind it. None
    /// where not all of them were seen, or where it is reached in yet another way.
    fn addresses_of(&self, service: Seen<'_, Service>) -> Option<Vec<IpAddr>> {
        let meta = &service.meta;
        let plain = matches!(service.kind.as_str(), "" | "ClusterIP");
        if !plain || !self.looked("Pod", &meta.namespace) {
            return None;
        }
        let written = match self.endpoints(&meta.namespace, &meta.name) {
            Presence::Present(endpoints) => endpoints.it.written.as_slice(),
            Presence::Absent => &[],
            Presence::Unknown => return None,
        };
        let own = service.it.addresses.iter().chain(&service.it.balancer);
        let of_pods = self.selected_by(service.it).map(|it| &it.it.address);
        let of_slices = written.iter().flat_map(|it| &it.addresses);
        let all: Vec<IpAddr> =
            own.chain(of_pods).chain(of_slices).filter_map(|it| it.parse().ok()).collect();
        (!all.is_empty()).then_some(all)
    }
}

/// The addresses that a pod's own hosts file gives for a name, as it is written: search domains are the name service's.
pub fn pinned_to<'a>(spec: &'a PodSpec, host: &str) -> impl Iterator<Item = &'a str> {
    let aliases = spec.host_aliases.iter();
    let of_name = aliases.filter(move |it| it.names.iter().any(|it| it.eq_ignore_ascii_case(host)));
    of_name.map(|it| it.address.as_str())
}

/// The pinned names that a peer can be: that name, or those of that address, which a container's own is not.
fn called<'a>(spec: &'a PodSpec, peer: &Peer) -> Vec<(&'a HostAlias, &'a str)> {
    let address = peer.address().filter(|it| !it.is_loopback());
    let mut all = Vec::new();
    for alias in &spec.host_aliases {
        let at = address.is_some() && alias.address.parse().ok() == address;
        let names = alias.names.iter().filter(|it| at || it.eq_ignore_ascii_case(&peer.host));
        all.extend(names.map(|it| (alias, it.as_str())));
    }
    all
}

/// Whether it says that a call came to nobody, or to somebody else.
fn calls(said: &Said) -> bool {
    matches!(
        said,
        Said::Refused { .. }
            | Said::TimedOut { .. }
            | Said::NoRoute { .. }
            | Said::Unreached { .. }
            | Said::OtherProtocol { .. }
            | Said::TlsFailed { .. }
    )
}

/// Whether a line names an address, and not a longer one.
fn names_address(text: &str, address: &str) -> bool {
    text.match_indices(address).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + address.len()..).and_then(|it| it.chars().next());
        let goes_on = |it: Option<char>| it.is_some_and(|it| it.is_ascii_hexdigit() || it == '.');
        !goes_on(before) && !goes_on(after)
    })
}

#[cfg(test)]
mod tests {
    use super::names_address;

    #[test]
    fn an_address_is_named_whole() {
        for (text, expected) in [
            ("dial tcp 10.96.0.9:80: i/o timeout", true),
            ("Connection refused: db/10.96.0.9", true),
            ("dial tcp 10.96.0.91:80: i/o timeout", false),
            ("dial tcp 110.96.0.9:80: i/o timeout", false),
        ] {
            assert_eq!(names_address(text, "10.96.0.9"), expected, "{text}");
        }
    }
}
