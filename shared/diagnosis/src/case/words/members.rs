//! Lines about the members of a replica set: in the words of MongoDB and of its drivers for Python and Java.

use super::names::between;
use super::peer::Peer;
use super::said::Said;

/// What a line says of a replica set.
pub fn said(text: &str) -> Option<Said> {
    if is_unanswered(text) {
        return Some(Said::TimedOut {
            peer: between(text, "\"target\":\"", "\"").and_then(Peer::parse),
        });
    }
    // Members answer the client, and none of them is the primary: they do not reach each other.
    let no_primary = text.contains("ReplicaSetNoPrimary") && text.contains("RSSecondary")
        || text.contains("WritableServerSelector") && text.contains("=REPLICA_SET_SECONDARY");
    no_primary.then(|| Said::NoneBehind { peer: member(text) })
}

/// A member hears nothing of another one.
fn is_unanswered(text: &str) -> bool {
    text.contains("Heartbeat failed after max retries")
        && text.contains("NetworkInterfaceExceededTimeLimit")
}

/// The first member that a client tells of: `('db-0.db.shop', 27017)` in Python, `address=db-0.db.shop:27017` in Java.
fn member(text: &str) -> Option<Peer> {
    if let Some(address) = between(text, "address=", ",") {
        return Peer::parse(address);
    }
    let named = between(text, "ServerDescription ('", ")")?;
    let (host, port) = named.split_once("', ")?;
    Peer::parse(&format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::said;

    fn words(text: &str) -> String {
        said(text).map(|it| it.words()).unwrap_or_default()
    }

    #[test]
    fn members_that_do_not_reach_each_other_have_no_primary() {
        let python = "pymongo.errors.ServerSelectionTimeoutError: No replica set members match selector \"Primary()\", Timeout: 5.0s, Topology Description: <TopologyDescription id: 6a, topology_type: ReplicaSetNoPrimary, servers: [<ServerDescription ('db-0.db.shop', 27017) server_type: RSSecondary, rtt: 0.0011>]>";
        assert_eq!(words(python), "nobody serves behind db-0.db.shop:27017");
        let java = "com.mongodb.MongoTimeoutException: Timed out after 30000 ms while waiting for a server that matches WritableServerSelector. Client view of cluster state is {type=REPLICA_SET, servers=[{address=db-0.db:27017, type=REPLICA_SET_SECONDARY, roundTripTime=1.1 ms, state=CONNECTED}]";
        assert_eq!(words(java), "nobody serves behind db-0.db:27017");
        let member = r#"{"s":"I","c":"REPL_HB","msg":"Heartbeat failed after max retries","attr":{"target":"db-2.db:27017","maxHeartbeatRetries":2,"error":{"code":202,"codeName":"NetworkInterfaceExceededTimeLimit","errmsg":"Couldn't get a connection within the time limit"}}}"#;
        assert_eq!(words(member), "no answer comes in time from db-2.db:27017");
    }

    #[test]
    fn members_that_nobody_reaches_are_told_of_otherwise() {
        let down = "pymongo.errors.ServerSelectionTimeoutError: db-0.db:27017: [Errno 111] Connection refused, Topology Description: <TopologyDescription id: 6a, topology_type: ReplicaSetNoPrimary, servers: [<ServerDescription ('db-0.db', 27017) server_type: Unknown, rtt: None>]>";
        assert_eq!(words(down), "");
    }
}
