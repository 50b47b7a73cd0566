//! Complaints that only repeat the words of somebody whom the program calls: gRPC servers answer with the text of their own
//! errors, and callers log it.

use super::Case;
use super::complaints::Complaint;
use super::peers::peers_in;
use evidence::entity::Entity;
use std::collections::BTreeSet;

impl Case {
    /// Whose complaint another one repeats: its program is told of nobody whom that can be about, and calls one that is and
    /// says the same.
    pub fn echoed(&self, complaint: &Complaint<'_>, all: &[Complaint<'_>]) -> Option<Entity> {
        // What a Secret tells it nobody knows, nor what nobody has read yet.
        let root = complaint.root();
        if self.may_call(complaint)
            || self.hides_its_stores(root)
            || !self.ask_for_destinations(&BTreeSet::from([root])).is_empty()
        {
            return None;
        }
        let mut same = all.iter().filter(|it| {
            it.root() != complaint.root() && it.said == complaint.said && self.may_call(it)
        });
        let called = self.calls_of(complaint.root());
        same.find(|it| called.contains(it.root())).map(|it| it.root().clone())
    }

    /// Whether its program is told of whom a complaint is about: of its peer, or of a store of its kind, one of several or one
    /// that nobody saw.
    fn may_call(&self, complaint: &Complaint<'_>) -> bool {
        let (spec, from) = (&complaint.container.pod.it.spec, complaint.namespace());
        let mut told = self.destinations(spec, from).into_iter().flat_map(peers_in);
        match (complaint.said.peer(), complaint.store) {
            (Some(peer), _) => told.any(|it| it.host == peer.host),
            (None, Some(store)) => told.any(|it| match self.service_of(&it, from) {
                Some(service) => self.is_store(service.it, store),
                None => it.port == Some(store.usual_port()),
            }),
            (None, None) => true,
        }
    }
}
