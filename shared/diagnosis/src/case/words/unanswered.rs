//! What drivers say that reached no server in time, in other words than those of the kernel: whether nothing came back, or
//! what did.

use super::peer::peer;
use super::said::Said;
use evidence::fact::event::Log;

/// How many lines below its error Node writes the description of the servers.
const NEAR: usize = 16;

/// What MySQL's own client and its drivers write before the server's name and the number of the error.
const MYSQL: &str = "Can't connect to MySQL server on '";

/// What a line says of a server that did not answer.
pub fn said(text: &str) -> Option<Said> {
    if text.contains(MYSQL) {
        return by_number(text);
    }
    is_silent(text).then(|| Said::TimedOut { peer: peer(text) })
}

/// What the lines below say of a line that says that no server was found in time: servers that answer, and have no primary.
pub fn without_primary(log: &Log, at: usize) -> Option<Said> {
    let text = &log.lines.get(at)?.text;
    let mut below = log.lines.iter().skip(at + 1).take(NEAR);
    let told = waited_in_vain(text) && below.any(|it| it.text.contains("ReplicaSet"));
    told.then(|| Said::Unreached { peer: peer(text) })
}

/// MySQL's clients give the kernel's number, for Linux: `Can't connect to MySQL server on 'db:3306' (110)`.
fn by_number(text: &str) -> Option<Said> {
    let (_, rest) = text.split_once(MYSQL)?;
    let (_, rest) = rest.split_once("' (")?;
    let (number, _) = rest.split_once(')')?;
    let peer = || peer(text);
    match number {
        "110" | "timed out" => Some(Said::TimedOut { peer: peer() }),
        "111" => Some(Said::Refused { peer: peer() }),
        "101" | "113" => Some(Said::NoRoute { peer: peer() }),
        _ => None,
    }
}

/// MongoDB's drivers: for Node, where no server told an error; for Python, `db:27017: timed out`; for C and PHP, `connection
/// timeout calling hello on 'db:27017'`.
fn is_silent(text: &str) -> bool {
    let python = || {
        let error = text.split_once("ServerSelectionTimeoutError: ").map(|(_, it)| it);
        let first = error.and_then(|it| it.split(',').next()).unwrap_or_default();
        first.split_once(": timed out").is_some_and(|(peer, _)| !peer.contains(' '))
    };
    let native = || {
        text.contains("No suitable servers found")
            && text.contains("[connection timeout calling ")
            && !text.contains("[connection refused calling ")
    };
    waited_in_vain(text) || python() || native()
}

/// `MongoServerSelectionError: Server selection timed out after 30000 ms`, and nothing of a replica set or a reason behind it.
fn waited_in_vain(text: &str) -> bool {
    let waited = text.split_once("ServerSelectionError: Server selection timed out after ");
    let rest = waited.and_then(|(_, rest)| rest.split_once(" ms")).map(|(_, rest)| rest);
    rest.is_some_and(|it| !it.starts_with(':') && !it.contains("ReplicaSet"))
}

#[cfg(test)]
mod tests {
    use super::without_primary;
    use crate::case::words::said::{Said, said};
    use evidence::fact::event::{Line, Log};

    fn words(text: &str) -> String {
        said(text).map(|it| it.words()).unwrap_or_default()
    }

    #[test]
    fn tells_silence_from_an_answer() {
        for (text, expected) in [
            (
                "MongooseServerSelectionError: Server selection timed out after 30000 ms",
                "no answer comes in time from what it needs",
            ),
            (
                r#"{"level":50,"err":{"stack":"MongoServerSelectionError: Server selection timed out after 30000 ms\n    at Timeout._onTimeout"}}"#,
                "no answer comes in time from what it needs",
            ),
            (
                "MongoServerSelectionError: Server selection timed out after 30000 ms: no primary found",
                "it cannot reach what it needs",
            ),
            (
                "MongoServerSelectionError: Server selection timed out after 5000 ms { reason: { type: 'ReplicaSetNoPrimary' } }",
                "it cannot reach what it needs",
            ),
            (
                "MongooseServerSelectionError: connect ECONNREFUSED 10.96.0.9:27017",
                "nobody listens at 10.96.0.9:27017",
            ),
            (
                "pymongo.errors.ServerSelectionTimeoutError: db:27017: timed out (configured timeouts: connectTimeoutMS: 20000.0ms), Timeout: 30s",
                "no answer comes in time from db:27017",
            ),
            (
                "pymongo.errors.ServerSelectionTimeoutError: No servers found yet, Timeout: 5.0s",
                "it cannot reach what it needs",
            ),
            (
                "No suitable servers found (`serverSelectionTryOnce` set): [connection timeout calling hello on 'db:27017']",
                "no answer comes in time from db:27017",
            ),
            (
                "No suitable servers found (`serverSelectionTryOnce` set): [connection refused calling hello on 'db:27017']",
                "nobody listens at db:27017",
            ),
            (
                "ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (110)",
                "no answer comes in time from db:3306",
            ),
            (
                "(2003, \"Can't connect to MySQL server on 'db' (timed out)\")",
                "no answer comes in time from db",
            ),
            (
                "ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (111)",
                "nobody listens at db:3306",
            ),
            (
                "ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (113)",
                "there is no way to db:3306",
            ),
            (
                "ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (99)",
                "it cannot reach db:3306",
            ),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_set_without_a_primary_is_told_below() {
        let log = |kind: &str| {
            let lines = [
                "MongoServerSelectionError: Server selection timed out after 30000 ms".to_owned(),
                "    at Timeout._onTimeout (/app/node_modules/mongodb/lib/sdam/topology.js:284:38)"
                    .to_owned(),
                "  reason: TopologyDescription {".to_owned(),
                format!("    type: '{kind}',"),
            ];
            let lines = lines.into_iter().map(|text| Line { text, ..Line::default() });
            Log { lines: lines.collect(), ..Log::default() }
        };
        let told = without_primary(&log("ReplicaSetNoPrimary"), 0);
        assert_eq!(told, Some(Said::Unreached { peer: None }));
        assert_eq!(without_primary(&log("Unknown"), 0), None);
    }
}
