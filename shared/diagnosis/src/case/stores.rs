//! Workloads that run stores, and what may call them.

use super::Case;
use super::complaints::Complaint;
use super::words::peer::peer;
use super::words::store::Store;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Log;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;

impl Case {
    /// Whether what is behind a Service is a store of a kind, by its image, or by its port where no workload is known.
    pub fn is_store(&self, service: &Service, store: Store) -> bool {
        let mut behind = self.workloads_behind(service).peekable();
        if behind.peek().is_none() {
            return service.ports.iter().any(|it| it.port == store.usual_port());
        }
        behind.any(|it| serves(&it, store))
    }

    /// The one store of a kind that a log names in whatever line: programs say whom they will call, and then only that it failed.
    pub fn store_in_log(&self, log: &Log, store: Store) -> Option<Seen<'_, Service>> {
        let mut named: Vec<Seen<'_, Service>> = Vec::new();
        for peer in log.lines.iter().filter_map(|it| peer(&it.text)) {
            match self.service_of(&peer, &log.namespace) {
                Some(service) if !self.is_store(service.it, store) => {}
                Some(service) if named.iter().any(|it| it.exhibit == service.exhibit) => {}
                Some(service) => named.push(service),
                // Another one that nobody saw, or that is outside.
                None if peer.port == Some(store.usual_port()) => return None,
                None => {}
            }
        }
        named.pop().filter(|_| named.is_empty())
    }

    /// Workloads that run a store of a kind.
    pub fn stores(&self, store: Store) -> impl Iterator<Item = Seen<'_, Workload>> {
        self.workloads().filter(move |it| serves(it, store))
    }

    /// The broker of whose alarm a log tells: the one that wrote it, or the only one that is known.
    pub fn alarmed(&self, complaint: &Complaint<'_>) -> Option<(Entity, Vec<Cite>)> {
        if Store::of_image(&complaint.container.spec.image) == Some(Store::Rabbit) {
            return Some((complaint.root().clone(), vec![complaint.cite()]));
        }
        let mut brokers = self.stores(Store::Rabbit);
        let only = brokers.next().filter(|_| brokers.next().is_none())?;
        let broker = only.meta.entity(&only.kind);
        let says = format!("{broker} is the one broker that is known");
        Some((broker, vec![complaint.cite(), Cite::new(only.exhibit, says)]))
    }

    /// Whether a Service has a store's usual port, and no image behind it is known for a store of another kind.
    pub(super) fn may_be_store(&self, service: &Service, store: Store) -> bool {
        let at_port = service.ports.iter().any(|it| it.port == store.usual_port());
        let is_other = |it: Seen<'_, Workload>| {
            let mut images = it.it.template.containers.iter().map(|it| &it.image);
            images.any(|it| Store::of_image(it).is_some())
        };
        at_port && !self.workloads_behind(service).any(is_other)
    }

    /// Whether a workload runs a store, of whatever kind.
    pub fn runs_store(&self, entity: &Entity) -> bool {
        let workload = self.workload(entity).seen();
        workload.is_some_and(|it| {
            it.it.template.containers.iter().any(|it| Store::of_image(&it.image).is_some())
        })
    }

    /// Whether a workload may call any store: it is told of none, and reads a variable from a Secret, of which nobody sees what
    /// it says.
    pub fn hides_its_stores(&self, entity: &Entity) -> bool {
        let Some(workload) = self.workload(entity).seen() else { return false };
        let containers = &workload.it.template.containers;
        let variables = containers.iter().flat_map(|it| &it.env).filter_map(|it| it.from.as_ref());
        let whole = containers.iter().flat_map(|it| &it.env_from);
        variables.chain(whole).any(|it| it.kind == "Secret")
            && !self.calls_of(entity).iter().any(|it| self.runs_store(it))
    }
}

fn serves(workload: &Workload, store: Store) -> bool {
    let mut containers = workload.template.containers.iter().filter(|it| !it.init);
    containers.any(|it| Store::of_image(&it.image) == Some(store))
}
