//! EndpointSlices that somebody writes: where Services without a selector lead.

use super::Case;
use super::touching::toucher;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::Touch;
use evidence::fact::network::WrittenSlice;

/// Where the addresses of a slice stand.
pub const FIELD: &str = "endpoints";

impl Case {
    /// The slice of that name, where no controller of Kubernetes keeps it.
    pub fn written_slice(&self, slice: &Entity) -> Option<Seen<'_, WrittenSlice>> {
        let bodies = self.exhibits.iter().enumerate().rev();
        bodies.filter(|_| slice.kind == "EndpointSlice").find_map(|(exhibit, it)| {
            let Body::Endpoints(endpoints) = &it.body else { return None };
            let mut all = endpoints.written.iter();
            let it = all.find(|it| it.meta.entity("EndpointSlice") == *slice)?;
            Some(Seen { exhibit, it })
        })
    }

    /// Who gave a slice other addresses than it was made with, lately. A program that writes them all the time, as it makes
    /// slices too, follows what it stands for: that is no such change.
    pub fn readdressed<'a>(&self, slice: &'a WrittenSlice) -> Option<&'a Touch> {
        let touch = toucher(&slice.meta, FIELD)?;
        let at = touch.at.filter(|at| slice.meta.created.is_some_and(|made| *at > made))?;
        let others = slice.meta.touches.iter().any(|it| it.manager != touch.manager);
        (self.is_news(Some(at)) && (others || touch.operation == "Apply")).then_some(touch)
    }
}
