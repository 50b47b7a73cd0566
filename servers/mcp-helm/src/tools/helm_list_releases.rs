//! The releases there are, each by its newest revision, told by labels alone.

use crate::releases::{Release, releases};
use crate::search::{self, Search};
use crate::server::Helm;
use clients::helm::kept::{Driver, Kept};
use jiff::Timestamp;
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
    namespace: Option<String>,
    /// false: only the kubeconfig's own.
    all_namespaces: Option<bool>,
    status: Option<Status>,
    /// Regular expression on names.
    filter: Option<String>,
    /// Rows; 50, at most 500.
    limit: Option<u64>,
}

// How the newest revision is. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Deployed,
    Failed,
    Pending,
    Uninstalled,
    Other,
}

/// Rows where nobody says how many.
const ROWS: u64 = 50;
const MOST_ROWS: u64 = 500;
/// Bytes of a compiled expression.
const MOST_EXPRESSION: usize = 1 << 20;

impl Tool<Helm> for ListReleases {
    const NAME: &'static str = "helm_list_releases";
    const ABOUT: &'static str = "Helm releases by status and age, what failed or hangs first. Use it to see what Helm \
installed where.";
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
            ask.status.is_none_or(|status| status == Status::of(&it.newest.status))
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
                exact: search.is_whole(),
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
    fn of(word: &str) -> Status {
        match word {
            "deployed" => Status::Deployed,
            "failed" => Status::Failed,
            "uninstalled" => Status::Uninstalled,
            pending if pending.starts_with("pending-") => Status::Pending,
            _ => Status::Other,
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
    if wanted.is_empty() && !search.is_whole() {
        return format!("No releases{fit} are seen {place}; not all that may hold some was read.");
    }
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
