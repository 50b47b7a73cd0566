//! Who set a field last, as the API server's `managedFields` know it.

use evidence::fact::meta::{Meta, Touch};

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
