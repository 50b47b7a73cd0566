//! Lines that say that something else did not answer: errno and resolver errors in the words of Go, Java, Python, Node,
//! .NET, Ruby, Rust, nginx, busybox and the clients of databases and queues.

use super::peer::{Peer, peer};
use super::said::Said;
use super::unanswered;

/// The resolver answered: there is no such name. EAI_NONAME and NXDOMAIN.
const NOT_FOUND: &[&str] = &[
    "no such host",
    "ENOTFOUND",
    "Name or service not known",
    "Name does not resolve",
    "nodename nor servname provided",
    "No address associated with hostname",
    "Unknown MySQL server host",
    "UnknownHostException",
    "host not found in upstream",
    "could not be resolved (3: Host not found)",
    "DNS resolution failed for",
    "Name resolution failed for target",
    "No such host is known",
    "SocketException: Host not found (authoritative)", // mongod
    // busybox, of wget and of nslookup.
    "bad address '",
    "can't resolve '",
    "** server can't find",
];

/// The resolver did not answer, or failed. EAI_AGAIN and SERVFAIL.
const RESOLVER: &[&str] = &[
    "Temporary failure in name resolution",
    "EAI_AGAIN",
    "server misbehaving",
    "could not be resolved (110: Operation timed out)",
    "could not be resolved (2: Server failure)",
    ";; connection timed out; no servers could be reached",
    "Try again (EAI_AGAIN)",
    "getaddrinfo EREFUSED",
    "Could not contact DNS servers",
    "SocketException: Host not found (non-authoritative)", // mongod
    // .NET, of EAI_AGAIN: the words of EAGAIN.
    "HttpRequestException: Resource temporarily unavailable (",
    "SocketException (00000001, 11): Resource temporarily unavailable",
];

/// ECONNREFUSED.
const REFUSED: &[&str] = &[
    "connection refused",
    "onnection refused",
    "ECONNREFUSED",
    "refused. Check that the hostname and port are correct",
    "actively refused it",
    "Connection to node -1 ",
    "os error 111",
    "delayed connect error: 111",        // Envoy
    "[Errno 111] Connect call failed (", // Python's asyncio, which says so of every error
];

/// ETIMEDOUT, and clients that waited long enough.
const TIMED_OUT: &[&str] = &[
    "onnection timed out",
    "onnect timed out",
    "ETIMEDOUT",
    "ESOCKETTIMEDOUT",
    "i/o timeout",
    "Read timed out",
    "ReadTimeout",
    "ConnectTimeout",
    "SocketTimeoutException",
    "HttpTimeoutException",
    "Operation timed out",
    "Client.Timeout exceeded",
    "net/http: timeout awaiting response headers",
    "context deadline exceeded",
    "code = DeadlineExceeded",
    "DEADLINE_EXCEEDED",
    "HttpClient.Timeout of",
    "upstream timed out",
    "Failed to update metadata after",
    "Timed out waiting for a node assignment",
    "Net::ReadTimeout",
    "Net::OpenTimeout",
    "(execution expired)", // Its message, which libraries for HTTP wrap
    "timeout of ",         // axios: `timeout of 5000ms exceeded`
    "operation timed out",
    "error: Operation timed out",
    "Timeout connecting to server",
    "TLS handshake timeout",
    "reset reason: connection timeout", // Envoy
    "[Errno 110] Connect call failed (",
    "Timeout during connection attempt", // Npgsql
    "operation has timed out", // .NET: `System.TimeoutException: The operation has timed out.`
];

/// EHOSTUNREACH and ENETUNREACH.
const NO_ROUTE: &[&str] = &[
    "No route to host",
    "no route to host",
    "EHOSTUNREACH",
    "etwork is unreachable",
    "ENETUNREACH",
    "NoRouteToHostException",
    "[Errno 113] Connect call failed (",
    "[Errno 101] Connect call failed (",
];

/// ECONNRESET.
const RESET: &[&str] = &[
    "onnection reset",
    "ECONNRESET",
    "socket hang up",
    "UNAVAILABLE: Connection dropped",
    "reset reason: connection termination", // Envoy
];

/// gRPC for Go where a name has no address: the name server did not know it, or knew nobody behind it. It does not say which.
/// See <https://github.com/grpc/grpc-go/blob/master/resolver_wrapper.go>.
pub const NO_ADDRESS: &str = "produced zero addresses";

/// What poolers and routers of databases tell their clients when they cannot connect to the database.
const NONE_BEHIND: &[&str] = &[
    "server login has been failing, cached error: connect failed", // PgBouncer
    "pgbouncer cannot connect to server",                          // PgBouncer
    "Max connect timeout reached while reaching hostgroup",        // ProxySQL, 9001
    "Can't connect to remote MySQL server for client connected to", // MySQL Router, 2003
];

/// Clients that were answered with bytes which are none of their protocol: mostly with HTTP, whose answers begin with an H.
const OTHER_PROTOCOL: &[&str] = &[
    "received invalid response to SSL negotiation: ", // libpq
    "for SSLRequest (expecting S or N)",              // Npgsql
    "An error occurred while setting up the SSL connection.", // pgjdbc: neither S nor N nor E
    "Protocol error, got \"H\" as reply type byte",   // hiredis
    "JedisConnectionException: Unknown reply: H",     // Jedis
    "Invalid receive (size = 1213486160 ",            // Kafka: `HTTP`, read as a length
];

/// Words of clients that could not reach a server and do not say how.
const UNREACHED: &[&str] = &[
    "Communications link failure",
    "Can't connect to MySQL server",
    "could not connect to server",
    "ServerSelectionTimeoutError",
    "MongoServerSelectionError",
    "MongooseServerSelectionError",
    "No suitable servers found",
    "NoBrokersAvailable",
    "no live upstreams while connecting to upstream",
    "UnableToConnect on ",
    "Unable to connect to Redis",
    "Error connecting to Redis on ",
    "None of the specified endpoints were reachable", // RabbitMQ.Client: BrokerUnreachableException
    "Unable to obtain connection from database",      // Flyway: FlywaySqlException
    "Can't reach database server at",                 // Prisma: P1001
    "failed to connect to all addresses",
    NO_ADDRESS,
    "no servers available for connection",      // NATS
    "the database system is starting up",       // PostgreSQL, 57P03
    "the database system is not yet accepting", // PostgreSQL, 57P03
    "the database system is in recovery mode",  // PostgreSQL, 57P03
    "the database system is shutting down",     // PostgreSQL, 57P03
    "no healthy upstream",                      // Envoy
    "reset reason: connection failure",
    "reset reason: remote connection failure",
    "Connect call failed (",
];

/// What a line says of the network.
pub fn said(text: &str) -> Option<Said> {
    let says = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    if says(RESOLVER)
        || (is_of_resolver(text) || text.contains("communications error to "))
            && (says(TIMED_OUT) || says(REFUSED) || says(NO_ROUTE) || text.contains(": timed out"))
    {
        return Some(Said::ResolverFailed { name: peer(text) });
    }
    if says(NOT_FOUND) {
        return Some(Said::NameNotFound { name: peer(text) });
    }
    if says(NONE_BEHIND) {
        // A pooler tells it of its clients as well, by their addresses.
        return (!is_of_client(text)).then(|| Said::NoneBehind { peer: peer(text) });
    }
    if let Some(peer) = unreached_by_pooler(text) {
        return Some(Said::Unreached { peer: Some(peer) });
    }
    if says(OTHER_PROTOCOL) {
        return Some(Said::OtherProtocol { peer: peer(text) });
    }
    if says(REFUSED) || is_refused_by_postgres(text) {
        return Some(Said::Refused { peer: peer(text) });
    }
    if says(NO_ROUTE) {
        return Some(Said::NoRoute { peer: peer(text) });
    }
    if says_timed_out(text) {
        return Some(Said::TimedOut { peer: peer(text) });
    }
    if let Some(said) = unanswered::said(text) {
        return Some(said);
    }
    if says(UNREACHED) {
        return Some(Said::Unreached { peer: peer(text) });
    }
    if says(RESET) {
        return Some(Said::Reset { peer: peer(text) });
    }
    None
}

/// PgBouncer logs of a client by its number, database, user and address: `WARNING C-0x7f2c7254: shop/app@10.2.0.9:46567 ...`.
fn is_of_client(text: &str) -> bool {
    text.contains(" C-0x") && text.contains("pooler error: ")
}

/// And so of a server: `LOG S-0x7f2c8942: shop/app@10.96.0.12:5432 closing because: connect failed (age=0s)`.
fn unreached_by_pooler(text: &str) -> Option<Peer> {
    let (before, _) = text.split_once(" closing because: connect failed")?;
    let (_, server) = before.split_once(" S-0x")?;
    Peer::parse(server.rsplit_once('@')?.1)
}

/// Go's resolver names the name, and the server that it asked for it: `lookup db on 10.96.0.10:53: read udp ...`.
fn is_of_resolver(text: &str) -> bool {
    text.split_once("lookup ").is_some_and(|(_, rest)| {
        let name = rest.split([' ', ':']).next().unwrap_or_default();
        let after = rest.get(name.len()..).unwrap_or_default();
        after.starts_with(": ") || after.starts_with(" on ") && after.contains(":53: ")
    })
}

/// PostgreSQL's driver for Java, where the rest of its sentence is cut off: `Connection to db:5432 refused.`
fn is_refused_by_postgres(text: &str) -> bool {
    text.split_once("onnection to ").is_some_and(|(_, rest)| {
        rest.split_once(" refused").is_some_and(|(peer, _)| {
            !peer.contains(' ') && (peer.contains(':') || text.contains("postgresql"))
        })
    })
}

fn says_timed_out(text: &str) -> bool {
    TIMED_OUT.iter().any(|sign| match *sign {
        "timeout of " => text.contains(sign) && text.contains("ms exceeded"),
        sign => text.contains(sign),
    })
}

/// Whether a line says that something else did not answer, or was not found by name.
pub fn says_unreachable(text: &str) -> bool {
    super::said::said(text).is_some_and(|it| it.is_unreachable())
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::case::words::said::Said;

    fn sort(text: &str) -> &'static str {
        match said(text) {
            Some(Said::Refused { .. }) => "refused",
            Some(Said::TimedOut { .. }) => "timed out",
            Some(Said::NoRoute { .. }) => "no route",
            Some(Said::Unreached { .. }) => "unreached",
            Some(Said::Reset { .. }) => "reset",
            Some(Said::OtherProtocol { .. }) => "other protocol",
            Some(Said::NoneBehind { .. }) => "none behind",
            Some(Said::NameNotFound { .. }) => "not found",
            Some(Said::ResolverFailed { .. }) => "resolver",
            _ => "nothing",
        }
    }

    #[test]
    fn knows_the_words_of_clients() {
        for (text, expected) in [
            ("dial tcp 10.96.0.12:5432: connect: connection refused", "refused"),
            ("Error: connect ECONNREFUSED 10.96.1.1:5432", "refused"),
            (
                "org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.",
                "refused",
            ),
            (
                "[Consumer clientId=c-1, groupId=g] Connection to node -1 (kafka/10.96.1.9:9092) could not be established. Broker may not be available.",
                "refused",
            ),
            ("tcp connect error: Connection refused (os error 111)", "refused"),
            ("connect() failed (111: Connection refused) while connecting to upstream", "refused"),
            ("dial tcp: lookup db on 10.96.0.10:53: no such host", "not found"),
            ("dial tcp: lookup db on 10.96.0.10:53: server misbehaving", "resolver"),
            (
                "dial tcp: lookup db on 10.96.0.10:53: read udp 10.1.1.1:4242->10.96.0.10:53: i/o timeout",
                "resolver",
            ),
            (
                "lookup db on 10.96.0.10:53: read udp 10.1.1.1:4242->10.96.0.10:53: read: connection refused",
                "resolver",
            ),
            ("lookup db took 3 s, then 10.1.1.1:80: connection refused", "refused"),
            ("org.postgresql.util.PSQLException: Connection to db.data:5432 refused.", "refused"),
            ("Error: getaddrinfo ENOTFOUND db", "not found"),
            ("Error: getaddrinfo EAI_AGAIN db", "resolver"),
            (
                " ---> System.Net.Http.HttpRequestException: Resource temporarily unavailable (sso.corp.internal:443)",
                "resolver",
            ),
            (
                "psycopg2.OperationalError: could not translate host name \"db\" to address: Name or service not known",
                "not found",
            ),
            (
                "could not translate host name \"db\" to address: Temporary failure in name resolution",
                "resolver",
            ),
            ("Caused by: java.net.UnknownHostException: db", "not found"),
            ("dial tcp 10.96.0.12:5432: i/o timeout", "timed out"),
            (
                "Get \"http://catalog/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                "timed out",
            ),
            (
                "upstream timed out (110: Connection timed out) while connecting to upstream",
                "timed out",
            ),
            ("AxiosError: timeout of 5000ms exceeded", "timed out"),
            (
                "Faraday::ConnectionFailed (Failed to open TCP connection to search.data:9300 (execution expired)):",
                "timed out",
            ),
            ("dial tcp 10.1.1.1:80: connect: no route to host", "no route"),
            ("read tcp 10.2.0.5:40222->10.96.0.12:5432: read: connection reset by peer", "reset"),
            ("Error: socket hang up", "reset"),
            (
                "FATAL: server login has been failing, cached error: connect failed (server_login_retry)",
                "none behind",
            ),
            (
                "WARNING C-0x7f2c7254: shop/app@10.2.0.9:46567 pooler error: server login has been failing, cached error: connect failed (server_login_retry)",
                "nothing",
            ),
            (
                "LOG S-0x7f2c8942: shop/app@10.96.0.12:5432 closing because: connect failed (age=0s)",
                "unreached",
            ),
            (
                "LOG S-0x7f2c8942: shop/app@10.96.0.12:5432 closing because: server lifetime over (age=3600s)",
                "nothing",
            ),
            (
                "connection to server at \"10.96.0.12\", port 5432 failed: received invalid response to SSL negotiation: H",
                "other protocol",
            ),
            (
                "Npgsql.NpgsqlException (0x80004005): Received unknown response H for SSLRequest (expecting S or N)",
                "other protocol",
            ),
            (
                "org.postgresql.util.PSQLException: An error occurred while setting up the SSL connection.",
                "other protocol",
            ),
            (
                "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure",
                "unreached",
            ),
            ("wget: bad address 'catalog:8080'", "not found"),
            ("14 UNAVAILABLE: Name resolution failed for target dns:cart:7070", "not found"),
            (";; communications error to 10.96.0.10#53: timed out", "resolver"),
            ("net/http: TLS handshake timeout", "timed out"),
            ("14 UNAVAILABLE: Connection dropped", "reset"),
            ("UNAVAILABLE: failed to connect to all addresses", "unreached"),
            ("name resolver error: produced zero addresses", "unreached"),
            ("Can't reach database server at `db:5432`", "unreached"),
            ("nats: no servers available for connection", "unreached"),
            ("FATAL: the database system is starting up", "unreached"),
            ("[Errno 111] Connect call failed ('10.96.71.13', 4222)", "refused"),
            ("TimeoutError: [Errno 110] Connect call failed ('10.96.71.13', 4222)", "timed out"),
            ("OSError: [Errno 113] Connect call failed ('10.96.71.13', 4222)", "no route"),
            ("OSError: [Errno 101] Connect call failed ('10.96.71.13', 4222)", "no route"),
            ("OSError: [Errno 99] Connect call failed ('::1', 4222, 0, 0)", "unreached"),
            (
                "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
                "reset",
            ),
            (
                "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: 111",
                "refused",
            ),
            (
                "ERROR: Unable to obtain connection from database (jdbc:postgresql://db:5432/shop) for user 'app': The connection attempt failed.",
                "unreached",
            ),
        ] {
            assert_eq!(sort(text), expected, "{text}");
        }
    }
}
