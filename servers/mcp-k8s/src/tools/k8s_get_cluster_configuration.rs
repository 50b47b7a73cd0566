//! What kind of cluster this is: version, node pools, what is installed, and what may be read of it.

use crate::configuration::{self, Configuration};
use crate::rights::{self, Right};
use crate::server::{Kubernetes, NAME};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::discovery::Discovery;
use evidence::testimony::Cost;
use jiff::Timestamp;
use mcp::age::counted;
use mcp::answer::{Answer, Examined, Table};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// The tool.
pub struct GetClusterConfiguration;

/// Nothing to choose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);
/// A clock that is off by more makes ages and certificates wrong.
const CLOCK: i64 = 5;
/// Words that fit a cell.
const MOST_WORDS: usize = 8;

impl Tool<Kubernetes> for GetClusterConfiguration {
    const NAME: &'static str = "k8s_get_cluster_configuration";
    const ABOUT: &'static str = "Version, node pools, network, mesh, ingress, GitOps, and what may be read. Use it to know \
which cluster this is.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, _: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let desk = Desk { client: client.clone(), deadline };
        let mut latency = Latency { client: &client, took: Vec::new() };
        let begun = client.now();
        let version = client.version().await.map_err(|refusal| Failure::from(&refusal))?;
        latency.note("version", begun);
        let begun = client.now();
        let ready = client.ready().await.map_err(|refusal| Failure::from(&refusal)).err();
        latency.note("readyz", begun);
        let begun = client.now();
        let discovery = client.discover().await;
        latency.note("kinds", begun);
        let mut record = Record::default();
        let begun = client.now();
        let mut found = configuration::read(&desk, &mut record).await;
        latency.note("nodes, daemonsets and classes", begun);
        let discovery = match discovery {
            Ok(discovery) => discovery,
            Err(refusal) => {
                let why = Failure::from(&refusal).message;
                let remedy = "ask again; `inquest doctor` shows what is reachable".to_owned();
                record.gap("which kinds are served".to_owned(), why, remedy);
                Arc::new(Discovery::default())
            }
        };
        found.installed.served(&discovery);
        let rights = rights::everywhere(&client).await;
        let ahead = version.ahead.map(|ahead| ahead.as_secs()).filter(|it| it.abs() > CLOCK);
        let mut rows =
            vec![("version".to_owned(), format!("{} {}", version.git_version, version.platform))];
        rows.push(("address".to_owned(), client.cluster().address.clone()));
        rows.extend(latency.described());
        rows.extend(described(&found));
        rows.push(("may read".to_owned(), may_read(&rights)));
        let mut problems: Vec<String> = ready
            .filter(|it| it.code != Code::Forbidden)
            .map(|it| it.message)
            .into_iter()
            .collect();
        problems.extend(ahead.map(|it| format!("its clock is {it} s ahead of ours")));
        problems.extend(found.pools.trouble());
        problems.extend(
            discovery.stale.iter().map(|it| format!("{it} is registered and does not answer")),
        );
        let (denied, incomplete) = (record.denied(), record.incomplete());
        let mut testimony = record.into_testimony();
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let columns = ["FIELD", "VALUE"].map(str::to_owned).to_vec();
        let summary = summary(&client.cluster().name, &version.git_version, &found);
        let lacks = rights.iter().any(|it| it.allowed != Some(true));
        Ok(Answer {
            summary,
            problems,
            table: Table {
                columns,
                rows: rows.into_iter().map(|(field, value)| vec![field, value]).collect(),
            },
            examined: Examined { denied, incomplete, ..Examined::default() },
            next: lacks.then(|| "k8s_check_access()".to_owned()).into_iter().collect(),
            testimony,
            ..Answer::default()
        })
    }
}

/// How long the API server took, by the cluster's own clock: in a snapshot, which stands still, nothing did.
struct Latency<'a> {
    client: &'a Client,
    took: Vec<String>,
}

impl Latency<'_> {
    fn note(&mut self, what: &str, begun: Timestamp) {
        let took = self.client.now().duration_since(begun).as_millis();
        if took > 0 {
            self.took.push(format!("{what} {took} ms"));
        }
    }

    fn described(&self) -> Option<(String, String)> {
        (!self.took.is_empty()).then(|| ("answered in".to_owned(), self.took.join(", ")))
    }
}

fn summary(name: &str, version: &str, found: &Configuration) -> String {
    let (nodes, ready) = (found.pools.nodes(), found.pools.ready());
    if nodes == 0 && !found.all_nodes {
        return format!("Cluster {name}: Kubernetes {version}; its nodes could not be read.");
    }
    let about = if found.all_nodes { "" } else { "at least " };
    let nodes = counted(nodes, "node");
    format!("Cluster {name}: Kubernetes {version}, {about}{nodes}, {ready} ready.")
}

fn described(found: &Configuration) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let providers: Vec<&str> = found.pools.providers.iter().map(String::as_str).collect();
    if !providers.is_empty() {
        rows.push(("runs on".to_owned(), providers.join(", ")));
    }
    rows.extend(found.pools.described());
    rows.extend(found.installed.described());
    for (field, values) in
        [("ingress classes", &found.ingress), ("storage classes", &found.storage)]
    {
        if !values.is_empty() {
            rows.push((field.to_owned(), values.join("; ")));
        }
    }
    let custom = found.installed.custom.iter().map(|(group, kinds)| format!("{group} {kinds}"));
    let custom: Vec<String> = custom.collect();
    if !custom.is_empty() {
        rows.push(("custom kinds".to_owned(), briefly(&custom)));
    }
    rows
}

fn may_read(rights: &[Right]) -> String {
    let lacking: Vec<String> =
        rights.iter().filter(|it| it.allowed != Some(true)).map(Right::name).collect();
    match lacking.as_slice() {
        [] => format!("all {} kinds that the tools read, in all namespaces", rights.len()),
        lacking => format!(
            "{} of {} kinds in all namespaces, not {}",
            rights.len() - lacking.len(),
            rights.len(),
            briefly(lacking)
        ),
    }
}

/// The first of many words.
fn briefly(words: &[String]) -> String {
    let shown = words.get(..MOST_WORDS).unwrap_or(words);
    let more = words.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_were_not_read_are_not_none() {
        let of = |all_nodes| {
            summary("demo", "v1.34.4", &Configuration { all_nodes, ..Configuration::default() })
        };
        assert!(of(false).ends_with("its nodes could not be read."));
        assert!(of(true).ends_with("0 nodes, 0 ready."));
    }
}
