//! What was said about an Application of Argo CD lately.

use crate::applications;
use crate::server::{Kubernetes, NAME};
use crate::{address, said};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::EVENTS;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::{Body, Fact};
use evidence::testimony::{Cost, Testimony};
use jiff::SignedDuration;
use mcp::age::{age, counted};
use mcp::answer::{Answer, Examined, Quote};
use mcp::arguments::Since;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tool.
pub struct AppEvents;

/// About which one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: Option<String>,
    since: Option<Since>,
}

/// As long as the API server keeps events, unless it is told otherwise.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// Events that are shown.
const MOST: usize = 30;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);

impl Tool<Kubernetes> for AppEvents {
    const NAME: &'static str = "argocd_app_events";
    const ABOUT: &'static str =
        "Events about an Application, grouped, warnings first. Use it for failed syncs.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let found = applications::find(&client, &ask.name, ask.namespace.as_deref()).await?;
        let it = &found.application;
        let namespace = it.metadata.namespace.clone().unwrap_or_default();
        let entity = Entity::new("Application", &namespace, &ask.name);
        let deadline = call.deadline.checked_sub(TO_ANSWER).unwrap_or(call.deadline);
        let reach = Reach::Namespace(&namespace);
        let heard = said::read(&client, reach, said::about(&entity), deadline).await;
        let heard = heard.map_err(|failure| address::with_right(failure, &EVENTS))?;
        let now = client.now();
        let since = ask.since.map(|since| since.seen_from(now));
        let since = since.unwrap_or_else(|| now.checked_sub(RECENT).unwrap_or(now));
        let recent: Vec<&Event> = heard.events.iter().filter(|it| it.last >= Some(since)).collect();
        let sayings = said::sayings(&recent, true);
        let lines: Vec<String> = sayings.iter().take(MOST).map(|it| said::line(it, now)).collect();
        let warnings = sayings.iter().filter(|it| it.warning).count();
        let (back, all) = (age(now, Some(since)), counted(sayings.len(), "kind"));
        let spent = client.spent();
        let label = "events".to_owned();
        Ok(Answer {
            summary: format!(
                "{} In the last {back} {all} of events, {warnings} of warnings.",
                it.summary()
            ),
            quotes: match lines.is_empty() {
                true => Vec::new(),
                false => vec![Quote { label, text: lines.join("\n") }],
            },
            examined: Examined {
                namespaces: vec![namespace.clone()],
                incomplete: heard.cut.clone(),
                ..Examined::default()
            },
            testimony: Testimony {
                server: NAME.to_owned(),
                sources: vec![heard.source],
                facts: heard
                    .events
                    .into_iter()
                    .map(|it| Fact { source: 0, body: Body::Event(it) })
                    .collect(),
                cost: Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes },
                ..Testimony::default()
            },
            ..Answer::default()
        })
    }
}
