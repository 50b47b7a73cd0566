//! What is there, and what is wrong, in namespaces or in the whole cluster.

use crate::server::{Kubernetes, NAME};
use crate::survey::asked::{self, Centre};
use crate::survey::{self, Scope, words};
use evidence::scope::Window;
use evidence::testimony::Cost;
use jiff::SignedDuration;
use mcp::answer::{Answer, Examined};
use mcp::arguments::Since;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The tool.
pub struct Survey;

/// What to survey.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespaces: Option<Vec<String>>,
    /// As pod/web-0.
    workload: Option<String>,
    since: Option<Since>,
}

/// How long something is recent where nobody says: as long as events are kept.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

impl Tool<Kubernetes> for Survey {
    const NAME: &'static str = "k8s_survey";
    const ABOUT: &'static str = "What is there and what is wrong in namespaces or the whole cluster, in one call. \
Use it first.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let namespaces = asked::namespaces(ask.namespaces)?;
        if ask.workload.is_some() && namespaces.len() > 1 {
            return Err(Failure::invalid(
                "argument `namespaces` must hold one name where `workload` is given",
            ));
        }
        let client = server.client().await?;
        let centre = match &ask.workload {
            Some(workload) => Some(Centre::read(&client, workload).await?),
            None => None,
        };
        let now = client.now();
        let since = match ask.since {
            Some(since) => since.seen_from(now),
            None => now.checked_sub(RECENT).unwrap_or(now),
        };
        let arguments = arguments(&namespaces, ask.workload.as_deref(), ask.since.map(|_| since));
        let is_whole = namespaces.is_empty() && centre.is_none();
        let scope = Scope { namespaces, centre, since };
        let survey = survey::run(&client, scope, call.deadline).await?;
        let mut answer = Answer {
            summary: words::summary(&survey, is_whole, since),
            problems: words::problems(&survey, since),
            table: words::table(&survey),
            quotes: words::warnings(&survey, since),
            next: words::next(&survey, since),
            examined: Examined {
                namespaces: if is_whole { Vec::new() } else { survey.namespaces.clone() },
                denied: survey.record.denied(),
                window: Some(Window { start: since, end: now }),
                ..Examined::default()
            },
            ..Answer::default()
        };
        let mut testimony = survey.record.into_testimony();
        if !testimony.gaps.is_empty() {
            let gaps: Vec<String> =
                testimony.gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect();
            answer.examined.incomplete = Some(gaps.join("; "));
        }
        let spent = client.spent();
        testimony.server = NAME.to_owned();
        testimony.tool = Self::NAME.to_owned();
        testimony.arguments = arguments;
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        answer.testimony = testimony;
        Ok(answer)
    }
}

/// The arguments as they can be given again.
fn arguments(
    namespaces: &[String],
    workload: Option<&str>,
    since: Option<impl Serialize>,
) -> Value {
    let mut arguments = serde_json::Map::new();
    if !namespaces.is_empty() {
        arguments.insert("namespaces".to_owned(), json!(namespaces));
    }
    if let Some(workload) = workload {
        arguments.insert("workload".to_owned(), json!(workload));
    }
    if let Some(since) = since {
        arguments.insert("since".to_owned(), json!(since));
    }
    Value::Object(arguments)
}
