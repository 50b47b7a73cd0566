//! What is scraped, and which scrapes fail, the errors grouped.

use crate::ask::Desk;
use crate::elsewhere;
use crate::number::digits;
use crate::record::examined;
use crate::server::Prometheus;
use crate::target::{self, instance, plain};
use clients::prometheus::targets::Target;
use mcp::age::age;
use mcp::answer::{Answer, Page, Table};
use mcp::arguments::limit;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::outside::leaves_as_it_is;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListTargets;

/// Which targets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    health: Option<Health>,
    job: Option<String>,
    #[schemars(extend("seldom" = "limit=200"))]
    limit: Option<u64>,
}

// How a target is. No doc, as agents would pay for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Health {
    #[default]
    Down,
    Up,
    Unknown,
    All,
}

/// Rows where nobody says how many.
const ROWS: u64 = 30;
const MOST_ROWS: u64 = 500;
/// Instances that one row names.
const MOST_INSTANCES: usize = 3;
/// Characters of an error: its end says what failed.
const MOST_ERROR: usize = 160;

impl Tool<Prometheus> for ListTargets {
    const NAME: &'static str = "list_targets";
    const ABOUT: &'static str = "Scrape targets that are down, by error; health=all for each job's. Use it when metrics are missing.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let found = match desk.read(desk.client.targets()).await {
            Err(failure) if failure.code == Code::NotFound => {
                return Err(elsewhere::no_targets(&desk, failure).await);
            }
            found => found?,
        };
        if found.cut {
            desk.note(|record| {
                record.cut(format!("the first {} targets were read", found.targets.len()))
            });
        }
        if elsewhere::scrapes_nothing(&desk, &found) {
            // Of a job that is asked for likewise: others may scrape it.
            let answer = Answer {
                summary: format!("Of targets {}.", elsewhere::NO_TARGETS),
                examined: examined(&desk.client),
                ..Answer::default()
            };
            return Ok(desk.close().into(answer));
        }
        let mut targets = found.targets;
        if let Some(job) = &ask.job {
            if !targets.iter().any(|it| target::job(it) == job) {
                return Err(no_job(job, &targets));
            }
            targets.retain(|it| target::job(it) == job);
        }
        let health = ask.health.unwrap_or_default();
        let counts = |word: &str| targets.iter().filter(|it| it.health == word).count();
        let (up, down, unknown) = (counts("up"), counts("down"), counts("unknown"));
        let of = ask.job.as_ref().map(|job| format!(" of job {job}")).unwrap_or_default();
        let table = match health {
            Health::All => by_job(&targets),
            Health::Down => by_error(&targets, "down", &desk),
            Health::Up => by_error(&targets, "up", &desk),
            Health::Unknown => by_error(&targets, "unknown", &desk),
        };
        let total = table.rows.len() as u64;
        let mut table = table;
        table.rows.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        let answer = Answer {
            summary: format!(
                "{} targets{of}: {down} down, {up} up, {unknown} not scraped yet.",
                targets.len()
            ),
            page: Some(Page {
                returned: table.rows.len() as u64,
                total,
                exact: !found.cut,
                cursor: None,
            }),
            table,
            examined: examined(&desk.client),
            ..Answer::default()
        };
        Ok(desk.close().into(answer))
    }
}

fn no_job(job: &str, targets: &[Target]) -> Failure {
    Failure {
        code: Code::NotFound,
        message: format!("there is no target of job {job}"),
        retryable: false,
        hint: offer(job, targets.iter().map(target::job)),
    }
}

/// A row for each job and error.
fn by_error(targets: &[Target], health: &str, desk: &Desk) -> Table {
    let mut groups: BTreeMap<(&str, String), Vec<&Target>> = BTreeMap::new();
    for target in targets.iter().filter(|it| it.health == health) {
        groups.entry((target::job(target), error(target))).or_default().push(target);
    }
    let row = |((job, error), all): (&(&str, String), &Vec<&Target>)| {
        let mut instances: Vec<String> = all.iter().map(|it| instance(it)).collect();
        instances.sort();
        let more = instances.len().saturating_sub(MOST_INSTANCES);
        instances.truncate(MOST_INSTANCES);
        if more > 0 {
            instances.push(format!("{more} more"));
        }
        let scraped = all.iter().filter_map(|it| it.last_scrape).max();
        vec![
            (*job).to_owned(),
            all.len().to_string(),
            instances.join(", "),
            age(desk.now, scraped),
            error.clone(),
        ]
    };
    let mut rows: Vec<Vec<String>> = groups.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.get(1).and_then(|it| it.parse::<usize>().ok())));
    let columns = ["JOB", "COUNT", "INSTANCES", "SCRAPED", "ERROR"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows }
}

/// The error without what differs between targets of one kind: their addresses.
fn error(target: &Target) -> String {
    let mut text = target::error(target);
    for own in [plain(&target.scrape_url), instance(target)] {
        if !own.is_empty() {
            text = text.replace(&own, "…");
        }
    }
    let long = text.chars().count().saturating_sub(MOST_ERROR);
    if long == 0 || !leaves_as_it_is(&text) {
        text
    } else {
        format!("…{}", text.chars().skip(long).collect::<String>())
    }
}

/// A row for each job.
fn by_job(targets: &[Target]) -> Table {
    let mut jobs: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
    targets.iter().for_each(|it| jobs.entry(target::job(it)).or_default().push(it));
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    for (job, all) in jobs {
        let up = all.iter().filter(|it| it.health == "up").count();
        let slowest = all.iter().map(|it| it.last_scrape_duration).fold(0.0, f64::max);
        let row = vec![
            job.to_owned(),
            format!("{up}/{}", all.len()),
            format!("{}ms", digits(slowest * 1000.0, 2)),
        ];
        rows.push((all.len() - up, row));
    }
    // Stable, so that jobs alike stay in the order of their names.
    rows.sort_by_key(|it| std::cmp::Reverse(it.0));
    Table {
        columns: ["JOB", "UP", "SLOWEST"].map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(|it| it.1).collect(),
    }
}
