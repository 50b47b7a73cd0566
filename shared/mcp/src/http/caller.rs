//! Who calls, as far as the door could find out.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Bytes of a token's digest in a name: enough to tell tokens apart, too few to search for one.
const SHOWN: usize = 4;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// `sub:...` of an issuer's token, `token:...` a token's digest, `peer:...` an address, or `local`.
    pub(crate) name: String,
    /// The places for this caller's calls, where they are limited.
    pub(crate) share: Option<Arc<Semaphore>>,
}

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Caller {
    /// On standard input, or in the same process.
    pub(crate) fn local() -> Caller {
        Caller { name: "local".to_owned(), share: None }
    }
}

/// The name of who showed an issuer's token.
pub(crate) fn of_subject(subject: &str) -> String {
    format!("sub:{subject}")
}

/// The name of who showed a token of the file.
pub(crate) fn of_token(token: &str) -> String {
    let digest = Sha256::digest(token);
    let mut name = "token:".to_owned();
    for byte in digest.iter().take(SHOWN) {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// The name of an address. Whoever has one IPv6 address has the whole /64.
pub(crate) fn of_peer(peer: Option<Peer>) -> String {
    match peer.map(|peer| peer.0.to_canonical()) {
        Some(IpAddr::V4(ip)) => format!("peer:{ip}"),
        Some(IpAddr::V6(ip)) => {
            let network = Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64));
            format!("peer:{network}/64")
        }
        None => "peer:unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_are_one_caller() {
        let name = |ip: &str| of_peer(ip.parse().ok().map(Peer));
        assert_eq!(name("10.1.2.3"), "peer:10.1.2.3");
        assert_eq!(name("::ffff:10.1.2.3"), "peer:10.1.2.3");
        assert_eq!(name("2001:db8::1:2"), "peer:2001:db8::/64");
    }

    #[test]
    fn a_token_is_not_in_its_name() {
        assert_eq!(of_token("abc"), "token:ba7816bf");
    }
}
