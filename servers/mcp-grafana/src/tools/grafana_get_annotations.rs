//! Annotations: deployments, incidents and changes of alerts, as people, programs and rules wrote them down.

use crate::record::{Record, within};
use crate::server::Grafana;
use crate::tools::grafana_get_dashboard::check_uid;
use crate::views::{collapsed, short, without_tags};
use clients::grafana::annotations::{Annotation, Wanted};
use jiff::Timestamp;
use mcp::age::{age, counted, span, to_second};
use mcp::answer::{Answer, Examined, Page, Quote, Table};
use mcp::arguments::{Since, limit, window};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::cmp::Reverse;

/// The tool.
pub struct GetAnnotations;

/// Which annotations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    since: Option<Since>,
    start: Option<Since>,
    end: Option<Since>,
    /// All of them.
    tags: Option<Vec<String>>,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    #[schemars(extend("seldom" = "dashboard=UID"))]
    dashboard: Option<String>,
    limit: Option<u64>,
}

// Who wrote it. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Kind {
    Annotation,
    Alert,
}

/// The time where none is named, in seconds: a day's changes.
const DAY: i64 = 86_400;
/// The longest time, in seconds.
const LONGEST: i64 = 31 * DAY;
/// Rows where nobody says how many.
const ROWS: u64 = 30;
/// Each has words of its own.
const MOST_ROWS: u64 = 200;
/// Tags that may be asked for.
const MOST_TAGS: usize = 10;
/// Bytes of a tag: an address must hold them.
const LONGEST_TAG: usize = 200;
/// Bytes of what was written.
const MOST_WORDS: usize = 300;

impl Tool<Grafana> for GetAnnotations {
    const NAME: &'static str = "grafana_get_annotations";
    const ABOUT: &'static str =
        "Annotations, newest first: when, who, tags, what. Use it to see deployments and changes.";
    type Ask = Ask;

    async fn answer(server: &Grafana, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let tags = ask.tags.unwrap_or_default();
        if tags.len() > MOST_TAGS {
            return Err(Failure::invalid(format!(
                "argument `tags` must be at most {MOST_TAGS}, not {}",
                tags.len()
            )));
        }
        if tags.iter().any(|it| it.is_empty() || it.len() > LONGEST_TAG) {
            return Err(Failure::invalid(format!(
                "argument `tags` must be texts of 1 to {LONGEST_TAG} bytes each"
            )));
        }
        if let Some(uid) = &ask.dashboard {
            check_uid("dashboard", uid)?;
        }
        let mut record = Record::new(server.client()?, call.deadline);
        let now = record.client.now();
        let window = window(now, ask.since, ask.start, ask.end, DAY, LONGEST)?;
        let wanted = Wanted {
            start: window.start,
            end: window.end,
            tags,
            dashboard: ask.dashboard.unwrap_or_default(),
            kind: match ask.kind {
                None => "",
                Some(Kind::Annotation) => "annotation",
                Some(Kind::Alert) => "alert",
            },
            // One more tells whether there are more.
            limit: rows + 1,
        };
        let answer = within(record.deadline(), record.client.annotations(&wanted)).await;
        let mut found = record.take(answer, "annotations:read (a Viewer has it)")?;
        // In Grafana's own order, so that what was cut comes after what is shown.
        found.sort_by_key(|it| (Reverse(ended(it)), Reverse(it.time), Reverse(it.id)));
        let there = found.len() as u64;
        let shown = found.get(..there.min(rows) as usize).unwrap_or(&found);
        if there == 0 {
            record.warn("Grafana lists only what this identity may see".to_owned());
        }
        let more = there > rows;
        let at_least = if more { "at least " } else { "" };
        let alerts = shown.iter().filter(|it| is_alert(it)).count();
        let answer = Answer {
            summary: format!(
                "{at_least}{}, {alerts} of them by alert rules.",
                counted(found.len(), "annotation")
            ),
            table: table(shown, now),
            quotes: quotes(shown),
            page: Some(Page {
                returned: shown.len() as u64,
                total: there,
                exact: !more,
                cursor: None,
            }),
            examined: Examined {
                window: Some(evidence::scope::Window {
                    start: to_second(window.start),
                    end: to_second(window.end),
                }),
                ..Examined::default()
            },
            next: next(shown, more, &wanted, rows),
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

fn is_alert(it: &Annotation) -> bool {
    !it.new_state.is_empty() || !it.alert_name.is_empty()
}

fn moment(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok().filter(|it| it.as_second() > 0).map(to_second)
}

/// The first whole second that is not before it: what ended within the same second is still to be seen.
fn after(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(milliseconds.div_euclid(1_000) + i64::from(milliseconds % 1_000 != 0))
        .ok()
}

/// When it was over, in milliseconds.
fn ended(it: &Annotation) -> i64 {
    it.time_end.max(it.time)
}

/// How to see those before the last one that is shown.
fn next(shown: &[Annotation], more: bool, wanted: &Wanted, rows: u64) -> Vec<String> {
    let Some(oldest) = shown.last().filter(|_| more).and_then(|it| after(ended(it))) else {
        return Vec::new();
    };
    // What ended after the time that was asked for began within it, and asking again up to there leads nowhere.
    let leads_on = oldest < wanted.end;
    if !leads_on && rows >= MOST_ROWS {
        return Vec::new();
    }
    let rows = if leads_on { rows } else { MOST_ROWS };
    let end = if leads_on { Some(oldest) } else { after(wanted.end.as_millisecond()) };
    let (start, end) = (to_second(wanted.start), end.unwrap_or(oldest));
    let mut call = format!("grafana_get_annotations(start={start}, end={end}, limit={rows}");
    if !wanted.tags.is_empty() {
        call.push_str(&format!(", tags=[{}]", wanted.tags.join(", ")));
    }
    if !wanted.kind.is_empty() {
        call.push_str(&format!(", type={}", wanted.kind));
    }
    if !wanted.dashboard.is_empty() {
        call.push_str(&format!(", dashboard={}", wanted.dashboard));
    }
    call.push(')');
    vec![call]
}

fn table(shown: &[Annotation], now: Timestamp) -> Table {
    let row = |(number, it): (usize, &Annotation)| {
        let at = moment(it.time);
        let lasted = (it.time_end - it.time) / 1_000;
        let lasted = if it.time_end > 0 && lasted > 0 { span(lasted) } else { String::new() };
        let who = match (it.login.as_str(), is_alert(it)) {
            ("", true) => "alert rule",
            ("", false) => "?",
            (login, _) => login,
        };
        let state = match (it.prev_state.as_str(), it.new_state.as_str()) {
            ("", state) => state.to_owned(),
            (before, state) => format!("{before} > {state}"),
        };
        let place = match (&it.dashboard_uid, it.panel_id) {
            (Some(uid), 0) if !uid.is_empty() => uid.clone(),
            (Some(uid), panel) if !uid.is_empty() => format!("{uid}/{panel}"),
            _ => String::new(),
        };
        vec![
            (number + 1).to_string(),
            at.map(|it| it.to_string()).unwrap_or_default(),
            age(now, at),
            lasted,
            who.to_owned(),
            it.tags.join(","),
            state,
            place,
        ]
    };
    let columns = ["NO", "AT", "AGE", "LASTED", "BY", "TAGS", "STATE", "DASHBOARD/PANEL"];
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: shown.iter().enumerate().map(row).collect(),
    }
}

fn quotes(shown: &[Annotation]) -> Vec<Quote> {
    let line = |(number, it): (usize, &Annotation)| {
        let words = short(&collapsed(&without_tags(&it.text)), MOST_WORDS);
        let name =
            if it.alert_name.is_empty() { String::new() } else { format!("{}: ", it.alert_name) };
        (!words.is_empty() || !name.is_empty()).then(|| format!("{}: {name}{words}", number + 1))
    };
    let lines: Vec<String> = shown.iter().enumerate().filter_map(line).collect();
    match lines.is_empty() {
        true => Vec::new(),
        false => vec![Quote { label: "what was written".to_owned(), text: lines.join("\n") }],
    }
}
