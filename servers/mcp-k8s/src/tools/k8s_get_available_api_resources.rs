//! Which kinds the cluster serves: group by group, or each kind of one.

use crate::rights::VERBS;
use crate::server::{Kubernetes, NAME};
use clients::kubernetes::discovery::{Discovery, Served};
use evidence::testimony::{Cost, Gap, Testimony};
use mcp::age::counted;
use mcp::answer::{Answer, Examined, Page, Table};
use mcp::failure::Failure;
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The tool.
pub struct GetAvailableApiResources;

/// Which kinds to show.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    group: Option<String>,
    verb: Option<String>,
}

/// How the group without a name is called.
const CORE: &str = "core";
/// More groups, or kinds of one, than any cluster that we know.
const MOST_ROWS: usize = 300;
/// Letters of kinds that fit one cell.
const CELL: usize = 220;

impl Tool<Kubernetes> for GetAvailableApiResources {
    const NAME: &'static str = "k8s_get_available_api_resources";
    const ABOUT: &'static str =
        "API groups, kinds and versions, custom first. Use it to find a resource_type.";
    type Ask = Ask;

    async fn answer(server: &Kubernetes, ask: Ask, _: &Call) -> Result<Answer, Failure> {
        let verb = ask.verb.as_deref();
        if let Some(verb) = verb.filter(|verb| !VERBS.contains(verb)) {
            return Err(Failure::invalid(format!(
                "argument `verb` must be one of {}, not {verb}",
                VERBS.join(", ")
            )));
        }
        let client = server.client().await?;
        let discovery = client.discover().await.map_err(|refusal| Failure::from(&refusal))?;
        let groups = by_group(&discovery, verb);
        let (summary, table) = match &ask.group {
            Some(group) => of_group(&discovery, &groups, group, verb)?,
            None => of_all(&groups, verb),
        };
        let spent = client.spent();
        let total = table.rows.len() as u64;
        let mut table = table;
        table.rows.truncate(MOST_ROWS);
        let stale = &discovery.stale;
        let (returned, exact) = (table.rows.len() as u64, stale.is_empty());
        let page = Page { returned, total, exact, cursor: None };
        let says = |it: &String| {
            format!("{it} is registered and does not answer: its kinds are not known")
        };
        let why = (!stale.is_empty()).then(|| format!("{} did not answer", stale.join(", ")));
        Ok(Answer {
            summary,
            problems: stale.iter().map(says).collect(),
            table,
            page: Some(page),
            next: stale
                .first()
                .map(|_| "k8s_get_resources(resource_type=apiservices)".to_owned())
                .into_iter()
                .collect(),
            examined: Examined { incomplete: why, ..Examined::default() },
            testimony: Testimony {
                gaps: stale.iter().map(|group| gap(group)).collect(),
                cost: Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes },
                ..Testimony::default()
            },
            ..Answer::default()
        })
    }
}

/// The kinds that can be done `verb` with, by the name of their group.
fn by_group<'a>(
    discovery: &'a Discovery,
    verb: Option<&str>,
) -> BTreeMap<&'a str, Vec<&'a Served>> {
    let mut groups: BTreeMap<&str, Vec<&Served>> = BTreeMap::new();
    let can = |kind: &&Served| verb.is_none_or(|verb| kind.verbs.iter().any(|it| it == verb));
    for kind in discovery.kinds.iter().filter(can) {
        groups.entry(name(kind)).or_default().push(kind);
    }
    groups
}

fn name(kind: &Served) -> &str {
    match kind.resource.group.as_ref() {
        "" => CORE,
        group => group,
    }
}

/// A group that others than Kubernetes itself define.
fn is_custom(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// One row for each group, custom ones first.
fn of_all(groups: &BTreeMap<&str, Vec<&Served>>, verb: Option<&str>) -> (String, Table) {
    let (custom, own): (Vec<_>, Vec<_>) = groups.iter().partition(|(group, _)| is_custom(group));
    let kinds: usize = groups.values().map(Vec::len).sum();
    let summary = format!(
        "{}{} in {}, {} of them custom.",
        counted(kinds, "kind"),
        can(verb),
        counted(groups.len(), "API group"),
        custom.len()
    );
    let row = |(group, kinds): &(&&str, &Vec<&Served>)| {
        let versions: BTreeSet<&str> =
            kinds.iter().flat_map(|it| &it.versions).map(String::as_str).collect();
        let versions: Vec<&str> = versions.into_iter().collect();
        vec![(**group).to_owned(), versions.join(","), briefly(kinds)]
    };
    let columns = ["GROUP", "VERSIONS", "KINDS"].map(str::to_owned).to_vec();
    (summary, Table { columns, rows: custom.iter().chain(&own).map(row).collect() })
}

/// Plurals as far as they fit a cell, each with its short name.
fn briefly(kinds: &[&Served]) -> String {
    let mut text = String::new();
    for (at, kind) in kinds.iter().enumerate() {
        let short = kind.short_names.first().map(|short| format!("({short})")).unwrap_or_default();
        let word = format!("{}{short}", kind.resource.plural);
        if text.len() + word.len() > CELL {
            return format!("{text} and {} more", kinds.len() - at);
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
    }
    text
}

/// One row for each kind of a group.
///
/// # Errors
/// Where no such group is served, with those that resemble it.
fn of_group(
    discovery: &Discovery,
    groups: &BTreeMap<&str, Vec<&Served>>,
    wanted: &str,
    verb: Option<&str>,
) -> Result<(String, Table), Failure> {
    let wanted = if wanted.is_empty() { CORE } else { wanted };
    let is_served = discovery.kinds.iter().any(|kind| name(kind) == wanted);
    let is_stale = discovery.stale.iter().any(|it| it.split('/').next() == Some(wanted));
    if !is_served && !is_stale {
        let all: BTreeSet<&str> = discovery.kinds.iter().map(name).collect();
        return Err(Failure {
            hint: offer(wanted, all),
            ..Failure::invalid("argument `group` must be an API group that the cluster serves")
        });
    }
    let none = Vec::new();
    let kinds = groups.get(wanted).unwrap_or(&none);
    let summary = match kinds.as_slice() {
        [] if is_stale => format!("Kinds of group {wanted} are not known: it does not answer."),
        kinds => format!("{}{} in group {wanted}.", counted(kinds.len(), "kind"), can(verb)),
    };
    let row = |it: &&Served| {
        let namespaced = if it.resource.namespaced { "yes" } else { "no" };
        vec![
            it.resource.plural.to_string(),
            it.short_names.join(","),
            it.resource.kind.to_string(),
            namespaced.to_owned(),
            it.versions.join(","),
            it.verbs.join(","),
        ]
    };
    let columns = ["NAME", "SHORT", "KIND", "NAMESPACED", "VERSIONS", "VERBS"];
    let columns = columns.map(str::to_owned).to_vec();
    Ok((summary, Table { columns, rows: kinds.iter().map(row).collect() }))
}

fn can(verb: Option<&str>) -> String {
    verb.map(|verb| format!(" with {verb}")).unwrap_or_default()
}

fn gap(group: &str) -> Gap {
    Gap {
        server: NAME.to_owned(),
        what: format!("kinds of {group}"),
        why: "the group is registered and does not answer".to_owned(),
        remedy: "see why its server does not: k8s_get_resources(resource_type=apiservices)"
            .to_owned(),
    }
}
