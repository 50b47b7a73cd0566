//! A listing in words: counts, what is wrong, and the rows worth showing.

use crate::listing::{Listing, Row};
use clients::kubernetes::resource::Resource;
use evidence::entity::Entity;
use mcp::answer::{Page, Quote, Table};
use mcp::cursor;
use mcp::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Which objects to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// All of them.
    #[default]
    All,
    /// Those with which something is wrong.
    Unhealthy,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    /// What is wrong first, then by name.
    #[default]
    Problems,
    /// By namespace and name.
    Name,
    /// The youngest first.
    Age,
    /// The most often restarted first.
    Restarts,
}

/// How much to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    /// Rows with the cells that matter most.
    #[default]
    Table,
    /// Rows with all cells.
    Wide,
    /// Names alone.
    Names,
    /// Counts alone.
    Count,
}

/// More healthy objects than this are counted by their workload.
const ROLLED_UP_ABOVE: usize = 30;
/// Problems that are said in full; the rows hold the others.
const MOST_PROBLEMS: usize = 20;
/// Names on the row of those that fail alike, beside the first.
const MOST_NAMES: usize = 9;

/// Which of the rows to show.
pub(crate) struct Asked<'a> {
    /// How many at most.
    pub(crate) limit: u64,
    /// After which.
    pub(crate) cursor: Option<&'a str>,
    /// Each object by itself, since the columns were chosen.
    pub(crate) apart: bool,
}

/// A listing as it is shown.
pub(crate) struct Shown {
    /// One sentence with totals.
    pub(crate) summary: String,
    /// What is wrong, one line each.
    pub(crate) problems: Vec<String>,
    /// The rows.
    pub(crate) table: Table,
    /// What components say of what is wrong.
    pub(crate) quotes: Vec<Quote>,
    /// How many of them there are.
    pub(crate) page: Option<Page>,
    /// Calls worth making next.
    pub(crate) next: Vec<String>,
}

/// Shows the listing.
pub(crate) fn show(
    listing: &Listing,
    resource: &Resource,
    status: Status,
    sort: Sort,
    output: Output,
    page: &Asked<'_>,
) -> Result<Shown, Failure> {
    let mut rows: Vec<&Row> = listing.rows.iter().collect();
    let unwell = rows.iter().filter(|row| row.trouble.is_some()).count();
    let summary = summary(listing, resource, rows.len(), unwell);
    if status == Status::Unhealthy {
        rows.retain(|row| row.trouble.is_some());
    }
    order(&mut rows, sort);
    let (problems, quotes) = problems(&rows);
    let next = next(&rows);
    if output == Output::Count {
        return Ok(Shown { summary, problems, table: counts(&rows), quotes, page: None, next });
    }
    let mut lines: Vec<Line<'_>> = rows.iter().map(|row| Line::One(row)).collect();
    let many = rows.len() - unwell.min(rows.len()) > ROLLED_UP_ABOVE;
    if many && sort == Sort::Problems && !page.apart {
        lines = rolled_up(&rows, output == Output::Wide);
    }
    let identities: Vec<String> = lines.iter().map(identity).collect();
    let exact = listing.incomplete.is_none();
    let part = cursor::part(page.cursor, &identities, page.limit, exact)?;
    let lines = lines.get(part.rows).unwrap_or_default();
    let spread = resource.namespaced && listing.namespaces.is_empty();
    let table = table(lines, listing, output, spread);
    if page.cursor.is_some() {
        // What is wrong was said with the first rows.
        let (problems, quotes, next) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(Shown { summary, problems, table, quotes, page: Some(part.page), next });
    }
    Ok(Shown { summary, problems, table, quotes, page: Some(part.page), next })
}

/// What tells a line from the others, whatever happens to its cells.
fn identity(line: &Line<'_>) -> String {
    match line {
        Line::One(row) => row.known.entity.to_string(),
        Line::Alike(_, owner, count) => format!("{owner} {count}"),
        Line::Failing(row, names) => format!("{} {}", row.known.entity.namespace, names.join(" ")),
    }
}

/// One line of the table.
enum Line<'a> {
    One(&'a Row),
    /// So many that are well, of one workload.
    Alike(&'a Row, &'a Entity, usize),
    /// Those of one workload that fail alike, by their names.
    Failing(&'a Row, Vec<&'a str>),
}

fn summary(listing: &Listing, resource: &Resource, all: usize, unwell: usize) -> String {
    let place = match listing.namespaces.as_slice() {
        _ if !resource.namespaced => "the cluster".to_owned(),
        [] => "all namespaces".to_owned(),
        namespaces => format!("namespace {}", namespaces.join(", ")),
    };
    if listing.testimony.sources.is_empty() {
        return format!("{resource} of {place} could not be read: denied.");
    }
    let plural = &resource.plural;
    match (all, unwell) {
        (0, _) => format!("No {plural} in {place}."),
        (all, 0) => format!("{all} {plural} in {place}, nothing wrong with them by what they say."),
        (all, unwell) => format!("{all} {plural} in {place}, {unwell} of them not well."),
    }
}

fn order(rows: &mut [&Row], sort: Sort) {
    rows.sort_by(|left, right| left.known.entity.cmp(&right.known.entity));
    match sort {
        Sort::Name => {}
        Sort::Problems => rows.sort_by_key(|row| row.trouble.is_none()),
        Sort::Age => rows.sort_by_key(|row| Reverse(row.known.created)),
        Sort::Restarts => rows.sort_by_key(|row| Reverse(row.known.restarts)),
    }
}

/// What is wrong, those of one workload that fail alike as one, and what components say of each.
fn problems(rows: &[&Row]) -> (Vec<String>, Vec<Quote>) {
    let (mut lines, mut words) = (Vec::new(), Vec::new());
    let mut alike: BTreeMap<(&Entity, &str), usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.trouble.is_some()) {
        *alike.entry(failure(row)).or_default() += 1;
    }
    let all = alike.len();
    for row in rows {
        let Some(trouble) = &row.trouble else { continue };
        let Some(count) = alike.remove(&failure(row)) else { continue };
        if lines.len() == MOST_PROBLEMS {
            lines.push(format!("... and {} more", all - MOST_PROBLEMS));
            break;
        }
        let others = match (&row.known.owner, count) {
            (Some(owner), 2..) => format!(" and {} more of {owner}", count - 1),
            _ => String::new(),
        };
        lines.push(format!("{}{others}: {}", row.known.entity, trouble.says));
        if !trouble.words.is_empty() {
            words.push(format!("{}: {}", row.known.entity, trouble.words));
        }
    }
    if words.is_empty() {
        return (lines, Vec::new());
    }
    let label = "what components say of them".to_owned();
    (lines, vec![Quote { label, text: words.join("\n") }])
}

/// Whose failure it is, and of which sort.
fn failure(row: &Row) -> (&Entity, &str) {
    (
        row.known
            .owner
            .as_ref()
            .filter(|_| !row.known.status.is_empty())
            .unwrap_or(&row.known.entity),
        &row.known.status,
    )
}

/// How many there are of each status; of each namespace, where their kind has no status.
fn counts(rows: &[&Row]) -> Table {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let status = match (row.known.status.as_str(), &row.trouble) {
            ("", None) => "well",
            ("", Some(_)) => "not well",
            (status, _) => status,
        };
        *counts.entry(status).or_default() += 1;
    }
    let rows = counts.into_iter().map(|(status, count)| vec![status.to_owned(), count.to_string()]);
    Table { columns: ["STATUS", "COUNT"].map(str::to_owned).to_vec(), rows: rows.collect() }
}

/// The rows, those that are well and share a workload as one, and so those of it that fail alike; each of these by itself
/// where `apart`, since wide cells differ.
fn rolled_up<'a>(rows: &[&'a Row], apart: bool) -> Vec<Line<'a>> {
    // Looked up alone, so that their order does not matter; there may be one for each of thousands of rows.
    let mut well: HashMap<&Entity, usize> = HashMap::new();
    let mut failing: HashMap<(&Entity, &str), Vec<&str>> = HashMap::new();
    for row in rows {
        match (&row.trouble, &row.known.owner) {
            (None, Some(owner)) => *well.entry(owner).or_default() += 1,
            (None, None) => {}
            (Some(_), _) => failing.entry(failure(row)).or_default().push(&row.known.entity.name),
        }
    }
    let mut lines = Vec::new();
    for row in rows {
        match (&row.trouble, &row.known.owner) {
            (None, Some(owner)) => {
                lines.extend(well.remove(owner).map(|count| Line::Alike(row, owner, count)));
            }
            (Some(_), _) if !apart => {
                lines.extend(failing.remove(&failure(row)).map(|names| Line::Failing(row, names)));
            }
            _ => lines.push(Line::One(row)),
        }
    }
    lines
}

/// `web-7d4b9c8f6d-aaaaa, -bbbbb, -ccccc`.
fn together(names: &[&str]) -> String {
    let Some((first, others)) = names.split_first() else { return String::new() };
    let stem = first.rfind('-').and_then(|at| first.get(..at)).unwrap_or(first);
    let mut text = (*first).to_owned();
    for name in others.iter().take(MOST_NAMES) {
        let end = name.strip_prefix(stem).filter(|end| end.starts_with('-'));
        text = format!("{text}, {}", end.unwrap_or(name));
    }
    match others.len().saturating_sub(MOST_NAMES) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn table(lines: &[Line<'_>], listing: &Listing, output: Output, spread: bool) -> Table {
    let mut table = Table { columns: listing.columns.clone(), rows: Vec::new() };
    if output == Output::Names {
        table.columns.truncate(1);
    }
    if spread && !table.columns.is_empty() {
        table.columns.insert(0, "NAMESPACE".to_owned());
    }
    for line in lines {
        let (Line::One(row) | Line::Alike(row, ..) | Line::Failing(row, _)) = line;
        let mut cells = row.cells(listing.now, listing.wide);
        match (line, cells.first_mut()) {
            (Line::Alike(_, owner, count), Some(name)) => {
                *name = format!("{}/{}: {count} alike", owner.kind.to_lowercase(), owner.name);
            }
            (Line::Failing(_, names), Some(name)) => *name = together(names),
            _ => {}
        }
        if output == Output::Names {
            cells.truncate(1);
        }
        if spread {
            cells.insert(0, row.known.entity.namespace.clone());
        }
        table.rows.push(cells);
    }
    table
}

/// The log of the first pod that crashed, or a closer look at the first object that is not well.
fn next(rows: &[&Row]) -> Vec<String> {
    let unwell = || rows.iter().filter(|row| row.trouble.is_some());
    let Some(row) = unwell().find(|row| row.known.crashed).or_else(|| unwell().next()) else {
        return Vec::new();
    };
    let Entity { kind, namespace, name } = &row.known.entity;
    if row.known.crashed {
        return vec![format!("k8s_get_pod_logs(namespace={namespace}, pod_name={name})")];
    }
    let place = match namespace.as_str() {
        "" => String::new(),
        namespace => format!(", namespace={namespace}"),
    };
    vec![format!("k8s_describe_resource(resource_type={kind}, resource_name={name}{place})")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::known::Known;
    use crate::unwell::Trouble;
    use clients::kubernetes::reads::PODS;
    use evidence::fact::Body;
    use evidence::fact::meta::Meta;
    use evidence::fact::pod::Pod;
    use evidence::testimony::{Source, Testimony};
    use std::sync::Arc;

    fn pod(name: &str, ready: bool) -> Row {
        let meta = Meta {
            namespace: "shop".to_owned(),
            name: name.to_owned(),
            owner: Some(Entity::new("Deployment", "shop", "web")),
            ..Meta::default()
        };
        let pod = Pod { meta, phase: "Running".to_owned(), ..Pod::default() };
        let known = Arc::new(Known::of(Body::Pod(pod)));
        let trouble = (!ready).then(Trouble::default);
        Row { known, special: None, parts: Vec::new(), trouble }
    }

    fn listing(rows: Vec<Row>) -> Listing {
        let path = "/api/v1/pods".to_owned();
        let source =
            Source { method: "GET".to_owned(), path, observed_at: jiff::Timestamp::UNIX_EPOCH };
        Listing {
            columns: ["NAME", "STATUS"].map(str::to_owned).to_vec(),
            rows,
            namespaces: vec!["shop".to_owned()],
            testimony: Testimony { sources: vec![source], ..Testimony::default() },
            ..Listing::default()
        }
    }

    fn names(listing: &Listing, limit: u64) -> Vec<String> {
        let page = Asked { limit, cursor: None, apart: false };
        let shown = show(listing, &PODS, Status::All, Sort::Problems, Output::Table, &page);
        let shown = shown.unwrap();
        shown.table.rows.into_iter().filter_map(|row| row.into_iter().next()).collect()
    }

    #[test]
    fn many_that_are_well_are_counted_by_their_workload_and_those_that_are_not_stay() {
        let mut rows: Vec<Row> =
            (0..40).map(|number| pod(&format!("web-{number}"), true)).collect();
        rows.push(pod("web-sick", false));
        assert_eq!(names(&listing(rows), 50), ["web-sick", "deployment/web: 40 alike"]);
    }

    #[test]
    fn those_that_fail_alike_share_a_row_where_there_are_many() {
        let many = (0..40).map(|number| pod(&format!("web-{number}"), true));
        let sick = (0..12).map(|number| pod(&format!("web-9x-{number:02}"), false));
        let expected = "web-9x-00, -01, -02, -03, -04, -05, -06, -07, -08, -09 and 2 more";
        assert_eq!(
            names(&listing(many.chain(sick).collect()), 50),
            [expected, "deployment/web: 40 alike"]
        );
    }

    #[test]
    fn what_fails_alike_in_one_workload_is_one_problem() {
        let listing = listing((0..3).map(|number| pod(&format!("web-{number}"), false)).collect());
        let page = Asked { limit: 50, cursor: None, apart: false };
        let shown = show(&listing, &PODS, Status::All, Sort::Problems, Output::Table, &page);
        let shown = shown.unwrap();
        assert_eq!(shown.problems, ["Pod shop/web-0 and 2 more of Deployment shop/web: "]);
        assert_eq!(shown.table.rows.len(), 3);
    }

    #[test]
    fn few_are_shown_one_by_one_up_to_the_limit() {
        let rows = (0..5).map(|number| pod(&format!("web-{number}"), true)).collect();
        assert_eq!(names(&listing(rows), 3), ["web-0", "web-1", "web-2"]);
    }
}
