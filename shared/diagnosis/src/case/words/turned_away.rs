//! Lines in which a store says whom it turned away: the words of MongoDB, PostgreSQL, MySQL and RabbitMQ about their clients,
//! in their own logs. Redis writes nothing of it.

use super::names::{between, name};
use super::peer::Peer;
use super::store::Store;
use evidence::fact::event::Log;
use std::net::IpAddr;

/// A client that a store turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// As whom it came.
    pub user: String,
    /// From where, where the line says it.
    pub from: Option<Origin>,
    /// Why.
    pub why: Why,
}

/// From where a client came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From an address.
    Address(IpAddr),
    /// From a name, which may be anybody's.
    Name,
}

/// Why a store turns somebody away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It has no such user.
    NoUser,
    /// It refuses what it is shown; most do not tell that from a user that they do not have.
    Refused,
}

/// The stores that say it.
pub const TELL: [Store; 4] = [Store::Mongo, Store::Postgres, Store::Mysql, Store::Rabbit];

/// What a line of a store's own log says of somebody whom it turned away.
pub fn turned_away(store: Store, log: &Log, text: &str) -> Option<Turned> {
    match store {
        Store::Mongo => by_mongo(text).or_else(|| by_old_mongo(text)),
        Store::Postgres => by_postgres(log, text),
        Store::Mysql => by_mysql(text),
        Store::Rabbit => by_rabbit(text),
        _ => None,
    }
}

/// MongoDB from 4.4 on, 20249, and from 6.3 on, 5286307, of its `auth/sasl_commands.cpp`. Clients try speculatively first,
/// with a mechanism that the user may lack, and then otherwise.
fn by_mongo(text: &str) -> Option<Turned> {
    let told = ["\"msg\":\"Failed to authenticate\"", "\"msg\":\"Authentication failed\""];
    let speculative = ["\"isSpeculative\":true", "\"speculative\":true"];
    let says = |signs: &[&str]| signs.iter().any(|it| text.contains(it));
    if !text.contains("\"c\":\"ACCESS\"") || !says(&told) || says(&speculative) {
        return None;
    }
    let field = |keys: [&str; 2]| {
        keys.iter().find_map(|key| {
            between(text, &format!("\"{key}\":\""), "\"").filter(|it| !it.is_empty())
        })
    };
    let error = between(text, "\"error\":\"", ":")?;
    Some(Turned {
        user: name(field(["user", "principalName"])?)?,
        from: field(["client", "remote"]).map(from),
        why: of_mongo(error)?,
    })
}

/// MongoDB before 4.4: `I  ACCESS   [conn5] SASL SCRAM-SHA-256 authentication failed for app on shop from client
/// 10.244.0.6:51739 ; UserNotFound: Could not find user "app" for db "shop"`.
fn by_old_mongo(text: &str) -> Option<Turned> {
    let (before, rest) = text.split_once(" authentication failed for ")?;
    let (user, rest) = rest.split_once(" on ")?;
    let (_, rest) = rest.split_once(" from client ")?;
    let (client, error) = rest.split_once(" ; ")?;
    if !before.contains(" ACCESS ") {
        return None;
    }
    Some(Turned {
        user: name(user)?,
        from: Some(from(client)),
        why: of_mongo(error.split(':').next()?)?,
    })
}

fn of_mongo(error: &str) -> Option<Why> {
    match error {
        "UserNotFound" => Some(Why::NoUser),
        "AuthenticationFailed" => Some(Why::Refused),
        _ => None,
    }
}

/// PostgreSQL, `auth_failed` of its `libpq/auth.c`; what it does not tell the client it writes below, as DETAIL.
fn by_postgres(log: &Log, text: &str) -> Option<Turned> {
    let user = between(text, "FATAL:  password authentication failed for user \"", "\"")?;
    let lacking = format!("DETAIL:  Role \"{user}\" does not exist.");
    let why = match log.lines.iter().any(|it| it.text.contains(&lacking)) {
        true => Why::NoUser,
        false => Why::Refused,
    };
    Some(Turned { user: name(user)?, from: None, why })
}

/// MySQL and MariaDB, ER_ACCESS_DENIED_ERROR, where they are told to note it.
fn by_mysql(text: &str) -> Option<Turned> {
    let (_, rest) = text.split_once("Access denied for user '")?;
    let (user, rest) = rest.split_once("'@'")?;
    let (host, rest) = rest.split_once('\'')?;
    if !rest.starts_with(" (using password: ") {
        return None;
    }
    Some(Turned { user: name(user)?, from: Some(from(host)), why: Why::Refused })
}

/// RabbitMQ, of its `rabbit_reader`: `PLAIN login refused: user 'app' - invalid credentials`; the address stands before.
fn by_rabbit(text: &str) -> Option<Turned> {
    let (_, rest) = text.split_once("PLAIN login refused: user '")?;
    let (user, rest) = rest.split_once('\'')?;
    let refused = rest.starts_with(" - invalid credentials");
    refused.then_some(Turned { user: name(user)?, from: None, why: Why::Refused })
}

fn from(client: &str) -> Origin {
    let address = Peer::parse(client.trim()).and_then(|it| it.address());
    address.map_or(Origin::Name, Origin::Address)
}

#[cfg(test)]
mod tests {
    use super::{Origin, Turned, Why, turned_away};
    use crate::case::words::store::Store;
    use evidence::fact::event::{Line, Log};

    fn read(store: Store, lines: &[&str]) -> Option<Turned> {
        let line = |text: &&str| Line { text: (*text).to_owned(), ..Line::default() };
        let log = Log { lines: lines.iter().map(line).collect(), ..Log::default() };
        turned_away(store, &log, lines[0])
    }

    fn turned(user: &str, from: Option<&str>, why: Why) -> Option<Turned> {
        let from = from.map(|it| it.parse().map_or(Origin::Name, Origin::Address));
        Some(Turned { user: user.to_owned(), from, why })
    }

    #[test]
    fn stores_say_whom_they_turn_away() {
        let mongo = r#"{"t":{"$date":"2026-11-21T11:59:00.000+00:00"},"s":"I","c":"ACCESS","id":5286307,"ctx":"conn41024","msg":"Failed to authenticate","attr":{"client":"10.244.0.6:51739","isSpeculative":false,"isClusterMember":false,"mechanism":"SCRAM-SHA-256","user":"app","db":"shop","error":"UserNotFound: Could not find user \"app\" for db \"shop\"","result":11}}"#;
        assert_eq!(read(Store::Mongo, &[mongo]), turned("app", Some("10.244.0.6"), Why::NoUser));
        let older = r#"{"s":"I","c":"ACCESS","id":20249,"ctx":"conn5","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-256","speculative":false,"principalName":"app","authenticationDatabase":"shop","remote":"10.244.0.6:51739","extraInfo":{},"error":"AuthenticationFailed: SCRAM authentication failed, storedKey mismatch"}}"#;
        assert_eq!(read(Store::Mongo, &[older]), turned("app", Some("10.244.0.6"), Why::Refused));
        let plain = r#"2026-11-21T11:59:00.000+0000 I  ACCESS   [conn5] SASL SCRAM-SHA-256 authentication failed for app on shop from client 10.244.0.6:51739 ; UserNotFound: Could not find user "app" for db "shop""#;
        assert_eq!(read(Store::Mongo, &[plain]), turned("app", Some("10.244.0.6"), Why::NoUser));
        let postgres = r#"2026-11-21 11:59:00.000 UTC [31] FATAL:  password authentication failed for user "app""#;
        let detail = r#"2026-11-21 11:59:00.000 UTC [31] DETAIL:  Role "app" does not exist."#;
        assert_eq!(read(Store::Postgres, &[postgres]), turned("app", None, Why::Refused));
        assert_eq!(read(Store::Postgres, &[postgres, detail]), turned("app", None, Why::NoUser));
        let mysql = "2026-11-21T11:59:00.000000Z 41 [Note] [MY-010926] [Server] Access denied for user 'app'@'10.244.0.6' (using password: YES)";
        assert_eq!(read(Store::Mysql, &[mysql]), turned("app", Some("10.244.0.6"), Why::Refused));
        let named = mysql.replace("10.244.0.6", "localhost");
        assert_eq!(read(Store::Mysql, &[&named]), turned("app", Some("localhost"), Why::Refused));
        let rabbit = "2026-11-21 11:59:00.000000+00:00 [error] <0.710.0> PLAIN login refused: user 'app' - invalid credentials";
        assert_eq!(read(Store::Rabbit, &[rabbit]), turned("app", None, Why::Refused));
    }

    #[test]
    fn what_is_tried_otherwise_next_is_nothing() {
        let first = r#"{"s":"I","c":"ACCESS","id":5286307,"msg":"Failed to authenticate","attr":{"client":"10.244.0.6:51739","isSpeculative":true,"mechanism":"SCRAM-SHA-256","user":"app","db":"shop","error":"UserNotFound: Could not find user \"app\" for db \"shop\""}}"#;
        assert_eq!(read(Store::Mongo, &[first]), None);
        let lacking =
            first.replace("true", "false").replace("UserNotFound", "MechanismUnavailable");
        assert_eq!(read(Store::Mongo, &[&lacking]), None);
        let other = "2026-11-21 11:59:00.000 UTC [31] FATAL:  database \"app\" does not exist";
        assert_eq!(read(Store::Postgres, &[other]), None);
        let guest =
            "[error] <0.710.0> PLAIN login refused: user 'guest' can only connect via localhost";
        assert_eq!(read(Store::Rabbit, &[guest]), None);
        let right = "Access denied for user 'app'@'%' to database 'shop'";
        assert_eq!(read(Store::Mysql, &[right]), None);
    }
}
