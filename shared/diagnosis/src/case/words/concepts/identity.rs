//! Concepts of who somebody is to a server, and what he may do there.

use super::plain::{has, has_one, near};
use super::whom::server;
use crate::case::words::limits::token_expired_at;
use crate::case::words::said::Said;
use crate::case::words::store::store;

/// Servers that have users of their own, as their clients name them. What a program says of its own visitors names none.
const SERVERS: &[&str] = &[
    "cassandra",
    "datastax",
    "scylla",
    "gocql",
    "clickhouse",
    "click house",
    "db::",
    "ldap",
    "smtp",
    "vault",
    "hvac",
    "etcd",
    "zookeeper",
    "zoo keeper",
    "neo4j",
    "neo.",
    "couchbase",
    "influx",
    "hazelcast",
    "pulsar",
    "activemq",
    "active mq",
    "artemis",
    "jms",
    "jetstream",
    "jet stream",
    "nats",
    "sql",
    "mssql",
    "rdb",
    "redis",
    "oracle",
    "ora ",
    "s3",
    "minio",
    "min io",
    "sasl",
    "jdbc",
    "bolt",
    "consul",
    "acl",
    "rabbit",
    "amqp",
    "bunny",
    "temporal",
    "imap",
    "mqtt",
    "stomp",
    "memcached",
    "bmemcached",
    "solr",
    "cockroach",
    "pq:",
    "psql",
    "pg",
    "postgre",
    "sequelize",
    "prisma",
    "active record",
    "hikari",
    "r2dbc",
    "elastic",
    "es instance",
    "open search",
    "security exception",
    "kafka",
    "topic",
    "mongo",
    "maria",
    "snowflake",
    "dynamo",
    "sqs",
    "amazon",
    "aws",
    "botocore",
    "google",
    "googleapi",
    "azure",
    "broker",
    "database",
    "driver",
    "etcdserver",
    "node(",
    "contact point",
    "kubernetes",
    "k8s",
    "reflector",
    "backend requires",
];
/// Words of who somebody is.
const IDENTITY: &[&str] = &[
    "password",
    "credential",
    "authenticat",
    "login",
    "logon",
    "username",
    "user name",
    "sasl",
    "auth error",
    "auth failed",
    "auth failure",
    "auth token",
    "access key",
    "signature",
    "api key",
    "security token",
    "client secret",
    "bind dn",
    "bind not successful",
    "role",
    "unauthorized",
    "jwt",
    "user",
];
/// Words that refuse it.
const TURNED_DOWN: &[&str] = &[
    "incorrect",
    "invalid",
    "wrong",
    "fail",
    "reject",
    "denied",
    "mismatch",
    "refus",
    "not match",
    "unauthorized",
    "unauthorised",
    "unauthenticated",
    "unsuccessful",
    "violation",
    "not valid",
    "required",
    "requires",
    "does not exist",
    "unknown",
    "not found",
    "not accepted",
    "not allowed",
    "expired",
    "locked",
    "unable to",
    "missing",
    "did not match",
    "no password",
    "not successful",
    "no valid",
    "no such user",
    "error authenticating",
    "exception authenticating",
];
/// Sentences that say it whole.
const WHOLE: &[&str] = &[
    "authorization violation",
    "signature does not match",
    "public key retrieval is not allowed",
    "is not allowed to connect to this",
    "unable to locate credentials",
    "no credential providers",
    "default credentials were not found",
    "security token included in the request is",
    "elogin",
    "invalid client credentials",
    "username or password not allowed",
    "access key id you provided does not exist",
    "server replied with 'provided username",
    "failed to list *v1",
    "password has expired",
    "requested scram based authentication",
];
/// Words of lines about a visitor of the program itself.
const VISITOR: &[&str] = &[
    "client ip",
    "remote ip",
    "remote addr",
    "ip=",
    "ip:",
    "user agent",
    "email",
    "visitor",
    "customer",
    "sign in",
    "signin",
    "user id",
    "attempt from",
    "password reset",
    "jwt expired",
    "unknown[",
    "cart",
    "login form",
    "login page",
];
/// Words of a right, and what says that it is lacking.
const RIGHT: &[&str] =
    &["permission", "privilege", "access", "authoriz", "grant", "acl", "not allowed", "security"];
const LACKING: &[&str] = &[
    "denied",
    "insufficient",
    "not enough",
    "lacks",
    "no permission",
    "does not have",
    "doesn't have",
    "has no",
    "not authorized",
    "authorization failed",
    "violation",
    "refused",
    "is not allowed",
    "unauthorized",
    "no privilege",
    "no auth",
    "blocked by ac",
    "not able to access",
    "must be owner",
    "not held",
    "authorization permission mismatch",
    "forbidden",
];

/// What a line says of who somebody is, or of his rights.
pub(super) fn said(text: &str, plain: &str) -> Option<Said> {
    // That a token's time is over is known otherwise, with whose it is.
    if has_one(plain, VISITOR) || token_expired_at(text).is_some() {
        return None;
    }
    let served = || store(text).is_some() || has_one(plain, SERVERS) || server(text).is_some();
    // A file's permissions are told by the kernel's words for them.
    if is_forbidden(plain)
        && served()
        && !has_one(plain, &["errno 13", "eacces", "open /", "mkdir"])
    {
        return Some(Said::Forbidden { what: String::new() });
    }
    let refused = has_one(plain, WHOLE) || near(plain, 60, &[IDENTITY, TURNED_DOWN]) && served();
    refused.then(|| Said::Unauthenticated { peer: server(text) })
}

fn is_forbidden(plain: &str) -> bool {
    near(plain, 40, &[LACKING, RIGHT])
        && !near(
            plain,
            40,
            &[&["password", "login", "authentication failed", "credential"], TURNED_DOWN],
        )
        || has(plain, "must be owner of")
        || has(plain, "row level security policy")
}
