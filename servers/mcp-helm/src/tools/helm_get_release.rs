//! One revision of a release: how it is, the values that were given, what was made of them, notes or hooks.

use crate::search;
use crate::server::Helm;
use crate::views::{self, Revision};
use clients::helm::kept::Kept;
use clients::helm::redact::Secrets;
use evidence::testimony::Source;
use mcp::answer::Answer;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::timeout_at;

/// The tool.
pub struct GetRelease;

/// Which release, and what of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: String,
    resource: Option<Part>,
    revision: Option<u32>,
    /// A part, as image.tag, or Deployment/web.spec.
    path: Option<String>,
}

// What of a release. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Part {
    #[default]
    Status,
    Values,
    Manifest,
    Notes,
    Hooks,
}

impl Tool<Helm> for GetRelease {
    const NAME: &'static str = "helm_get_release";
    const ABOUT: &'static str = "A Helm release: status, chart and objects; or its values, manifest, notes or hooks, \
redacted. Use it for why it failed.";
    type Ask = Ask;

    async fn answer(server: &Helm, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let part = ask.resource.unwrap_or_default();
        if ask.path.is_some() && matches!(part, Part::Status | Part::Notes) {
            return Err(Failure::invalid(
                "argument `path` goes with `resource` values, manifest or hooks alone",
            ));
        }
        let client = server.client().await?;
        let mut search =
            search::of_release(&client, &ask.namespace, &ask.name, call.deadline).await?;
        let kept = chosen(&search.kept, ask.revision)?;
        let got = timeout_at(search::read_by(call.deadline), client.release(kept)).await;
        let got = got.map_err(|_| views::late(kept))?;
        let got = got.map_err(|refusal| views::unread(kept, Failure::from(&refusal)))?;
        let path = ask.path.as_deref();
        let now = client.now();
        let secrets = Secrets::of(&[&got.release]);
        let warning = views::warning(&secrets);
        let revision = Revision { release: &got.release, secrets, kept, all: &search.kept, now };
        let view = match part {
            Part::Status => views::status::of(&revision)?,
            Part::Values => views::values::of(&revision, path)?,
            Part::Manifest => views::manifest::of(&revision, path)?,
            Part::Notes => views::notes(&revision),
            Part::Hooks => views::hooks::of(&revision, path)?,
        };
        search.spent(&client);
        let mut testimony = search.testimony;
        testimony.sources.push(Source {
            method: "GET".to_owned(),
            path: got.path,
            observed_at: got.observed_at,
        });
        Ok(Answer {
            examined: search.examined,
            warnings: search.warnings.into_iter().chain(warning).chain(view.warnings).collect(),
            testimony,
            ..view
        })
    }
}

/// The revision that was asked for, or the newest.
fn chosen(kept: &[Kept], revision: Option<u32>) -> Result<&Kept, Failure> {
    let wanted = match revision {
        Some(revision) => kept.iter().find(|it| it.revision == revision),
        None => kept.last(),
    };
    wanted.ok_or_else(|| views::no_revision(kept, revision.unwrap_or_default()))
}
