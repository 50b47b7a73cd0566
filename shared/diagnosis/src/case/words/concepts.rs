//! What a line says by concepts: small sets of words that stand together in a line that tells of an error, in whatever order
//! and form a library writes them. The fixed sentences of the other modules come first; this is for all other libraries.

pub(super) mod gate;
mod identity;
mod limits;
mod network;
mod plain;
mod stores;
mod things;
mod tls;
mod whom;

use super::said::Said;
use plain::plain;

/// What a line says by its words, the most particular first.
pub fn said(text: &str) -> Option<Said> {
    if !gate::may_tell(text) {
        return None;
    }
    let plain = plain(text);
    if !gate::tells_failure(text, &plain) {
        return None;
    }
    tls::said(text, &plain)
        .or_else(|| stores::said(text, &plain))
        .or_else(|| network::said(text, &plain))
}
