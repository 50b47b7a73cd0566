//! What a line of a log says, in one of few closed forms. Everything else that a line says is not understood, and
//! steers nothing.

use super::peer::Peer;
use super::{
    ages, concepts, consumers, limits, members, network, process, program, requests, stores,
    temporary, tls, trace, unanswered,
};
use evidence::fact::event::Log;
use jiff::Timestamp;

/// What a line says, names taken out of it and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields bear the names of what they hold")]
pub enum Said {
    /// Nobody listens there.
    Refused { peer: Option<Peer> },
    /// It did not answer in time.
    TimedOut { peer: Option<Peer> },
    /// There is no way to it.
    NoRoute { peer: Option<Peer> },
    /// It could not be reached; the line does not say how.
    Unreached { peer: Option<Peer> },
    /// It answered that it cannot reach what it would pass the call on to, or none of its members may serve it.
    NoneBehind { peer: Option<Peer> },
    /// It cut a connection that stood.
    Reset { peer: Option<Peer> },
    /// It answered, and in another protocol than it was spoken to.
    OtherProtocol { peer: Option<Peer> },
    /// The resolver answered that there is no such name.
    NameNotFound { name: Option<Peer> },
    /// The resolver did not answer, or failed.
    ResolverFailed { name: Option<Peer> },
    /// Its certificate, or its way to speak TLS, was not accepted.
    TlsFailed { peer: Option<Peer>, why: Tls },
    /// Whoever it speaks with tells it that its own certificate has expired.
    OwnCertificateExpired,
    /// A token was issued in the future, by the clock here.
    TokenTooEarly,
    /// It refused who we are.
    Unauthenticated { peer: Option<Peer> },
    /// It knows who we are, and forbids it: verb and resource, where they are named.
    Forbidden { what: String },
    /// It takes no more connections.
    TooManyConnections { peer: Option<Peer> },
    /// It asks us to come back later.
    RateLimited { peer: Option<Peer> },
    /// It wants to be paid first.
    Unpaid { peer: Option<Peer> },
    /// It takes no writes.
    ReadOnly { peer: Option<Peer> },
    /// A cache is full, and takes no writes.
    CacheFull { peer: Option<Peer> },
    /// It does not hold the database that we name.
    NoSuchDatabase { name: String },
    /// The database lacks a table that we name.
    NoSuchTable { name: String },
    /// A server does not hold what we name: a stream, a queue, a bucket, a column.
    NoSuchThing { what: &'static str, name: Option<String> },
    /// Too few of its members are there to answer, or none of them leads.
    QuorumLost { peer: Option<Peer> },
    /// Nothing more can be written.
    OutOfSpace { path: Option<String> },
    /// A file may not be read or written by us.
    PermissionDenied { path: Option<String> },
    /// A file system may not be written.
    ReadOnlyFiles { path: Option<String> },
    /// In none of these directories a temporary file can be made.
    NoTemporaryDirectory { paths: Vec<String> },
    /// The process may open no more files.
    TooManyFiles,
    /// The port to listen at is taken.
    AddressInUse { port: Option<u16> },
    /// No local address or port is left to call from.
    NoAddressAvailable { peer: Option<Peer> },
    /// The runtime's own heap is full.
    OutOfMemory { runtime: Runtime },
    /// A file is not there.
    MissingFile { path: Option<String> },
    /// An environment variable is not set, or empty.
    MissingVariable { name: String },
    /// The schema could not be brought to where the program needs it.
    MigrationFailed,
    /// oauth2-proxy's cookie secret has a length that no cipher takes.
    BadCookieSecret,
    /// A server that is meant for development serves.
    DevelopmentServer,
    /// All connections of a pool are in use, for longer than a caller may wait.
    PoolExhausted,
    /// Something else holds a lock that a statement needs.
    Locked,
    /// A statement took longer than it may: it waits for a lock, or for too much work.
    Cancelled,
    /// A search cluster holds as many shards as it may.
    NoShardLeft,
    /// A broker takes no messages, for its disk is nearly full.
    PublishersBlocked,
    /// A broker takes no messages, for it uses as much memory as it may.
    MemoryAlarm,
    /// A search cluster takes no writes, for the disk of one of its nodes is nearly full.
    IndexFull,
    /// An identity provider says that the client's own secret has expired.
    SecretExpired,
    /// What it was given is too old: it is of that moment.
    Outdated { of: Timestamp },
    /// A consumer fails at one message, and does not get past it.
    Stuck { topic: String, partition: u32, offset: u64 },
    /// A consumer fails at one message, and puts it back into its queue.
    PutBack { message: String },
    /// It fails where a feature flag leads it.
    Flagged { key: String },
    /// An error that the program names itself: the class of a deepest cause, or `panic`.
    OwnException { class: String },
}

/// What is wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tls {
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun.
    NotYetValid,
    /// Nobody that we trust signed it.
    UnknownAuthority,
    /// It was made for another name.
    NameMismatch,
    /// One side speaks TLS and the other does not.
    NotSpoken,
    /// Something else.
    Other,
}

/// Whose heap is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runtime {
    /// The JVM.
    Java,
    /// V8, in Node.
    Node,
    /// Python.
    Python,
    /// PHP, which has a limit of its own.
    Php,
    /// Another one.
    Other,
}

impl Said {
    /// Whom it speaks of, where it names somebody.
    pub fn peer(&self) -> Option<&Peer> {
        match self {
            Said::Refused { peer }
            | Said::TimedOut { peer }
            | Said::NoRoute { peer }
            | Said::Unreached { peer }
            | Said::NoneBehind { peer }
            | Said::Reset { peer }
            | Said::OtherProtocol { peer }
            | Said::NameNotFound { name: peer }
            | Said::ResolverFailed { name: peer }
            | Said::TlsFailed { peer, .. }
            | Said::Unauthenticated { peer }
            | Said::TooManyConnections { peer }
            | Said::RateLimited { peer }
            | Said::Unpaid { peer }
            | Said::ReadOnly { peer }
            | Said::CacheFull { peer }
            | Said::QuorumLost { peer }
            | Said::NoAddressAvailable { peer } => peer.as_ref(),
            _ => None,
        }
    }

    /// Whom it did not come to, where the name may be nobody's: no address was found for it, or the line gives its port and
    /// does not say how it failed.
    pub fn perhaps_nobody(&self) -> Option<&Peer> {
        match self {
            Said::NameNotFound { name } => name.as_ref(),
            Said::Unreached { peer } => peer.as_ref().filter(|it| it.port.is_some()),
            _ => None,
        }
    }

    /// Whether it says that something else did not answer, or was not found by name.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Said::Refused { .. }
                | Said::TimedOut { .. }
                | Said::NoRoute { .. }
                | Said::Unreached { .. }
                | Said::NameNotFound { .. }
                | Said::ResolverFailed { .. }
        )
    }

    /// Whether it is an error of the program itself, for which no rule answers wherever it is said.
    pub fn is_own(&self) -> bool {
        matches!(self, Said::OwnException { .. } | Said::Outdated { .. })
    }

    /// The part of a schema that a database lacks: what it is, and its name.
    pub fn lacking_of_schema(&self) -> Option<(&str, &str)> {
        match self {
            Said::NoSuchTable { name } => Some(("table", name)),
            Said::NoSuchThing { what: what @ ("column" | "view"), name: Some(name) } => {
                Some((what, name))
            }
            _ => None,
        }
    }

    /// Whether two lines say the same, whomever they name.
    pub fn is_like(&self, other: &Said) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// A few words for a report; the names in them are checked.
    pub fn words(&self) -> String {
        let to = |what: &str| match self.peer() {
            Some(peer) => format!("{what} {peer}"),
            None => format!("{what} what it needs"),
        };
        match self {
            Said::Refused { .. } => to("nobody listens at"),
            Said::TimedOut { .. } => to("no answer comes in time from"),
            Said::NoRoute { .. } => to("there is no way to"),
            Said::Unreached { .. } => to("it cannot reach"),
            Said::NoneBehind { .. } => to("nobody serves behind"),
            Said::Reset { .. } => to("connections are cut by"),
            Said::OtherProtocol { .. } => to("another protocol is spoken by"),
            Said::NameNotFound { .. } => to("there is no address for the name"),
            Said::ResolverFailed { .. } => to("nobody answers about the name"),
            Said::TlsFailed { why, .. } => to(match why {
                Tls::Expired => "it is shown an expired certificate of",
                Tls::NotYetValid => "it is shown a certificate that is not yet valid of",
                Tls::UnknownAuthority => "it is shown a certificate that nobody known signed of",
                Tls::NameMismatch => "it is shown a certificate for another name of",
                Tls::NotSpoken => "TLS is not spoken alike with",
                Tls::Other => "TLS fails with",
            }),
            Said::Unauthenticated { .. } => to("its credentials are refused by"),
            Said::OwnCertificateExpired => {
                "others do not accept its own certificate, which has expired".to_owned()
            }
            Said::TokenTooEarly => "a token is not yet valid".to_owned(),
            Said::Forbidden { what } if what.is_empty() => "it may not do what it tries".to_owned(),
            Said::Forbidden { what } => format!("it may not {what}"),
            Said::TooManyConnections { .. } => to("no further connection is taken by"),
            Said::RateLimited { .. } => to("too many requests are made of"),
            Said::Unpaid { .. } => to("nothing is answered before it is paid by"),
            Said::ReadOnly { .. } => to("no writes are taken by"),
            Said::CacheFull { .. } => to("no memory is left in"),
            Said::NoSuchDatabase { name } => format!("there is no database {name}"),
            Said::NoSuchTable { name } => format!("there is no table {name}"),
            Said::NoSuchThing { what, name: Some(name) } => format!("there is no {what} {name}"),
            Said::NoSuchThing { what, name: None } => format!("there is no such {what}"),
            Said::QuorumLost { .. } => to("too few members are there of"),
            Said::OutOfSpace { path: Some(path) } => format!("no space is left at {path}"),
            Said::OutOfSpace { path: None } => "no space is left".to_owned(),
            Said::PermissionDenied { path: Some(path) } => format!("it may not use {path}"),
            Said::PermissionDenied { path: None } => "it may not use a file".to_owned(),
            Said::ReadOnlyFiles { path: Some(path) } => format!("{path} may not be written"),
            Said::ReadOnlyFiles { path: None } => "its file system may not be written".to_owned(),
            Said::NoTemporaryDirectory { .. } => {
                "no directory takes its temporary files".to_owned()
            }
            Said::TooManyFiles => "it may open no more files".to_owned(),
            Said::AddressInUse { port: Some(port) } => format!("port {port} is taken"),
            Said::AddressInUse { port: None } => "its port is taken".to_owned(),
            Said::NoAddressAvailable { .. } => to("no local port is left to call"),
            Said::OutOfMemory { .. } => "its runtime's heap is full".to_owned(),
            Said::MissingFile { path: Some(path) } => format!("{path} is not there"),
            Said::MissingFile { path: None } => "a file is not there".to_owned(),
            Said::MissingVariable { name } => format!("variable {name} is not set"),
            Said::MigrationFailed => "its schema cannot be migrated".to_owned(),
            Said::BadCookieSecret => {
                "its cookie secret has a length that no cipher takes".to_owned()
            }
            Said::DevelopmentServer => "it is a server for development".to_owned(),
            Said::PoolExhausted => "its pool of connections is exhausted".to_owned(),
            Said::Locked => "something else holds a lock that it needs".to_owned(),
            Said::Cancelled => "its statements are cancelled, for they take too long".to_owned(),
            Said::PublishersBlocked => {
                "no messages are taken, for the broker's disk is nearly full".to_owned()
            }
            Said::MemoryAlarm => {
                "no messages are taken, for the broker uses as much memory as it may".to_owned()
            }
            Said::IndexFull => "an index takes no writes, for a disk is nearly full".to_owned(),
            Said::NoShardLeft => "no further shard may be opened".to_owned(),
            Said::SecretExpired => "its client secret has expired".to_owned(),
            Said::Outdated { of } => format!("what it was given is of {of}, and too old"),
            Said::Stuck { topic, partition, offset } => {
                format!("it fails at offset {offset} of partition {partition} of {topic}")
            }
            Said::PutBack { message } => format!("it fails at message {message} and puts it back"),
            Said::Flagged { key } => format!("it fails where the feature flag {key} leads it"),
            Said::OwnException { class } => format!("it fails with {class}"),
        }
    }
}

/// What a line says, the most particular first: a client whose password was refused says that it failed to connect, too.
pub fn said(text: &str) -> Option<Said> {
    if requests::is_of_others(text) {
        return None;
    }
    tls::said(text)
        .or_else(|| limits::said(text))
        .or_else(|| consumers::said(text))
        .or_else(|| members::said(text))
        .or_else(|| stores::said(text))
        .or_else(|| program::said_of_pool(text))
        .or_else(|| temporary::said(text))
        .or_else(|| process::said(text))
        .or_else(|| network::said(text))
        .or_else(|| ages::said(text))
        .or_else(|| program::said_by_sentence(text))
        .or_else(|| concepts::said(text))
        .or_else(|| program::said_by_class(text))
}

/// What the lines of a log say: the position of each that says something, oldest first.
pub fn all(log: &Log) -> Vec<(usize, Said)> {
    let lines = log.lines.iter().enumerate();
    lines
        .filter_map(|(at, line)| {
            let of_several =
                || trace::said(log, at).or_else(|| unanswered::without_primary(log, at));
            Some((at, of_several().or_else(|| said(&line.text))?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Said, said};

    #[test]
    fn the_most_particular_counts() {
        let text = "connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user \"app\"";
        assert!(matches!(said(text), Some(Said::Unauthenticated { peer: Some(_) })));
        let text = "HikariPool-1 - Connection is not available, request timed out after 30000ms.";
        assert_eq!(said(text), Some(Said::PoolExhausted));
        let text = "Caused by: java.net.ConnectException: Connection refused (Connection refused)";
        assert_eq!(said(text), Some(Said::Refused { peer: None }));
    }

    #[test]
    fn plain_sentences_say_nothing() {
        for text in [
            "GET /orders 200 12ms",
            "connected to db:5432",
            "order 1234 saved",
            "the user was denied a refund",
            "timeout set to 30s",
            "Loaded 3 certificates",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
