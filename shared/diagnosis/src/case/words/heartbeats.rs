//! What RabbitMQ says of connections, in the words of `rabbit_reader.erl`: those that it closes since it hears nothing of
//! their clients, and those that come.

use super::names::between;
use std::net::IpAddr;

/// Whom a connection comes from, as the broker names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client {
    /// The address that it comes from: the client's, or that of whatever stands between.
    pub address: IpAddr,
    /// The name that the client gave its connection.
    pub name: Option<String>,
}

/// The client of a connection that the broker closes for an error. What a peer closed by itself is a warning.
pub fn closed(text: &str) -> Option<Client> {
    let (_, rest) = text.split_once("closing AMQP connection <")?;
    let quiet = ["[info]", "[warning]", "[debug]"].iter().any(|it| text.contains(it));
    let told = between(rest, "> (", "):")?;
    if quiet || !rest.contains("):") {
        return None;
    }
    let (from, to) = told.split_once(" -> ")?;
    let (address, port) = from.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let address = address.trim_matches(['[', ']']).parse().ok()?;
    let name = to.split_once(" - ").map(|(_, name)| {
        let name = name.split_once(", vhost: ").map_or(name, |(name, _)| name);
        name.to_owned()
    });
    Some(Client { address, name: name.filter(|it| !it.is_empty()) })
}

/// Whether the broker says why it closed one: its client did not show for two of its beats that it is there.
pub fn says_missed(text: &str) -> bool {
    text.contains("missed heartbeats from client, timeout: ")
}

/// Whether the broker says that somebody connects.
pub fn says_accepted(text: &str) -> bool {
    text.contains("accepting AMQP connection ")
}

/// Whether the broker says that a connection of that name is there. Of lines that differ in numbers only the last is kept:
/// a name that differs so may be the same.
pub fn says_connected(text: &str, name: &str) -> bool {
    let (text, name) = (without_digits(text), without_digits(name));
    let told = text.trim_end().ends_with(&format!("has a client-provided name: {name}"))
        || text.contains(&format!(" - {name}: user '"))
        || text.contains(&format!(" - {name}): user '"));
    told && !text.contains("closing AMQP connection")
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|it| !it.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Client, closed, says_connected};

    #[test]
    fn names_who_was_closed() {
        let client = |address: &str, name: Option<&str>| {
            let (address, name) = (address.parse().unwrap(), name.map(str::to_owned));
            Some(Client { address, name })
        };
        for (text, expected) in [
            (
                "2023-04-13 08:39:18.313651+00:00 [error] <0.919.0> closing AMQP connection <0.919.0> (172.17.0.1:45744 -> 172.17.0.2:5672):",
                client("172.17.0.1", None),
            ),
            (
                "2020-06-15 02:34:14.730 [error] <0.19764.8> closing AMQP connection <0.19764.8> (10.252.126.79:33602 -> 10.252.126.79:5672 - neutron-server:250535:bb1f6afb):",
                client("10.252.126.79", Some("neutron-server:250535:bb1f6afb")),
            ),
            (
                "[error] <0.1.0> closing AMQP connection <0.1.0> (10.2.0.9:41822 -> 10.2.0.4:5672 - cart, vhost: '/', user: 'shop', duration: '13D, 21h'):",
                client("10.2.0.9", Some("cart")),
            ),
            (
                "[warning] <0.1.0> closing AMQP connection <0.1.0> (10.2.0.9:41822 -> 10.2.0.4:5672, vhost: '/', user: 'shop'):",
                None,
            ),
            (
                "[info] <0.1.0> closing AMQP connection <0.1.0> (10.2.0.9:41822 -> 10.2.0.4:5672, vhost: '/', user: 'shop')",
                None,
            ),
        ] {
            assert_eq!(closed(text), expected, "{text}");
        }
    }

    #[test]
    fn knows_a_connection_by_its_name() {
        let text = "[info] <0.5.0> connection <0.5.0> (10.2.0.9:41 -> 10.2.0.4:5672) has a client-provided name: cart";
        assert!(says_connected(text, "cart"));
        assert!(!says_connected(text, "car"));
        let text =
            "[info] <0.5.0> connection 10.2.0.9:41 -> 10.2.0.4:5672 - cart: user 'x' authenticated";
        assert!(says_connected(text, "cart"));
        assert!(!says_connected(text, "cart-2"));
        let text = "[info] <0.5.0> Connection <0.5.0> (10.2.0.9:41 -> 10.2.0.4:5672) has a client-provided name: cart-1";
        assert!(says_connected(text, "cart-0"));
    }
}
