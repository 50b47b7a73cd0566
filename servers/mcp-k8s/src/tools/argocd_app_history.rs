//! What was deployed by an Application of Argo CD, when and by whom.

use crate::applications;
use crate::applications::application::{Application, Deployed, short};
use crate::server::{Kubernetes, NAME};
use evidence::testimony::{Cost, Testimony};
use jiff::Timestamp;
use mcp::age::{ago, counted, span};
use mcp::answer::{Answer, Examined, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct AppHistory;

/// Of which one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: Option<String>,
}

impl Tool<Kubernetes> for AppHistory {
    const NAME: &'static str = "argocd_app_history";
    const ABOUT: &'static str = "What an Application deployed: revisions, times, who asked. Use it to find the \
deploy behind a fault.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let found = applications::find(&client, &ask.name, ask.namespace.as_deref()).await?;
        let (it, now) = (&found.application, client.now());
        let mut history: Vec<&Deployed> = it.status.history.iter().collect();
        history.sort_by_key(|it| std::cmp::Reverse((it.deployed_at, it.id)));
        let spent = client.spent();
        Ok(Answer {
            summary: summary(it, &history, now),
            table: table(&history, now),
            examined: Examined {
                namespaces: it.metadata.namespace.clone().into_iter().collect(),
                ..Examined::default()
            },
            testimony: Testimony {
                server: NAME.to_owned(),
                sources: vec![found.source],
                cost: Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes },
                ..Testimony::default()
            },
            ..Answer::default()
        })
    }
}

fn summary(it: &Application, history: &[&Deployed], now: Timestamp) -> String {
    let Some(last) = history.first() else {
        return format!("Application {}: nothing deployed by what it says.", it.qualified());
    };
    let when = ago(now, last.deployed_at);
    let (count, to) =
        (counted(history.len(), "deployment"), short(&last.revision, &last.revisions));
    let by = last.initiated_by.name();
    format!("Application {}: {count} kept, the last {when} to {to} by {by}.", it.qualified())
}

fn table(history: &[&Deployed], now: Timestamp) -> Table {
    let columns = ["ID", "DEPLOYED", "AGO", "TOOK", "REVISION", "SOURCE", "BY"];
    let row = |it: &&Deployed| {
        let at = it.deployed_at.map(|at| at.strftime("%m-%d %H:%M:%S").to_string());
        let took = it.deployed_at.zip(it.deploy_started_at);
        let took = took.map(|(end, begin)| span(end.as_second() - begin.as_second()));
        let sources: Vec<String> =
            it.source.iter().chain(&it.sources).map(|one| one.described()).collect();
        vec![
            it.id.to_string(),
            at.unwrap_or_default(),
            ago(now, it.deployed_at).trim_end_matches(" ago").to_owned(),
            took.unwrap_or_default(),
            short(&it.revision, &it.revisions),
            sources.join(", "),
            it.initiated_by.name(),
        ]
    };
    Table { columns: columns.map(str::to_owned).to_vec(), rows: history.iter().map(row).collect() }
}
