//! Which numbers tell anything: every signal that has metrics here, over the time asked about and as long before.

pub(crate) mod choose;
pub(crate) mod families;
pub(crate) mod subject;

use self::families::Row;
use self::subject::Names;
use crate::alerts::Alerts;
use crate::ask::{Desk, MOST_SERIES};
use crate::span::chosen;
use crate::tools::list_metrics::lately;
use clients::prometheus::query::Range;
use clients::prometheus::series::Series;
use clients::prometheus::targets::Target;
use evidence::fact::metric::{Alert, Measure, Measured, ScrapeTarget, Signal};
use evidence::fact::{Body, Fact};
use evidence::scope::Window;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mcp::failure::Failure;
use std::collections::{BTreeMap, BTreeSet};

/// Rows told in all: the judge reads them all in a moment, and so much text still fits an answer.
const MOST_TOLD: usize = 200;
/// Alerts told.
const MOST_ALERTS: usize = 50;
/// Targets told that are down.
const MOST_TARGETS: usize = 50;

/// What was found.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) measures: Vec<(usize, Measure)>,
    pub(crate) measured: Vec<Measured>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) targets: Vec<ScrapeTarget>,
}

/// The time asked about, and as long before it.
pub(crate) fn range(window: Window) -> Range {
    let length = window.end.duration_since(window.start);
    let start = window.start.checked_sub(length).unwrap_or(window.start);
    let range = chosen(Window { start, end: window.end });
    // Rates are over five minutes: what lies closer together says the same twice.
    let step = range.step.max(60);
    let points = (window.end.as_second() - start.as_second()) / step;
    let first = window.end.checked_sub(SignedDuration::from_secs((points - 1).max(0) * step));
    Range { start: first.unwrap_or(start), step, ..range }
}

/// Asks for every signal that there are metrics of, all at once.
///
/// # Errors
/// Where not even the metrics' names can be read.
pub(crate) async fn run(
    desk: &Desk,
    namespaces: &[String],
    range: Range,
) -> Result<Survey, Failure> {
    let there = desk.read(desk.client.label_values("__name__", None, lately(desk.now))).await?;
    let names: BTreeSet<&str> = there.names.iter().map(String::as_str).collect();
    let rows: Vec<Row> = families::all()
        .into_iter()
        .filter(|row| row.needs.iter().all(|it| names.contains(it)))
        .collect();
    let asked = join_all(rows.iter().map(|row| ask(desk, row, namespaces, range)));
    let (answers, targets, of_nodes) =
        tokio::join!(asked, desk.read(desk.client.targets()), Names::read(desk, &names));
    let mut survey = Survey::default();
    let mut seen: BTreeMap<Signal, Measured> = BTreeMap::new();
    let mut kept: BTreeSet<(Signal, String)> = BTreeSet::new();
    for (row, answer) in rows.iter().zip(answers) {
        let counted = seen
            .entry(row.signal)
            .or_insert_with(|| Measured { signal: row.signal, ..Measured::default() });
        match answer {
            Ok((series, source, cut)) => {
                if cut {
                    counted.incomplete =
                        Some(format!("only the first {MOST_SERIES} series were read"));
                }
                for one in series {
                    let Some(measure) = made(row, &one, &of_nodes, range) else { continue };
                    counted.series += 1;
                    // Of two families that tell the same, the first is kept.
                    let peer = measure.peer.as_ref().map(ToString::to_string).unwrap_or_default();
                    let key = format!("{}\n{}\n{peer}", measure.subject, measure.part);
                    if kept.insert((row.signal, key)) {
                        survey.measures.push((source, measure));
                    }
                }
            }
            Err(failure) => {
                counted.incomplete = Some(failure.message.clone());
                let what = format!("{:?}", row.signal);
                desk.note(|record| {
                    record.gap(&what, &failure, "ask about fewer namespaces or a shorter time")
                });
            }
        }
    }
    survey.measures = choose::worth_telling(survey.measures, MOST_TOLD);
    for (_, measure) in &survey.measures {
        if let Some(counted) = seen.get_mut(&measure.signal) {
            counted.told += 1;
        }
    }
    survey.measured = seen.into_values().collect();
    match targets {
        Ok(found) => survey.targets = down(&found.targets, &of_nodes),
        // Thanos and Mimir scrape nothing themselves.
        Err(failure) => {
            desk.note(|record| record.warn(format!("scrape targets: {}", failure.message)))
        }
    }
    Ok(survey)
}

async fn ask(
    desk: &Desk,
    row: &Row,
    namespaces: &[String],
    range: Range,
) -> Result<(Vec<Series>, usize, bool), Failure> {
    let expression = desk.expression("query", &row.over(namespaces))?;
    let (found, source) = desk.sourced(&expression, range).await?;
    Ok((found.series, source, found.cut))
}

fn made(row: &Row, series: &Series, names: &Names, range: Range) -> Option<Measure> {
    let about = row.about.read(&series.labels, names)?;
    let start = range.start.as_millisecond() as f64 / 1000.0;
    let length = (range.end.as_second() - range.start.as_second()) / range.step + 1;
    let mut values: Vec<Option<f64>> = vec![None; usize::try_from(length).ok()?];
    for point in &series.points {
        let place = ((point.at - start) / range.step as f64).round();
        let known = place >= 0.0 && point.value.is_finite();
        // Places are small and whole by now.
        if known && let Some(value) = values.get_mut(place as usize) {
            *value = Some(rounded(point.value * row.scale));
        }
    }
    values.iter().any(Option::is_some).then(|| Measure {
        signal: row.signal,
        subject: about.subject,
        part: about.part,
        peer: about.peer,
        start: Some(range.start),
        step_seconds: u32::try_from(range.step).unwrap_or(u32::MAX),
        values,
        query: row.query.clone(),
    })
}

/// Four significant digits: no judgement needs more, and facts travel as text.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

fn down(targets: &[Target], names: &Names) -> Vec<ScrapeTarget> {
    let mut down: Vec<ScrapeTarget> = targets
        .iter()
        .filter(|it| it.health == "down")
        .map(|it| ScrapeTarget {
            job: it.labels.get("job").unwrap_or(&it.scrape_pool).clone(),
            instance: it.labels.get("instance").unwrap_or(&it.scrape_url).clone(),
            subject: subject::of_target(&it.labels, names),
            health: it.health.clone(),
            error: it.last_error.clone(),
            tried: it.last_scrape,
        })
        .collect();
    down.sort_by(|one, other| (&one.job, &one.instance).cmp(&(&other.job, &other.instance)));
    down.truncate(MOST_TARGETS);
    down
}

/// Alerts as facts, those that fire first.
pub(crate) fn alerts(read: &Alerts, namespaces: &[String]) -> Vec<Alert> {
    let here = |it: &&crate::alerts::Alert| {
        let namespace = it.label("namespace");
        namespaces.is_empty() || namespace.is_empty() || namespaces.iter().any(|of| of == namespace)
    };
    let mut alerts: Vec<Alert> = read
        .alerts
        .iter()
        .filter(here)
        .map(|it| {
            let mut labels = it.labels.clone();
            let name = labels.remove(crate::alerts::NAME).unwrap_or_default();
            let severity = labels.remove("severity").unwrap_or_default();
            let told = ["summary", "description", "message"];
            let summary = told.iter().find_map(|key| it.annotations.get(*key)).cloned();
            Alert {
                name,
                severity,
                state: if it.firing { "firing" } else { "pending" }.to_owned(),
                labels,
                since: it.since,
                summary: summary.unwrap_or_default(),
                silenced_by: it.silenced_by.clone(),
                inhibited_by: it.inhibited_by.clone(),
            }
        })
        .collect();
    alerts.sort_by(|one, other| {
        (&one.state, &one.name, &one.labels).cmp(&(&other.state, &other.name, &other.labels))
    });
    alerts.truncate(MOST_ALERTS);
    alerts
}

impl Survey {
    /// All of it as facts.
    pub(crate) fn into_facts(self) -> Vec<Fact> {
        let measures =
            self.measures.into_iter().map(|(source, it)| Fact { source, body: Body::Measure(it) });
        let of = |body: Body| Fact { source: 0, body };
        let measured = self.measured.into_iter().map(|it| of(Body::Measured(it)));
        let alerts = self.alerts.into_iter().map(|it| of(Body::Alert(it)));
        let targets = self.targets.into_iter().map(|it| of(Body::ScrapeTarget(it)));
        measures.chain(measured).chain(alerts).chain(targets).collect()
    }
}

/// The moment that arguments mean where no other is named: an hour ago.
pub(crate) fn hour_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now)
}
