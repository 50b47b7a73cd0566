//! Which servers the lead can ask, and what they offer.

use super::Lead;
use mcp::answer::{Answer, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::Instant;

/// Which servers there are.
pub struct ListCapabilities;

/// The arguments of `list_capabilities`: none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

impl Tool<Lead> for ListCapabilities {
    const NAME: &'static str = "list_capabilities";
    const ABOUT: &'static str = "Which servers the lead can ask, whether they answer, and their tools. Use it when a \
report could not examine something.";
    type Ask = Ask;

    async fn answer(lead: &Lead, _ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let mut rows = Vec::new();
        let mut answering = 0;
        for (name, server) in lead.witnesses.servers() {
            let left = call.deadline.saturating_duration_since(Instant::now());
            let told = match server.specialist().await {
                Err(why) => Err(why),
                Ok(specialist) => specialist.list(left).await.map_err(|error| error.to_string()),
            };
            let (state, tools) = match told {
                Ok(tools) => {
                    answering += 1;
                    let names: Vec<String> = tools.into_iter().map(|tool| tool.name).collect();
                    ("answers".to_owned(), names.join(" "))
                }
                Err(why) => (why, String::new()),
            };
            rows.push(vec![name.to_owned(), state, tools]);
        }
        Ok(Answer {
            summary: format!("{answering} of {} servers answer", rows.len()),
            table: Table {
                columns: vec!["SERVER".to_owned(), "STATE".to_owned(), "TOOLS".to_owned()],
                rows,
            },
            ..Answer::default()
        })
    }
}
