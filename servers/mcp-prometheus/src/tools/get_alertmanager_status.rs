//! How Alertmanager is: version, peers, whom its routes tell, and what inhibits what.

use crate::alerts::late;
use crate::record::Record;
use crate::server::Prometheus;
use clients::alertmanager::status::Status;
use mcp::age::{age, counted};
use mcp::answer::{Answer, Examined, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use tokio::time::timeout_at;

/// The tool.
pub struct GetAlertmanagerStatus;

/// Nothing to choose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

/// Levels of routes that are told.
const DEEPEST: usize = 5;
/// Rows.
const ROWS: usize = 60;

/// Its configuration, as far as it says who is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Configuration {
    route: Route,
    receivers: Vec<Named>,
    inhibit_rules: Vec<Inhibition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Route {
    receiver: String,
    #[serde(rename = "match")]
    equal: BTreeMap<String, String>,
    match_re: BTreeMap<String, String>,
    matchers: Vec<String>,
    routes: Vec<Route>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inhibition {
    source_match: BTreeMap<String, String>,
    source_match_re: BTreeMap<String, String>,
    source_matchers: Vec<String>,
    target_match: BTreeMap<String, String>,
    target_match_re: BTreeMap<String, String>,
    target_matchers: Vec<String>,
    equal: Vec<String>,
}

impl Tool<Prometheus> for GetAlertmanagerStatus {
    const NAME: &'static str = "get_alertmanager_status";
    const ABOUT: &'static str = "Alertmanager's version and peers, its routes to receivers, and its inhibition rules. Use it to see who \
is told.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, _: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.alertmanager()?;
        let said = timeout_at(call.deadline, client.status()).await.map_err(|_| late())?;
        let said = said.map_err(|refusal| Failure::from(&refusal))?;
        let mut record = Record::default();
        record.said(&said);
        record.spent_on_alerts(&client);
        let status = said.data;
        let configuration = serde_saphyr::from_str::<Configuration>(&status.config.original);
        let mut configuration = configuration.unwrap_or_else(|_| {
            record.cut("its configuration is in a form that we do not know".to_owned());
            Configuration::default()
        });
        if let Some(enforced) = server.enforced() {
            // Routes, receivers and inhibition rules name everybody who is told of anything.
            record
                .cut(format!("routes and receivers are not told, as {enforced} is enforced here"));
            configuration = Configuration::default();
        }
        let uptime = age(client.now(), status.uptime);
        let answer = Answer {
            summary: format!(
                "Alertmanager {}, up for {uptime}, cluster {} with {}: {}, {}.",
                status.version_info.version,
                status.cluster.status,
                counted(status.cluster.peers.len(), "peer"),
                counted(configuration.receivers.len(), "receiver"),
                counted(configuration.inhibit_rules.len(), "inhibition rule")
            ),
            problems: problems(&status, &configuration),
            table: table(&configuration),
            examined: Examined { system: "Alertmanager".to_owned(), ..Examined::default() },
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

fn problems(status: &Status, configuration: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    if status.cluster.status == "settling" {
        problems.push("its cluster is still settling: notifications wait".to_owned());
    }
    let unused: Vec<&str> = configuration
        .receivers
        .iter()
        .map(|it| it.name.as_str())
        .filter(|name| !is_used(&configuration.route, name))
        .collect();
    if !unused.is_empty() {
        problems.push(format!("no route leads to {}", unused.join(", ")));
    }
    problems
}

fn is_used(route: &Route, receiver: &str) -> bool {
    route.receiver == receiver || route.routes.iter().any(|it| is_used(it, receiver))
}

fn table(configuration: &Configuration) -> Table {
    let mut rows = Vec::new();
    routes(&configuration.route, 0, "", &mut rows);
    for it in &configuration.inhibit_rules {
        let source = matchers(&it.source_match, &it.source_match_re, &it.source_matchers);
        let target = matchers(&it.target_match, &it.target_match_re, &it.target_matchers);
        let equal = if it.equal.is_empty() {
            String::new()
        } else {
            format!(", same {}", it.equal.join(", "))
        };
        rows.push(vec!["inhibits".to_owned(), source, format!("{target}{equal}")]);
    }
    rows.truncate(ROWS);
    Table { columns: ["WHAT", "OF", "TO"].map(str::to_owned).to_vec(), rows }
}

fn routes(route: &Route, depth: usize, above: &str, rows: &mut Vec<Vec<String>>) {
    if depth > DEEPEST {
        return;
    }
    let of = matchers(&route.equal, &route.match_re, &route.matchers);
    let of = if of.is_empty() { "all".to_owned() } else { of };
    let receiver = if route.receiver.is_empty() { above } else { &route.receiver };
    rows.push(vec!["route".to_owned(), format!("{}{of}", "  ".repeat(depth)), receiver.to_owned()]);
    route.routes.iter().for_each(|it| routes(it, depth + 1, receiver, rows));
}

fn matchers(
    equal: &BTreeMap<String, String>,
    expressions: &BTreeMap<String, String>,
    newer: &[String],
) -> String {
    let equal = equal.iter().map(|(name, value)| format!("{name}={value:?}"));
    let expressions = expressions.iter().map(|(name, value)| format!("{name}=~{value:?}"));
    let all: Vec<String> = equal.chain(expressions).chain(newer.iter().cloned()).collect();
    all.join(",")
}
