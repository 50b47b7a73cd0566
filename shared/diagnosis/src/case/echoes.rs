//! Complaints that only repeat the words of somebody whom the program calls: gRPC servers answer with the text of their own
//! errors, and callers log it.

use super::Case;
use super::complaints::Complaint;
use super::peers::peers_in;
use evidence::entity::Entity;

impl Case {
    /// Whose complaint another one repeats: its program is told of nobody whom that can be about, and calls one that is and
    /// says the same.
    pub fn echoed(&self, complaint: &Complaint<'_>, all: &[Complaint<'_>]) -> Option<Entity> {
        // What a Secret tells it nobody knows.
        if self.may_call(complaint) || self.hides_its_stores(complaint.root()) {
            return None;
        }
        let mut same = all.iter().filter(|it| {
            it.root() != complaint.root() && it.said == complaint.said && self.may_call(it)
        });
        let called = self.calls_of(complaint.root());
        same.find(|it| called.contains(it.root())).map(|it| it.root().clone())
    }

    /// Whether its program is told of whom a complaint is about: of its peer, or of a store of its kind.
    fn may_call(&self, complaint: &Complaint<'_>) -> bool {
        let (spec, from) = (&complaint.container.pod.it.spec, complaint.namespace());
        match (complaint.said.peer(), complaint.store) {
            (Some(peer), _) => {
                let told = self.destinations(spec, from).into_iter().flat_map(peers_in);
                told.into_iter().any(|it| it.host == peer.host)
            }
            (None, Some(store)) => self.store_named_by(spec, from, store).is_some(),
            (None, None) => true,
        }
    }
}
