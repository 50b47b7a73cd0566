//! How the objects of an Application that are not in sync differ from what was last applied.

use crate::applications;
use crate::applications::application::{Part, short};
use crate::applications::drift;
use crate::server::{Kubernetes, NAME};
use evidence::testimony::{Cost, Gap, Testimony};
use futures::future::join_all;
use mcp::age::counted;
use mcp::answer::{Answer, Examined, Quote};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct AppDiff;

/// Of which one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: Option<String>,
}

/// Objects that are compared, all at once.
const MOST_PARTS: usize = 10;
/// Fields of one object that are shown.
const MOST_LINES: usize = 15;

impl Tool<Kubernetes> for AppDiff {
    const NAME: &'static str = "argocd_app_diff";
    const ABOUT: &'static str = "Fields of an Application's OutOfSync objects that differ from what was last \
applied. Use it for drift.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let client = server.client().await?;
        let found = applications::find(&client, &ask.name, ask.namespace.as_deref()).await?;
        let it = &found.application;
        let is_off = |part: &&Part| part.status == "OutOfSync";
        let off: Vec<&Part> = it.status.resources.iter().filter(is_off).collect();
        let destination = &it.spec.destination;
        // Elsewhere an object of the same name is another one.
        let most = if destination.is_here() { MOST_PARTS } else { 0 };
        let looked_at: Vec<&Part> = off.iter().take(most).copied().collect();
        let asked: Vec<_> = looked_at.iter().map(|part| drift::of(&client, part)).collect();
        let drifts = join_all(asked).await;
        let mut testimony = Testimony {
            server: NAME.to_owned(),
            sources: vec![found.source],
            ..Testimony::default()
        };
        let (mut lines, mut unseen, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (part, drift) in looked_at.iter().zip(drifts) {
            let entity = part.entity();
            match drift {
                Ok(drift) => {
                    let count = counted(drift.differences.len(), "field");
                    problems.push(format!("{entity}: {count} otherwise than last applied"));
                    let shown = drift.differences.iter().take(MOST_LINES);
                    lines.extend(shown.map(|it| format!("{entity} {}", it.line())));
                    let more = drift.differences.len().saturating_sub(MOST_LINES);
                    if more > 0 {
                        lines.push(format!("{entity} … {more} more fields"));
                    }
                    testimony.sources.push(drift.source);
                }
                Err(why) => unseen.push(format!("{entity}: {why}")),
            }
        }
        let elsewhere = (!destination.is_here())
            .then(|| format!("live objects: they are in cluster {}", destination.cluster()));
        if elsewhere.is_none() && off.len() > MOST_PARTS {
            unseen.push(format!("{} more objects were not compared", off.len() - MOST_PARTS));
        }
        let sync = &it.status.sync;
        let target = short(&sync.revision, &sync.revisions);
        unseen.push(format!("manifests of {target}: they are in the source, which is not read"));
        let remedy = "compare with the source, as `argocd app diff` does";
        testimony.gaps = unseen.iter().map(|it| gap(it, remedy)).collect();
        testimony.gaps.extend(elsewhere.iter().map(|it| gap(it, "ask there for its objects")));
        unseen.extend(elsewhere);
        let spent = client.spent();
        testimony.cost = Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let label = "wanted when last applied → live".to_owned();
        let quotes = match lines.is_empty() {
            true => Vec::new(),
            false => vec![Quote { label, text: lines.join("\n") }],
        };
        Ok(Answer {
            summary: format!(
                "{} Not in sync: {} of {}.",
                it.summary(),
                off.len(),
                counted(it.status.resources.len(), "object")
            ),
            problems,
            quotes,
            examined: Examined {
                namespaces: it.metadata.namespace.clone().into_iter().collect(),
                incomplete: Some(unseen.join("; ")),
                ..Examined::default()
            },
            testimony,
            ..Answer::default()
        })
    }
}

fn gap(unseen: &str, remedy: &str) -> Gap {
    let (what, why) = unseen.split_once(": ").unwrap_or((unseen, ""));
    Gap {
        server: NAME.to_owned(),
        what: what.to_owned(),
        why: why.to_owned(),
        remedy: remedy.to_owned(),
    }
}
