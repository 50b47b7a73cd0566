//! Which numbers tell anything: every signal that has metrics here, over the time asked about and as long before.

pub(crate) mod choose;
pub(crate) mod families;
pub(crate) mod subject;

use self::families::Row;
use self::subject::Names;
use crate::alerts;
use crate::ask::Desk;
use crate::elsewhere;
use crate::labels::METRIC;
use crate::record::Record;
use crate::span::chosen;
use crate::target;
use crate::tools::list_metrics::lately;
use clients::prometheus::query::Range;
use clients::prometheus::series::Series;
use clients::prometheus::targets::Target;
use evidence::fact::metric::{Alert, Measure, Measured, ScrapeTarget, Signal};
use evidence::fact::{Body, Fact};
use evidence::scope::Window;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mcp::failure::{Code, Failure};
use std::collections::{BTreeMap, BTreeSet};

/// Rows told in all: the judge reads them all in a moment, and so much text still fits an answer.
const MOST_TOLD: usize = 200;
/// Alerts told.
const MOST_ALERTS: usize = 50;
/// Targets told that are down.
const MOST_TARGETS: usize = 50;

/// What to do about signals that could not be measured.
const REMEDY: &str = "ask about fewer namespaces or a shorter time";

/// What was found, each with the position of the read that it comes from.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) measures: Vec<(usize, Measure)>,
    pub(crate) measured: Vec<(usize, Measured)>,
    pub(crate) alerts: Vec<(usize, Alert)>,
    pub(crate) targets: Vec<(usize, ScrapeTarget)>,
    /// Alerts that fire, those that are not told among them; none where nobody could say.
    pub(crate) firing: Option<usize>,
    /// Targets that are down, likewise.
    pub(crate) down: Option<usize>,
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
    let naming = desk.client.label_values(METRIC, None, lately(desk.now));
    let (there, named) = desk.sourced(naming).await?;
    if there.cut {
        let failure = too_many_names(there.names.len());
        desk.note(|record| record.gap("signals of further metrics", &failure, REMEDY));
    }
    let names: BTreeSet<&str> = there.names.iter().map(String::as_str).collect();
    let rows: Vec<Row> = families::all()
        .into_iter()
        .filter(|row| row.needs.iter().all(|it| names.contains(it)))
        .collect();
    let asked = join_all(rows.iter().map(|row| ask(desk, row, namespaces, range)));
    let (answers, targets, of_nodes) =
        tokio::join!(asked, desk.sourced(desk.client.targets()), Names::read(desk, &names));
    let mut survey = Survey::default();
    let mut seen: BTreeMap<Signal, (usize, Measured)> = BTreeMap::new();
    let mut kept: BTreeSet<(Signal, String)> = BTreeSet::new();
    for (row, answer) in rows.iter().zip(answers) {
        // That there is such a metric is known from the names, whatever its query brings.
        let new = || (named, Measured { signal: row.signal, ..Measured::default() });
        let (from, counted) = seen.entry(row.signal).or_insert_with(new);
        match answer {
            Ok(Answer { series, source, cut }) => {
                if *from == named {
                    *from = source;
                }
                if let Some(why) = cut {
                    desk.note(|record| record.cut(format!("{}: {why}", named_as(row.signal))));
                    counted.incomplete = Some(why);
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
                desk.note(|record| record.gap(&named_as(row.signal), &failure, REMEDY));
            }
        }
    }
    let (told, worth) = choose::worth_telling(survey.measures, MOST_TOLD);
    if told.len() < worth {
        let why = format!("{} of {worth} rows worth telling are told", told.len());
        desk.note(|record| record.cut(why));
    }
    survey.measures = told;
    for (_, measure) in &survey.measures {
        if let Some((_, counted)) = seen.get_mut(&measure.signal) {
            counted.told += 1;
        }
    }
    survey.measured = seen.into_values().collect();
    match targets {
        Ok((found, _)) if elsewhere::scrapes_nothing(desk, &found) => {
            desk.note(|record| record.warn(format!("scrape targets: {}", elsewhere::NO_TARGETS)))
        }
        Ok((found, source)) => {
            if found.cut {
                let why = format!("only the first {} targets were read", found.targets.len());
                desk.note(|record| record.cut(why));
            }
            let down = down(&found.targets, &of_nodes);
            let total = down.len();
            survey.down = Some(total);
            let told = down.into_iter().take(MOST_TARGETS);
            survey.targets = told.map(|it| (source, it)).collect();
            desk.note(|record| cut(record, survey.targets.len(), total, "targets down"));
        }
        // Thanos and Mimir scrape nothing themselves.
        Err(failure) if failure.code == Code::NotFound => {
            desk.note(|record| record.warn(format!("scrape targets: {}", failure.message)))
        }
        Err(failure) => {
            let remedy = "inquest doctor shows what can be read";
            desk.note(|record| record.gap("scrape targets", &failure, remedy))
        }
    }
    Ok(survey)
}

/// What a row's query brought.
struct Answer {
    series: Vec<Series>,
    source: usize,
    /// Why that is not all.
    cut: Option<String>,
}

async fn ask(
    desk: &Desk,
    row: &Row,
    namespaces: &[String],
    range: Range,
) -> Result<Answer, Failure> {
    let query = row.over(namespaces);
    let expression = desk.expression("query", &query)?;
    let (found, source) = desk.courses(&expression, range).await?;
    let read = found.series.len();
    let cut = match found.cut {
        false => None,
        true => Some(match desk.number(&format!("count({query})"), range.end).await {
            // There may have been more before, and fewer.
            Ok(Some(all)) if all > read as f64 => {
                format!("only {read} series were read, and there are {all} now")
            }
            _ => format!("only the first {read} series were read"),
        }),
    };
    Ok(Answer { series: found.series, source, cut })
}

/// A signal's name on the wire.
pub(crate) fn named_as(signal: Signal) -> String {
    let name = serde_json::to_value(signal).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

fn too_many_names(read: usize) -> Failure {
    Failure {
        code: Code::TooLarge,
        message: format!("there are more names of metrics than the {read} that were read"),
        retryable: false,
        hint: String::new(),
    }
}

/// Says how many are told where that is not all.
pub(crate) fn cut(record: &mut Record, told: usize, all: usize, what: &str) {
    if told < all {
        record.cut(format!("{told} of {all} {what} are told"));
    }
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
            job: target::job(it).to_owned(),
            pool: it.scrape_pool.clone(),
            instance: target::instance(it),
            url: target::plain(&it.scrape_url),
            subject: subject::of_target(&it.labels, names),
            health: it.health.clone(),
            error: target::error(it),
            tried: it.last_scrape,
        })
        .collect();
    down.sort_by(|one, other| (&one.job, &one.instance).cmp(&(&other.job, &other.instance)));
    down
}

impl Survey {
    /// Takes over the alerts that are about these namespaces or about none, those that fire first. `before` is how many
    /// reads the record has before theirs.
    pub(crate) fn add_alerts(
        &mut self,
        read: &[alerts::Alert],
        namespaces: &[String],
        record: &mut Record,
        before: usize,
    ) {
        let all = about(read, namespaces);
        self.firing = Some(all.iter().filter(|(_, it)| it.state == "firing").count());
        let total = all.len();
        let told = all.into_iter().take(MOST_ALERTS);
        self.alerts = told.map(|(source, it)| (before + source, it)).collect();
        cut(record, self.alerts.len(), total, "alerts");
    }
}

/// Alerts as facts.
fn about(read: &[alerts::Alert], namespaces: &[String]) -> Vec<(usize, Alert)> {
    let here = |it: &&alerts::Alert| {
        let namespace = it.label("namespace");
        namespaces.is_empty() || namespace.is_empty() || namespaces.iter().any(|of| of == namespace)
    };
    let mut all: Vec<(usize, Alert)> = read
        .iter()
        .filter(here)
        .map(|it| {
            let mut labels = it.labels.clone();
            let name = labels.remove(alerts::NAME).unwrap_or_default();
            let severity = labels.remove("severity").unwrap_or_default();
            let told = ["summary", "description", "message"];
            let summary = told.iter().find_map(|key| it.annotations.get(*key)).cloned();
            let alert = Alert {
                name,
                severity,
                state: if it.firing { "firing" } else { "pending" }.to_owned(),
                labels,
                since: it.since,
                summary: summary.unwrap_or_default(),
                silenced_by: it.silenced_by.clone(),
                inhibited_by: it.inhibited_by.clone(),
            };
            (it.source, alert)
        })
        .collect();
    all.sort_by(|(_, one), (_, other)| {
        (&one.state, &one.name, &one.labels).cmp(&(&other.state, &other.name, &other.labels))
    });
    all
}

impl Survey {
    /// All of it as facts.
    pub(crate) fn into_facts(self) -> Vec<Fact> {
        let of = |source: usize, body: Body| Fact { source, body };
        let measures = self.measures.into_iter().map(|(from, it)| of(from, Body::Measure(it)));
        let measured = self.measured.into_iter().map(|(from, it)| of(from, Body::Measured(it)));
        let alerts = self.alerts.into_iter().map(|(from, it)| of(from, Body::Alert(it)));
        let targets = self.targets.into_iter().map(|(from, it)| of(from, Body::ScrapeTarget(it)));
        measures.chain(measured).chain(alerts).chain(targets).collect()
    }
}

/// The moment that arguments mean where no other is named: an hour ago.
pub(crate) fn hour_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now)
}
