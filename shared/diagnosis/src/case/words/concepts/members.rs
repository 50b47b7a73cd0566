//! Concepts of a server of several members, of which too few are there to answer, or none leads.

use super::line::Line;

/// Sentences of servers that have no leader, or too few members.
const WHOLE: &[&str] = &[
    "no cluster leader",
    "not enough voting members to form quorum",
    "active cluster node not found",
    "leader not available: the cluster is in the middle",
    "currently no leader for this partition",
    "can't see a majority of the set",
    "cannot see a majority",
    "cannot achieve consistency level",
    "replica unavailable: (n*",
    "not yet prepared node for application use",
    "has not yet prepared node",
    "failover abort no good slave",
    "master not discovered",
    "not discovered or elected yet",
    "primary shard is not active",
    "no shard available action exception",
    "pd] failed to get leader",
    "9005 (hy000): region is unavailable",
    "failed to update leader lock$",
    "cache partition has been lost",
];
const TOGETHER: &[&str] =
    &["quorum", "consistency level", "in sync replica*", "alive replicas", "isr", "majority"];
const LACKS: &[&str] = &[
    "not enough",
    "required but only",
    "unavailable",
    "lost",
    "not reached",
    "not met",
    "no quorum",
    "insufficient",
    "cannot achieve",
    "fewer",
    "not available",
    "too few",
];
/// What drivers say of a cluster without a leader.
const HEADLESS: &[&str] = &[
    "no master found for",
    "leader not available",
    "no primary available",
    "no primary found",
    "no primary server",
    "without a leader",
    "no known leader",
    "no elected leader",
    "leader is not available",
    "leaderless",
    "no suitable leader",
    "no suitable peer",
    "cluster is down",
    "non primary view",
    "not enough hosts to serve",
    "etcdserver: leader changed",
    "etcdserver: no leader",
    "possibly due to previous leader failure",
    "waiting for read index response took too long",
    "cluster no metadata leader",
    "instance is not currently serving requests",
    "zookeeper server not running",
    "keeper server not running",
    "fewer in sync replicas than required",
    "not enough replicas exception",
    "not enough in sync replicas",
    "no leader for this topic partition",
    "jet stream system temporarily unavailable",
    "no suitable peers for placement",
    "not enough data bearing nodes",
    "able to reach a majority",
    "find host matching read preference",
    "waiting for replication timed out",
    "not enough replicas available for query at consistency",
    "clusterdown",
    "service unavailable/2/no master",
    "less than requested quorum",
    "split brain protection exception",
    "no registered leader was found",
    "not enough non faulty bookies",
    "unable to retrieve routing information",
    "obtain connection towards write server",
    "durability impossible exception",
    "resource requested is unreadable",
    "does not have a leader", // JetStream's streams and consumers
];

/// The ring of Cortex, Mimir and Loki: `at least 2 live replicas required, could only find 1 - unhealthy instances: ...`.
const RING: &[&str] = &["live replicas required, could only find"];
const UNHEALTHY: &[&str] = &["unhealthy instances"];

/// Too few members of a server are there to answer, or none of them leads.
pub(super) fn is_headless(line: &Line<'_>) -> bool {
    let lacks = || line.has_one(HEADLESS) || line.near(60, &[TOGETHER, LACKS]);
    line.has_one(WHOLE) || line.near(40, &[RING, UNHEALTHY]) || lacks() && line.is_of_store()
}

/// Signs that are sentences of their own, for the test that none is dead.
#[cfg(test)]
pub(super) const SENTENCES: &[&[&str]] = &[WHOLE];
/// All signs, for the same test.
#[cfg(test)]
pub(super) const SIGNS: &[&[&str]] = &[WHOLE, TOGETHER, LACKS, HEADLESS, RING, UNHEALTHY];
