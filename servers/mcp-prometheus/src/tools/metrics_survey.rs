//! Which numbers tell anything, in namespaces or the whole cluster.

use crate::alerts::{self, Unset};
use crate::ask::Desk;
use crate::record::examined;
use crate::server::{NAME, Prometheus};
use crate::survey::{self, Survey, choose};
use evidence::fact::metric::{Measure, Unit};
use evidence::scope::Window;
use evidence::testimony::{Source, Testimony};
use mcp::answer::{Answer, Examined, Page, Table};
use mcp::arguments::Since;
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// The tool.
pub struct MetricsSurvey;

/// What to survey.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    namespaces: Option<Vec<String>>,
    since: Option<Since>,
    /// The end of that time; now unless it is said.
    until: Option<Since>,
}

/// Rows shown to an agent: those that changed most.
const ROWS: usize = 20;
/// Namespaces at once.
const MOST_NAMESPACES: usize = 50;
/// The longest time, with as long before it.
const LONGEST: i64 = 7 * 24 * 3_600;

impl Tool<Prometheus> for MetricsSurvey {
    const NAME: &'static str = "metrics_survey";
    const ABOUT: &'static str = "Which numbers of workloads, nodes and control plane are bad or changed, with alerts and targets that are down. \
Use it first.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let namespaces = named(ask.namespaces)?;
        let mut desk = Desk::new(server.prometheus()?, call.deadline);
        // A caller whose clock is ahead means now.
        let now = ask.until.map_or(desk.now, |it| it.seen_from(desk.now)).min(desk.now);
        desk.now = now;
        let since = ask.since.map_or_else(|| survey::hour_before(now), |it| it.seen_from(now));
        if since >= now || now.duration_since(since).as_secs() > LONGEST {
            return Err(Failure::invalid(
                "argument `since` must be a time before `until`, at most 7d",
            ));
        }
        let window = Window { start: since, end: now };
        let range = survey::range(window);
        let (found, raised) = tokio::join!(
            survey::run(&desk, &namespaces, range),
            // An Alertmanager that nobody configured is no gap of the numbers.
            alerts::read(server, call.deadline, Unset::IsFine)
        );
        let mut found = found?;
        let mut record = desk.close();
        match raised {
            Ok(raised) => {
                let before = record.merge(raised.record);
                found.add_alerts(&raised.alerts, &namespaces, &mut record, before);
            }
            Err(failure) => record.gap("alerts", &failure, "inquest doctor shows what can be read"),
        }
        let answer = Answer {
            summary: summary(&found, &namespaces),
            problems: problems(&found),
            table: table(&found),
            page: Some(Page {
                returned: found.measures.len().min(ROWS) as u64,
                total: found.measures.len() as u64,
                exact: true,
                cursor: None,
            }),
            examined: Examined {
                namespaces: namespaces.clone(),
                window: Some(window),
                ..examined(&server.prometheus()?)
            },
            next: vec![
                "compare_metric(query=...)".to_owned(),
                "explain_alert(alertname=...)".to_owned(),
            ],
            ..Answer::default()
        };
        let mut answer = record.into(answer);
        answer.testimony.server = NAME.to_owned();
        answer.testimony.tool = Self::NAME.to_owned();
        answer.testimony.arguments =
            json!({"namespaces": namespaces, "since": since, "until": now});
        answer.testimony.facts = found.into_facts();
        in_order(&mut answer.testimony);
        Ok(answer)
    }
}

/// Puts the reads in an order that does not tell which was answered first.
fn in_order(testimony: &mut Testimony) {
    let mut sources: Vec<(usize, Source)> =
        std::mem::take(&mut testimony.sources).into_iter().enumerate().collect();
    sources.sort_by(|(_, one), (_, other)| {
        (&one.method, &one.path).cmp(&(&other.method, &other.path))
    });
    for fact in &mut testimony.facts {
        let place = sources.iter().position(|(before, _)| *before == fact.source);
        fact.source = place.unwrap_or(fact.source);
    }
    testimony.sources = sources.into_iter().map(|it| it.1).collect();
}

fn named(namespaces: Option<Vec<String>>) -> Result<Vec<String>, Failure> {
    let mut namespaces = namespaces.unwrap_or_default();
    if namespaces.len() > MOST_NAMESPACES {
        return Err(Failure::invalid(format!(
            "argument `namespaces` may hold at most {MOST_NAMESPACES} names; leave it out for all"
        )));
    }
    for namespace in &namespaces {
        mcp::arguments::label("namespaces", namespace)?;
    }
    namespaces.sort();
    namespaces.dedup();
    Ok(namespaces)
}

fn summary(found: &Survey, namespaces: &[String]) -> String {
    let place = match namespaces {
        [] => "the whole cluster".to_owned(),
        some => some.join(", "),
    };
    let series: u32 = found.measured.iter().map(|it| it.1.series).sum();
    let alerts = match found.firing {
        None => "which alerts fire is not known".to_owned(),
        Some(firing) => format!("{firing} alerts fire"),
    };
    let targets = match found.down {
        None => "which targets are down is not known".to_owned(),
        Some(down) => format!("{down} targets are down"),
    };
    format!(
        "{place}: {series} series of {} signals, {} told; {alerts}, {targets}.",
        found.measured.len(),
        found.measures.len()
    )
}

fn problems(found: &Survey) -> Vec<String> {
    let alerts = found.alerts.iter().map(|it| &it.1);
    let alerts = alerts.filter(|it| it.state == "firing" && it.silenced_by.is_empty());
    let alerts = alerts.take(5).map(|it| format!("alert {} fires", it.name));
    let targets = found
        .targets
        .iter()
        .take(5)
        .map(|(_, it)| format!("target {} of job {} is down", it.instance, it.job));
    alerts.chain(targets).collect()
}

fn table(found: &Survey) -> Table {
    // What broke off, or just began, has no change that could be told.
    let change = |it: &Measure| choose::change(it).unwrap_or(f64::NEG_INFINITY);
    let mut rows: Vec<&Measure> = found.measures.iter().map(|it| &it.1).collect();
    rows.sort_by(|one, other| change(other).total_cmp(&change(one)));
    let row = |it: &&Measure| {
        let mut about = it.subject.to_string();
        if let Some(peer) = &it.peer {
            about.push_str(&format!(" calling {peer}"));
        }
        vec![
            survey::named_as(it.signal),
            about,
            it.part.clone(),
            worded(it, choose::now(it)),
            worded(it, choose::before(it)),
        ]
    };
    Table {
        columns: ["SIGNAL", "ABOUT", "PART", "NOW", "BEFORE"].map(str::to_owned).to_vec(),
        rows: rows.iter().take(ROWS).map(row).collect(),
    }
}

fn worded(measure: &Measure, value: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let digits = |value: f64| crate::number::digits(value, 2);
    match measure.signal.unit() {
        Unit::Share => format!("{}%", digits(value * 100.0)),
        Unit::Seconds => format!("{}s", digits(value)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Cores | Unit::Count => digits(value),
        Unit::Truth => if value >= 0.5 { "yes" } else { "no" }.to_owned(),
    }
}
