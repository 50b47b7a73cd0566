//! Lines in which CoreDNS says that a server to which it forwards does not answer, as its errors plugin writes them, or that
//! it is that server itself: `[ERROR] plugin/errors: 2 db.corp. A: read udp 10.0.0.7:41292->10.9.4.53:53: i/o timeout`.

use super::peer::Peer;

/// A name, and the server that did not answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The name, without its last dot.
    pub name: String,
    /// The server's address.
    pub server: String,
}

/// What a line says of it.
pub fn failed(text: &str) -> Option<Failed> {
    let (_, rest) = text.split_once("plugin/errors: ")?;
    let (_, rest) = rest.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    let (_, said) = rest.split_once(": ")?;
    let silent =
        ["i/o timeout", "connection refused", "no route to host", "network is unreachable"];
    if !silent.iter().any(|it| said.contains(it)) {
        return None;
    }
    // `read udp A->B: ...`, or `dial tcp B: ...`, or `dial udp B: ...`.
    let to = said.split_once("->").map(|(_, it)| it).or_else(|| {
        said.split_once("dial tcp ").or_else(|| said.split_once("dial udp ")).map(|(_, it)| it)
    })?;
    let server = Peer::parse(to.split_once(": ").map_or(to, |(it, _)| it))?;
    let name = Peer::parse(name.trim_end_matches('.'))?;
    server.address()?;
    Some(Failed { name: name.host, server: server.host })
}

/// Whether CoreDNS's loop plugin says that what it asks comes back to it, after which it ends:
/// `plugin/loop: Loop (10.244.0.7:41872 -> :53) detected for zone ".", see ...`.
pub fn loops(text: &str) -> bool {
    text.split_once("plugin/loop: Loop (")
        .is_some_and(|(_, it)| it.contains(") detected for zone "))
}

#[cfg(test)]
mod tests {
    use super::{failed, loops};

    #[test]
    fn knows_a_loop() {
        assert!(loops(
            "[FATAL] plugin/loop: Loop (127.0.0.1:43321 -> :53) detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO 1.2.\""
        ));
        assert!(!loops("[ERROR] plugin/loop: Failed to parse server block"));
    }

    #[test]
    fn takes_out_the_name_and_the_server() {
        for text in [
            "[ERROR] plugin/errors: 2 db.corp. A: read udp 10.0.0.7:41292->10.9.4.53:53: i/o timeout",
            "[ERROR] plugin/errors: 2 db.corp. AAAA: read udp 10.0.0.7:41292->10.9.4.53:53: read: connection refused",
            "[ERROR] plugin/errors: 2 db.corp. A: dial tcp 10.9.4.53:53: connect: no route to host",
        ] {
            let said = failed(text).unwrap();
            assert_eq!((said.name.as_str(), said.server.as_str()), ("db.corp", "10.9.4.53"));
        }
        assert_eq!(failed("[ERROR] plugin/errors: 2 db.corp. A: unreachable backend"), None);
        assert_eq!(failed("[INFO] plugin/reload: Running configuration"), None);
    }
}
