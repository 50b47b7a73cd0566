//! Whom a line told by a server or a client of one is about.

use crate::case::words::peer::{Peer, peer};

/// The first port from which clients call: nobody listens there.
const FIRST_OF_CLIENTS: u16 = 32_768;

/// The server that a line names. An address with the port of a client is none: a server writes who came to it.
pub(super) fn server(text: &str) -> Option<Peer> {
    peer(text)
        .filter(|it| it.address().is_none() || it.port.is_none_or(|port| port < FIRST_OF_CLIENTS))
}
