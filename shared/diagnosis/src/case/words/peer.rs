//! Whom a line of a log speaks of: the other end of a connection, taken out of the words of clients.

mod marks;
mod url;

use marks::{NO_HOSTS, SOURCES, STRONG, WEAK};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use url::of_url;

/// The other end of a connection, as a line names it. Both parts are checked: a DNS name or an address, and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// A DNS name in small letters, or an address.
    pub host: String,
    /// The port, where the line names one.
    pub port: Option<u16>,
}

/// From here on Linux takes the ports of those who call (`net.ipv4.ip_local_port_range`); node ports end before.
pub const FIRST_OF_CALLERS: u16 = 32_768;

impl Peer {
    /// The host and port that a text is, if it is nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (peer, rest) = at_start(text)?;
        rest.is_empty().then_some(peer)
    }

    /// Whether it is the pod itself.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.address().is_some_and(|it| it.is_loopback())
    }

    /// Its address, where the line names no name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Peer {
    /// `db.shop:5432`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Whom a line speaks of.
pub fn peer(text: &str) -> Option<Peer> {
    if let Some(rest) = after_client(text) {
        return peer(rest);
    }
    // nginx names its client and its referrer as well.
    if let Some((_, rest)) = text.split_once("upstream: \"") {
        return of_url(rest);
    }
    if let Some(peer) = dialled(text).or_else(|| of_url(text)) {
        return Some(peer);
    }
    if let Some(peer) = of_pool(text) {
        return Some(peer);
    }
    if let Some((before, _)) = text.split_once(" could not be resolved (") {
        // nginx's resolver: the name stands before.
        return before.rsplit(' ').next().and_then(Peer::parse);
    }
    if let Some(peer) = of_asyncio(text).or_else(|| of_thrift(text)) {
        return Some(peer);
    }
    if let Some(peer) = looked_up(text) {
        return Some(peer);
    }
    if let Some(peer) = marked(text, STRONG, true) {
        return Some(peer);
    }
    if let Some(peer) = of_urllib3(text) {
        return Some(peer);
    }
    marked(text, WEAK, false).or_else(|| with_port(text))
}

/// What follows the client that Apache's httpd names, behind fields in brackets and at most one error of the system:
/// `[proxy:error] [pid 17] (70007)The timeout specified has expired: [client 10.2.0.1:40112] AH01102: ...`.
fn after_client(text: &str) -> Option<&str> {
    let (mut before, rest) = text.split_once("[client ")?;
    while let Some((_, after)) = before.strip_prefix('[').and_then(|it| it.split_once("] ")) {
        before = after;
    }
    let of_system = before.starts_with('(') && before.ends_with(": ");
    if before.is_empty() || of_system { Some(rest.split_once("] ")?.1) } else { None }
}

/// What follows the first of the marks behind which somebody is named.
fn marked(text: &str, marks: &[&str], strong: bool) -> Option<Peer> {
    let after = |at: usize, mark: &str| text.get(at + mark.len()..).unwrap_or_default();
    marks.iter().find_map(|mark| {
        text.match_indices(mark).find_map(|(at, mark)| named(after(at, mark), strong))
    })
}

/// Go's dialler: whom it called counts before a URL that the line names elsewhere. The URL counts that stands directly before
/// it, or that is of the same port: it says by which name.
fn dialled(text: &str) -> Option<Peer> {
    let dials = ["dial tcp ", "dial tcp4 ", "dial tcp6 "];
    let (before, rest) = dials.iter().find_map(|mark| text.split_once(mark))?;
    let (dialled, _) = at_start(rest)?;
    let last = before.trim_end().rsplit(' ').next().unwrap_or_default();
    let named = of_url(last).or_else(|| of_url(before).filter(|it| it.port == dialled.port));
    Some(named.unwrap_or(dialled))
}

/// `TSocket::getSocketInfo` of Thrift in C++: `<Host: catalog Port: 9090>`.
fn of_thrift(text: &str) -> Option<Peer> {
    let (_, rest) = text.split_once("<Host: ")?;
    let (peer, _) = rest.split_once('>')?;
    let (host, port) = peer.split_once(" Port: ")?;
    Peer::parse(&format!("{host}:{port}"))
}

/// urllib3's ConnectTimeoutError: `Connection to db timed out. (connect timeout=5)`.
fn of_urllib3(text: &str) -> Option<Peer> {
    let (before, _) = text.split_once(" timed out. (connect timeout=")?;
    let (_, host) = before.rsplit_once("Connection to ")?;
    Peer::parse(host)
}

/// urllib3's: `HTTPConnectionPool(host='catalog', port=8080)`.
fn of_pool(text: &str) -> Option<Peer> {
    let (_, rest) = text.split_once("host='")?;
    let (host, rest) = rest.split_once('\'')?;
    let port = rest.strip_prefix(", port=").and_then(number);
    is_host(host).then(|| Peer { host: host.to_ascii_lowercase(), port })
}

/// Python's asyncio: `Connect call failed ('10.96.71.13', 4222)`.
fn of_asyncio(text: &str) -> Option<Peer> {
    let (_, rest) = text.split_once("Connect call failed ('")?;
    let (host, rest) = rest.split_once("', ")?;
    let port = number(rest);
    is_host(host).then(|| Peer { host: host.to_ascii_lowercase(), port })
}

/// Go's resolver: `lookup db on 10.96.0.10:53: no such host`, `lookup db: i/o timeout`.
fn looked_up(text: &str) -> Option<Peer> {
    // gRPC's says what it is first: `dns: A record lookup error: lookup db on 10.96.0.10:53: no such host`.
    text.match_indices("lookup ").find_map(|(at, mark)| {
        let rest = text.get(at + mark.len()..)?;
        let (peer, after) = at_start(rest)?;
        let says = after.starts_with(" on ") || after.starts_with(": ");
        (says && !rest.starts_with("error: ")).then_some(peer)
    })
}

/// What follows a mark: in quotes, with a port after it in one of several ways, or bare.
fn named(rest: &str, strong: bool) -> Option<Peer> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`' | '[' | '(' | '<'));
    let inside = || rest.get(quote.map_or(0, char::len_utf8)..).and_then(at_start);
    // `[::1]:80` is in brackets of its own.
    let (peer, after) = at_start(rest).or_else(inside)?;
    let quoted = matches!(quote, Some('"' | '\'' | '`')) && after.starts_with(['"', '\'', '`']);
    // `"db" (10.96.0.7), port 5432`, `'db' (111)`, `"db" port 5432`.
    let port = peer.port.or_else(|| {
        let (between, rest) = after.split_once("port ")?;
        if between.len() > 60 { None } else { number(rest) }
    });
    let address = peer.address().is_some();
    let both = java_port(after);
    let numbered = [" port ", " (port "].iter().any(|it| after.starts_with(it))
        || after.starts_with(" (") && after.contains(") port ");
    let exact =
        peer.port.is_some() || both.is_some() || address || numbered || peer.host.contains(".svc");
    let whole = strong || quoted || exact;
    let port = port.or(both);
    (whole && !NO_HOSTS.contains(&peer.host.as_str())).then_some(Peer { port, ..peer })
}

/// The first word of the line that is a host and a port.
fn with_port(text: &str) -> Option<Peer> {
    text.split([' ', '"', '\'', '(', ')', '<', '>', ',', '=', ';', '`']).find_map(|word| {
        let (peer, rest) = at_start(word)?;
        let port = peer.port.or_else(|| java_port(rest))?;
        let peer = Peer { port: Some(port), ..peer };
        let lettered = peer.host.chars().any(|c| c.is_ascii_alphabetic()) && !dated(&peer.host);
        let source = peer.host.rsplit_once('.').is_some_and(|(_, end)| SOURCES.contains(&end));
        let host = peer.address().is_some() || lettered && !source;
        let ends = rest.is_empty() || matches!(rest, ":" | "." | "]") || rest.starts_with('/');
        (ends && host && port >= 22 && !NO_HOSTS.contains(&peer.host.as_str())).then_some(peer)
    })
}

/// Java writes name and address: `catalog/10.96.0.7:8080`.
fn java_port(after: &str) -> Option<u16> {
    let (peer, _) = after.strip_prefix('/').and_then(at_start)?;
    peer.address()?;
    peer.port
}

/// `2026-11-21T12`, before the minutes.
fn dated(text: &str) -> bool {
    let mut letters = text.chars();
    letters.by_ref().take(4).all(|c| c.is_ascii_digit()) && letters.next() == Some('-')
}

/// The host, and its port where one follows, at the start of a text, and what comes after them.
fn at_start(text: &str) -> Option<(Peer, &str)> {
    // gRPC names the way before the target: `ipv4:10.96.0.7:8080`, `dns:catalog:8080`.
    let ways = ["ipv4:", "ipv6:", "dns:///", "dns:"];
    let target = ways.iter().find_map(|way| text.strip_prefix(way));
    // A host may be called `dns` itself.
    if let Some(found) = target.and_then(at_start) {
        return Some(found);
    }
    // Java writes an address without a name so: `/10.96.0.7:8080`.
    if let Some(address) = text.strip_prefix('/') {
        return at_start(address).filter(|(it, _)| it.address().is_some());
    }
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        let host = host.parse::<Ipv6Addr>().ok()?.to_string();
        let (port, rest) = port_of(rest);
        return Some((Peer { host, port }, rest));
    }
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let (host, rest) = text.split_at(end);
    // A sentence may end after a name.
    let host = host.trim_end_matches('.');
    if !is_host(host) {
        return None;
    }
    let (port, rest) = port_of(rest);
    Some((Peer { host: host.to_ascii_lowercase(), port }, rest))
}

fn port_of(rest: &str) -> (Option<u16>, &str) {
    let Some(digits) = rest.strip_prefix(':') else { return (None, rest) };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (port, after) = digits.split_at(end);
    match port.parse::<u16>() {
        Ok(port) if port > 0 => (Some(port), after),
        _ => (None, rest),
    }
}

fn number(text: &str) -> Option<u16> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.')
}

/// Whether a text is a DNS name or an IPv4 address, and no number.
pub fn is_host(text: &str) -> bool {
    let label = |it: &str| {
        !it.is_empty()
            && it.len() <= 63
            && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    text.len() <= 253
        && text.split('.').all(label)
        && (text.chars().any(|c| c.is_ascii_alphabetic()) || text.parse::<IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::peer;

    #[test]
    fn takes_the_peer_out_of_the_words_of_clients() {
        for (text, expected) in [
            // Go.
            ("dial tcp 10.96.0.12:5432: connect: connection refused", "10.96.0.12:5432"),
            ("dial tcp: lookup db on 10.96.0.10:53: no such host", "db"),
            (
                "Get \"http://catalog:8080/items\": dial tcp 10.96.1.1:8080: connect: connection refused",
                "catalog:8080",
            ),
            ("dial tcp [::1]:6379: connect: connection refused", "::1:6379"),
            (
                "Attempting connection to mongodb://geo:<redacted len=14 hmac=5f9f>@geo-db:27017/?authSource=geo",
                "geo-db:27017",
            ),
            // Python.
            (
                "(<urllib3.connection.HTTPSConnection object>, 'Connection to lab timed out. (connect timeout=5)')",
                "lab",
            ),
            // Java.
            ("java.net.UnknownHostException: db: Name or service not known", "db"),
            (
                "Connect to catalog:8080 [catalog/10.96.1.1] failed: Connection refused",
                "catalog:8080",
            ),
            ("Connection refused: catalog/10.96.1.1:8080", "catalog:8080"),
            ("Connection to db:5432 refused. Check that the hostname", "db:5432"),
            ("Connection to node -1 (kafka/10.96.1.9:9092) could not be established", "kafka:9092"),
            ("Couldn't resolve server kafka:9092 from bootstrap.servers", "kafka:9092"),
            // Python.
            (
                "HTTPConnectionPool(host='catalog', port=8080): Max retries exceeded with url: /x",
                "catalog:8080",
            ),
            (
                "connection to server at \"db\" (10.96.1.1), port 5432 failed: Connection refused",
                "db:5432",
            ),
            ("Error 111 connecting to redis:6379. Connection refused.", "redis:6379"),
            ("mongo:27017: [Errno 111] Connection refused", "mongo:27017"),
            ("(2003, \"Can't connect to MySQL server on 'db' ([Errno 111] refused)\")", "db"),
            ("Cannot connect to amqp://guest:**@rabbit:5672//: [Errno 111]", "rabbit:5672"),
            ("[Errno 111] Connect call failed ('10.96.71.13', 4222)", "10.96.71.13:4222"),
            // Node.
            ("Error: connect ECONNREFUSED 10.96.1.1:5432", "10.96.1.1:5432"),
            ("TSocket::open() getaddrinfo() <Host: db Port: 9090>Name or service", "db:9090"),
            ("getaddrinfo EAI_AGAIN db.shop.svc.cluster.local", "db.shop.svc.cluster.local"),
            // gRPC.
            (
                "failed to connect to all addresses; last error: UNKNOWN: ipv4:10.96.3.4:8080: Failed to connect to remote host: Connection refused",
                "10.96.3.4:8080",
            ),
            ("14 UNAVAILABLE: Name resolution failed for target dns:cart:7070", "cart:7070"),
            ("Name resolution failed for target dns:10.96.3.4:7070", "10.96.3.4:7070"),
            ("connect to dns:53 failed: Connection refused", "dns:53"),
            ("GET http://dns:8080/x: connection refused", "dns:8080"),
            ("Connection refused: /10.244.1.7:8080", "10.244.1.7:8080"),
            ("Can't reach database server at `db:5432`", "db:5432"),
            // The URL that a line names is not always what failed.
            (
                "http://web:8080/pay failed: dial tcp 10.96.0.9:5432: connect: connection refused",
                "10.96.0.9:5432",
            ),
            (
                "Get \"https://api.example.org/x\": proxyconnect tcp: dial tcp 10.0.0.3:3128: i/o timeout",
                "10.0.0.3:3128",
            ),
            (
                "http://catalog:8080/x: request failed: dial tcp 10.96.1.1:8080: i/o timeout",
                "catalog:8080",
            ),
            // .NET, Ruby, Rust, nginx, busybox.
            (
                "Servers : [{ ServerId: \"{ ClusterId : 1, EndPoint : \"Unspecified/mongo.data:27017\" }\", HeartbeatException: \"SocketException: Name or service not known\" }] }.",
                "mongo.data:27017",
            ),
            ("HttpRequestException: Connection refused (catalog:8080)", "catalog:8080"),
            ("Failed to open TCP connection to catalog:8080 (Connection refused)", "catalog:8080"),
            ("error sending request for url (http://catalog/x): tcp connect error", "catalog:80"),
            (
                "connect() failed while connecting to upstream, client: 10.2.0.1, upstream: \"http://10.1.1.1:8080/x\"",
                "10.1.1.1:8080",
            ),
            ("host not found in upstream \"catalog\" in /etc/nginx/nginx.conf:12", "catalog"),
            ("wget: bad address 'catalog:8080'", "catalog:8080"),
            (
                "[error] 44#44: *12 giude.shop.svc.cluster.local could not be resolved (3: Host not found), client: 203.0.113.2, host: \"shop.example\"",
                "giude.shop.svc.cluster.local",
            ),
            ("db:5432: connection refused, trying again", "db:5432"),
            ("http://catalog:8080 failed [client 7] gave up", "catalog:8080"),
            (
                "[Fri Nov 20 10:12:31 2026] [proxy:error] [pid 17] (70007)The timeout specified has expired: [client 10.2.0.1:40112] AH01102: error reading status line from remote server catalog:8080",
                "catalog:8080",
            ),
            ("Failed to resolve 'catalog' [A(1)]", "catalog"),
        ] {
            assert_eq!(peer(text).map(|it| it.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn takes_no_common_words_for_peers() {
        for text in [
            "2026-11-21T12:30:00Z error connecting to database",
            "main.go:142: connection refused",
            "request failed with status:503",
            "connection refused, see https://example.org/errors",
            "at connect (/app/node_modules/pg/lib/client.js:132:11)",
            "connection to the server was refused",
            "[vite] Internal server error: Failed to resolve import \"./App\" from \"src/main.tsx\"",
            "Failed to resolve the hostname db",
        ] {
            assert_eq!(peer(text), None, "{text}");
        }
    }
}
