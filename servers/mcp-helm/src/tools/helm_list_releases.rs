//! The releases there are, each by its newest revision, told by labels alone.

use crate::search::{self, Search};
use crate::server::Helm;
use clients::helm::kept::{Driver, Kept};
use jiff::{SignedDuration, Timestamp};
use mcp::age::age;
use mcp::answer::{Answer, Page, Table};
use mcp::arguments::limit;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListReleases;

/// Which releases.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Namespace; all where left out.
    namespace: Option<String>,
    /// false: only the kubeconfig's own namespace.
    all_namespaces: Option<bool>,
    /// Only these.
    status: Option<Status>,
    /// Regular expression that names match.
    filter: Option<String>,
    /// Rows; 50 by default, 500 at most.
    limit: Option<u64>,
}

/// How the newest revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Deployed,
    Failed,
    Pending,
    Superseded,
    Uninstalled,
    Uninstalling,
    Unknown,
}

/// Rows where nobody says how many.
const ROWS: u64 = 50;
const MOST_ROWS: u64 = 500;
/// Helm gives up after five minutes unless told otherwise, so what takes longer was most likely left.
const TAKES: SignedDuration = SignedDuration::from_mins(5);
/// Bytes of a compiled expression.
const MOST_EXPRESSION: usize = 1 << 20;

impl Tool<Helm> for ListReleases {
    const NAME: &'static str = "helm_list_releases";
    const ABOUT: &'static str = "Helm releases with revision, status and age, failed and stuck ones first. \
Use it to see what Helm installed where; helm_get_release tells charts and values.";
    type Ask = Ask;

    async fn answer(server: &Helm, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let most = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let expression = ask.filter.as_deref().map(|text| {
            RegexBuilder::new(text).size_limit(MOST_EXPRESSION).build().map_err(|_| {
                Failure::invalid("argument `filter` must be a regular expression, such as ^web")
            })
        });
        let expression = expression.transpose()?;
        let client = server.client().await?;
        let namespace = match (ask.namespace, ask.all_namespaces) {
            (Some(namespace), _) => Some(namespace),
            (None, Some(false)) => Some(client.cluster().namespace.clone()),
            (None, _) => None,
        };
        let mut search = search::search(&client, namespace.as_deref(), None, call.deadline).await?;
        if search.kept.is_empty()
            && search.examined.denied.is_empty()
            && let Some(failure) = search::no_namespace(&client, namespace.as_deref()).await
        {
            return Err(failure);
        }
        let all = releases(std::mem::take(&mut search.kept));
        let is_wanted = |it: &Release| {
            ask.status.is_none_or(|status| status.is_that_of(&it.newest.status))
                && expression.as_ref().is_none_or(|it_is| it_is.is_match(&it.newest.release))
        };
        let now = client.now();
        let mut wanted: Vec<Release> = all.into_iter().filter(is_wanted).collect();
        wanted.sort_by_key(|it| it.trouble(now).is_none());
        let selected = ask.status.is_some() || expression.is_some();
        let shown = wanted.get(..usize::try_from(most).unwrap_or(usize::MAX));
        let shown = shown.unwrap_or(&wanted);
        search.spent(&client);
        Ok(Answer {
            summary: summary(&wanted, selected, &search),
            problems: wanted.iter().filter_map(|it| it.trouble(now)).collect(),
            table: table(shown, now),
            page: Some(Page {
                returned: shown.len() as u64,
                total: wanted.len() as u64,
                exact: search.examined.incomplete.is_none(),
                cursor: None,
            }),
            next: next(&wanted, now),
            examined: search.examined,
            warnings: search.warnings,
            testimony: search.testimony,
            ..Answer::default()
        })
    }
}

impl Status {
    fn is_that_of(self, word: &str) -> bool {
        match self {
            Status::Deployed => word == "deployed",
            Status::Failed => word == "failed",
            Status::Pending => word.starts_with("pending"),
            Status::Superseded => word == "superseded",
            Status::Uninstalled => word == "uninstalled",
            Status::Uninstalling => word == "uninstalling",
            Status::Unknown => word == "unknown",
        }
    }
}

/// A release, by its newest revision.
struct Release {
    newest: Kept,
    /// How many revisions are kept.
    revisions: usize,
    /// The newest revision that is marked as deployed.
    deployed: Option<u32>,
}

/// The releases of revisions that are in order.
fn releases(kept: Vec<Kept>) -> Vec<Release> {
    let mut releases: Vec<Release> = Vec::new();
    for revision in kept {
        let is_deployed = (revision.status == "deployed").then_some(revision.revision);
        let same = |it: &Release| {
            let newest = &it.newest;
            newest.release == revision.release
                && newest.namespace == revision.namespace
                && newest.driver == revision.driver
        };
        match releases.last_mut().filter(|it| same(it)) {
            Some(release) => {
                release.deployed = is_deployed.or(release.deployed);
                release.revisions += 1;
                release.newest = revision;
            }
            None => {
                releases.push(Release { newest: revision, revisions: 1, deployed: is_deployed });
            }
        }
    }
    releases
}

impl Release {
    /// What is wrong with it; none where nothing is.
    fn trouble(&self, now: Timestamp) -> Option<String> {
        let Kept { namespace, release, revision, status, created, .. } = &self.newest;
        let name = format!("{namespace}/{release}: revision {revision}");
        let fallback = match self.deployed {
            Some(deployed) => format!("revision {deployed} is the last that was deployed"),
            None => "no revision of it is deployed".to_owned(),
        };
        let old = created.is_none_or(|created| now.duration_since(created) > TAKES);
        let since = age(now, *created);
        match status.as_str() {
            "deployed" | "uninstalled" => None,
            "failed" => Some(format!("{name} failed {since} ago; {fallback}")),
            "superseded" => Some(format!("{name} is superseded by none that is kept; {fallback}")),
            pending if pending.starts_with("pending-") || pending == "uninstalling" => {
                old.then(|| {
                    format!(
                        "{name} is {pending} for {since}: whoever ran Helm was most likely interrupted, and Helm refuses to upgrade it meanwhile; {fallback}"
                    )
                })
            }
            other => Some(format!("{name} is {other}; {fallback}")),
        }
    }
}

fn summary(wanted: &[Release], selected: bool, search: &Search) -> String {
    let place = match search.examined.namespaces.as_slice() {
        [] => "in all namespaces".to_owned(),
        namespaces => format!("in namespace {}", namespaces.join(", ")),
    };
    if search.testimony.sources.is_empty() {
        return format!("Releases {place} could not be read: denied.");
    }
    let fit = if selected { " that fit" } else { "" };
    if wanted.is_empty() {
        return format!("No releases{fit} {place} in Secrets and ConfigMaps.");
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for it in wanted {
        *counts.entry(&it.newest.status).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let s = if wanted.len() == 1 { "" } else { "s" };
    format!("{} release{s}{fit} {place}: {}.", wanted.len(), counts.join(", "))
}

fn table(shown: &[Release], now: Timestamp) -> Table {
    // Where all are in Secrets, as they mostly are, that needs no column.
    let in_maps = shown.iter().any(|it| it.newest.driver == Driver::ConfigMap);
    let mut columns = ["NAMESPACE", "NAME", "REVISION", "STATUS", "AGE", "KEPT"].to_vec();
    if in_maps {
        columns.push("IN");
    }
    let row = |it: &Release| {
        let newest = &it.newest;
        let mut row = vec![
            newest.namespace.clone(),
            newest.release.clone(),
            newest.revision.to_string(),
            newest.status.clone(),
            age(now, newest.created),
            it.revisions.to_string(),
        ];
        if in_maps {
            row.push(newest.driver.to_string());
        }
        row
    };
    Table {
        columns: columns.into_iter().map(str::to_owned).collect(),
        rows: shown.iter().map(row).collect(),
    }
}

/// The first that is not well: why, and what changed.
fn next(wanted: &[Release], now: Timestamp) -> Vec<String> {
    let Some(first) = wanted.iter().find(|it| it.trouble(now).is_some()) else {
        return Vec::new();
    };
    let Kept { namespace, release, revision, .. } = &first.newest;
    let mut next = vec![format!("helm_get_release(namespace={namespace}, name={release})")];
    if let Some(deployed) = first.deployed.filter(|deployed| deployed < revision) {
        next.push(format!(
            "helm_release_history(namespace={namespace}, name={release}, diff={deployed}..{revision})"
        ));
    }
    next
}
