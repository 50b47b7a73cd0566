//! Who set a field last, as the API server's `managedFields` know it, and whether that is news.

use super::Case;
use evidence::entity::Entity;
use evidence::fact::meta::{Meta, Touch};
use jiff::{SignedDuration, Timestamp};

/// How long a change is news: what it broke is noticed within a day.
pub const NEWS: SignedDuration = SignedDuration::from_hours(24);

impl Case {
    /// Whether something happened lately enough to be behind what is wrong now.
    pub fn is_news(&self, at: Option<Timestamp>) -> bool {
        !self.rules.baseline || at.is_some_and(|at| self.as_of.duration_since(at) <= NEWS)
    }

    /// When the template of a workload's pods became what it is: by its newest revision, else by who set it last.
    pub fn template_made(&self, root: &Entity) -> Option<Timestamp> {
        let revised = self.revisions_of(root).first().and_then(|it| it.meta.created);
        let meta = self.meta_of(root)?;
        let touched = toucher(meta, "spec.template").and_then(|it| it.at);
        revised.or(touched).or(meta.created)
    }
}

/// The last one to set what a ConfigMap holds.
pub fn data_toucher(meta: &Meta) -> Option<&Touch> {
    let touches = ["data", "binaryData"].into_iter().filter_map(|field| toucher(meta, field));
    touches.max_by_key(|touch| touch.at)
}

/// The last one to set a field, or the whole that it is a part of.
pub fn toucher<'a>(meta: &'a Meta, field: &str) -> Option<&'a Touch> {
    let owns = |touch: &&Touch| {
        touch.subresource != "status"
            && touch.fields.iter().any(|own| {
                own == field
                    || own.strip_prefix(field).is_some_and(|rest| rest.starts_with(['.', '[']))
                    || field
                        .strip_prefix(own.as_str())
                        .is_some_and(|rest| rest.starts_with(['.', '[']))
            })
    };
    meta.touches.iter().filter(owns).max_by_key(|touch| touch.at)
}
