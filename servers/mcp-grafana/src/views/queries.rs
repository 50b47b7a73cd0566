//! A dashboard's queries, ready to be run.

use super::{collapsed, short};
use crate::interval::{self, POINTS, told as length_told};
use crate::panels::{Panel, Query};
use crate::record::Record;
use crate::resolve::{Context, Resolved, resolve};
use crate::tools::grafana_get_dashboard::Read;
use crate::variables::{Values, Variable};
use crate::views::sources::Source;
use crate::views::summary::variables;
use mcp::answer::{Answer, Quote, Table};
use mcp::cursor::part;
use mcp::failure::{Code, Failure};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the queries of one answer: the rest of 16 KiB is for the rows.
const MOST_BYTES: usize = 9 * 1024;
/// Bytes of one query: a line that is quoted holds no more, and a part of a query cannot be run.
const MOST_QUERY: usize = 1_900;
/// Queries that are put together: no dashboard that people look at has as many.
const MOST_QUERIES: usize = 1_000;
/// Bytes of a title.
const MOST_TITLE: usize = 60;
/// Variables that are told one by one.
const MOST_PROBLEMS: usize = 12;

/// A query as it is told.
struct Told<'a> {
    panel: &'a Panel,
    query: &'a Query,
    source: Source,
    /// None where it is no text.
    resolved: Option<Resolved>,
    step: String,
    /// The time that its panel shows.
    time: String,
}

/// Tells them, for one panel or for all.
///
/// # Errors
/// Where there is no such panel, or the cursor is none.
pub(crate) fn told(
    read: &Read,
    panel: Option<&str>,
    cursor: Option<&str>,
    record: &mut Record,
) -> Result<Answer, Failure> {
    let is_wanted = |it: &&Panel| panel.is_none_or(|id| it.id == id);
    let panels: Vec<&Panel> = read.panels.iter().filter(is_wanted).collect();
    if let (Some(id), true) = (panel, panels.is_empty()) {
        let there: Vec<&str> = read.panels.iter().map(|it| it.id.as_str()).collect();
        return Err(Failure {
            hint: mcp::nearest::offer(id, there),
            ..Failure::invalid(format!("argument `panel`: the dashboard has no panel {id}"))
        });
    }
    unread(&panels, record);
    let queries = panels.iter().flat_map(|panel| panel.queries.iter().map(|it| (*panel, it)));
    let all: Vec<Told<'_>> =
        queries.take(MOST_QUERIES).map(|(panel, query)| one(read, panel, query)).collect();
    let there: usize = panels.iter().map(|it| it.queries.len()).sum();
    let is_all = there <= MOST_QUERIES;
    if !is_all {
        record.warn(format!(
            "only the first {MOST_QUERIES} of {there} queries are told; ask for a panel"
        ));
    }
    // With variables put in, they change with the clock.
    let identities: Vec<String> = all.iter().map(identity).collect();
    let lines: Vec<String> = all.iter().map(line).collect();
    // Where the cursor leads, and then what fits from there.
    let start = part(cursor, &identities, 1, is_all)?.rows.start;
    let mut room = MOST_BYTES;
    let fits = |line: &&String| {
        let does = line.len() < room;
        room = room.saturating_sub(line.len() + 1);
        does
    };
    let fitting = lines.iter().skip(start).take_while(fits).count().max(1);
    let part = part(cursor, &identities, fitting as u64, is_all)?;
    let shown = all.get(part.rows.clone()).unwrap_or_default();
    let open = open(&all);
    warn(read, &all, record);
    let blocked = all.iter().filter(|it| !is_ready(it)).count();
    let of = panel.map_or_else(|| format!("{} panels", panels.len()), |id| format!("panel {id}"));
    let queries =
        if all.len() == 1 { "1 query".to_owned() } else { format!("{} queries", all.len()) };
    let at_least = if is_all { "" } else { "at least " };
    Ok(Answer {
        summary: format!(
            "{at_least}{queries} of {of}, variables put in: {} ready to run, {blocked} not.",
            all.len() - blocked
        ),
        problems: open,
        table: table(shown),
        quotes: quotes(read, &all, lines.get(part.rows.clone()).unwrap_or_default()),
        page: Some(part.page),
        ..Answer::default()
    })
}

/// Library panels are kept apart from dashboards, and what they ask is not seen here.
fn unread(panels: &[&Panel], record: &mut Record) {
    let is_elsewhere = |it: &&&Panel| !it.library.is_empty() && it.queries.is_empty();
    let unread: Vec<&str> =
        panels.iter().filter(is_elsewhere).map(|it| it.library.as_str()).collect();
    if unread.is_empty() {
        return;
    }
    let mut names: Vec<String> =
        unread.iter().take(MOST_PROBLEMS).map(|it| short(&collapsed(it), MOST_TITLE)).collect();
    if unread.len() > MOST_PROBLEMS {
        names.push(format!("{} more", unread.len() - MOST_PROBLEMS));
    }
    let failure = Failure {
        code: Code::NotFound,
        message: "the dashboard holds no more of them than a name".to_owned(),
        retryable: false,
        hint: "look at their queries in Grafana".to_owned(),
    };
    record.gap(&format!("queries of library panels ({})", names.join(", ")), &failure);
}

fn one<'a>(read: &Read, panel: &'a Panel, query: &'a Query) -> Told<'a> {
    let variables = one_each(panel, &read.variables);
    let time = read.time.of_panel(panel, read.now);
    let context = Context { variables: &variables, time: &time, title: &read.title };
    let source = read.source_in(query, context);
    let steps = time.length().map(|length| {
        let mut known = query.clone();
        known.datasource.kind = source.kind.clone();
        interval::of(length, panel, &known, &source.scraped)
    });
    let resolved = query.text().map(|text| {
        let mut resolved = resolve(&one_line(text, &source.kind), &source.kind, steps, context);
        // Whom it asks may depend on a variable, too.
        resolved.open.extend(resolve(&query.datasource.uid, "", None, context).open);
        resolved
    });
    let step = steps.map(|it| length_told(it.interval)).unwrap_or_default();
    Told { panel, query, source, resolved, step, time: time.told }
}

/// The variables as a panel sees them: one that it is repeated for has one of its values each time.
fn one_each(panel: &Panel, variables: &[Variable]) -> Vec<Variable> {
    let mut variables = variables.to_vec();
    for it in variables.iter_mut().filter(|it| it.name == panel.repeat) {
        let is_several = match &it.values {
            Values::Known(values) => values.len() > 1,
            Values::Raw(_) => true,
            Values::Auto(..) | Values::Filters(_) | Values::Unknown(_) => false,
        };
        if is_several {
            it.values = Values::Unknown("the panel is repeated, one value each".to_owned());
        }
    }
    variables
}

/// Lines made one, but where a comment would swallow the rest or text may go over several.
fn one_line(text: &str, kind: &str) -> String {
    // Of others it is not known how they write comments.
    let is_known = matches!(kind, "prometheus" | "loki");
    if !is_known || ["#", "--", "/*", "`"].iter().any(|it| text.contains(it)) {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

fn is_ready(it: &Told<'_>) -> bool {
    let is_whole =
        |resolved: &Resolved| resolved.open.is_empty() && resolved.text.len() <= MOST_QUERY;
    it.resolved.as_ref().is_some_and(is_whole) && !it.source.is_missing
}

/// `4/A`.
fn name(it: &Told<'_>) -> String {
    format!("{}/{}", it.panel.id, it.query.reference)
}

/// What it is before variables are put in.
fn identity(it: &Told<'_>) -> String {
    format!("{}: {}", name(it), it.query.text().unwrap_or_default())
}

fn line(it: &Told<'_>) -> String {
    let text = match &it.resolved {
        // What goes on does not pass for another query.
        Some(resolved) => short(&resolved.text, MOST_QUERY).replace('\n', "\n    "),
        None => {
            let fields: Vec<&str> = it.query.spec.keys().map(String::as_str).collect();
            format!("(no text: it is built of {})", short(&fields.join(", "), 200))
        }
    };
    format!("{}: {text}", name(it))
}

/// What is not known of variables, each told once with the queries that wait for it.
fn open(all: &[Told<'_>]) -> Vec<String> {
    let mut waiting: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for resolved in all.iter().filter_map(|it| it.resolved.as_ref()) {
        for (name, why) in &resolved.open {
            *waiting.entry((name.as_str(), why.as_str())).or_default() += 1;
        }
    }
    let line = |((name, why), count): (&(&str, &str), &usize)| {
        let queries = if *count == 1 { "1 query".to_owned() } else { format!("{count} queries") };
        let give = match name.strip_prefix('$') {
            Some(own) if !own.starts_with("__") => format!("; give variables=[{own}=VALUE]"),
            _ => String::new(),
        };
        format!("{name} is not put into {queries}: {}{give}", collapsed(why))
    };
    let mut lines: Vec<String> = waiting.iter().take(MOST_PROBLEMS).map(line).collect();
    if waiting.len() > MOST_PROBLEMS {
        lines.push(format!("{} more variables are not put in", waiting.len() - MOST_PROBLEMS));
    }
    lines
}

/// What was assumed, and what Grafana would add.
fn warn(read: &Read, all: &[Told<'_>], record: &mut Record) {
    let has_interval = |it: &&Told<'_>| it.resolved.as_ref().is_some_and(|it| it.has_interval);
    let assumed = all.iter().filter(has_interval).any(|it| it.panel.points.is_none());
    if assumed {
        record.warn(format!(
            "$__interval and what follows from it are those of a panel {POINTS} points wide over {}; in a browser the panel's width decides",
            read.time.told
        ));
    }
    let has_rate = |it: &&Told<'_>| has_interval(it) && it.source.kind == "prometheus";
    if read.lacks_sources() && all.iter().filter(has_rate).count() > 0 {
        record.warn(
            "intervals take Prometheus to be scraped every 15s, as its data source could not be read"
                .to_owned(),
        );
    }
    for it in read.variables.iter().filter(|it| has_filters(it)) {
        record.warn(format!(
            "Grafana adds the filters of ${} to queries; they are not in these",
            it.name
        ));
    }
}

fn table(shown: &[Told<'_>]) -> Table {
    let row = |it: &Told<'_>| {
        let waits: BTreeSet<&String> =
            it.resolved.iter().flat_map(|resolved| resolved.open.keys()).collect();
        let mut notes: Vec<String> = Vec::new();
        if !waits.is_empty() {
            let names: Vec<&str> = waits.into_iter().map(String::as_str).collect();
            notes.push(format!("lacks {}", names.join(", ")));
        }
        if it.source.is_missing {
            notes.push("its data source is not among those this identity may see".to_owned());
        }
        if it.resolved.as_ref().is_some_and(|it| it.text.len() > MOST_QUERY) {
            notes.push("cut: detail=property has all of it".to_owned());
        }
        if !it.panel.time_from.is_empty() || !it.panel.time_shift.is_empty() {
            notes.push(format!("shows {}", it.time));
        }
        if it.query.is_hidden {
            notes.push("hidden".to_owned());
        }
        let is_instant = it.query.says("instant") && !it.query.says("range");
        if is_instant {
            notes.push("instant".to_owned());
        }
        vec![
            name(it),
            short(&it.panel.title, MOST_TITLE),
            it.source.name.clone(),
            it.source.kind.clone(),
            if is_instant { String::new() } else { it.step.clone() },
            notes.join("; "),
        ]
    };
    let columns = ["QUERY", "PANEL", "DATA SOURCE", "TYPE", "STEP", "NOTES"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}

/// The queries, and what is kept of the variables that they lack.
fn quotes(read: &Read, all: &[Told<'_>], lines: &[String]) -> Vec<Quote> {
    let mut quotes = Vec::new();
    if !lines.is_empty() {
        quotes.push(Quote { label: "queries".to_owned(), text: lines.join("\n") });
    }
    let is_open = |it: &&Variable| {
        let name = format!("${}", it.name);
        let lacks = |resolved: &Resolved| resolved.open.contains_key(&name);
        has_filters(it) || all.iter().filter_map(|it| it.resolved.as_ref()).any(lacks)
    };
    quotes.extend(variables(read.variables.iter().filter(is_open)));
    quotes
}

fn has_filters(it: &Variable) -> bool {
    matches!(&it.values, Values::Filters(filters) if !filters.is_empty())
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn lines_are_made_one_only_where_that_changes_nothing() {
        let text = "sum(\n  a{b=\"c  d\"}\n)\n";
        assert_eq!(one_line(text, "prometheus"), "sum( a{b=\"c  d\"} )");
        assert_eq!(one_line("a // b\n| c", "kusto"), "a // b\n| c", "its comments are its own");
        for text in ["a # b\nc", "SELECT 1 -- b\nFROM c", "a{b=`c\nd`}", "/* a\n*/ b"] {
            assert_eq!(one_line(text, "prometheus"), text);
        }
    }
}
