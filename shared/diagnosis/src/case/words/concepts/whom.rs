//! Whom a line told by a server or a client of one is about.

use crate::case::words::peer::{FIRST_OF_CALLERS, Peer, peer};

/// The server that a line names. An address with the port of a client is none: a server writes who came to it.
pub(super) fn server(text: &str) -> Option<Peer> {
    peer(text)
        .filter(|it| it.address().is_none() || it.port.is_none_or(|port| port < FIRST_OF_CALLERS))
}
