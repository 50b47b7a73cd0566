//! The revisions of a release, and what differs between two of them.

use crate::difference::{self, Difference};
use crate::objects::Objects;
use crate::search;
use crate::server::{Helm, NAME};
use crate::views::status::chart_name;
use crate::views::{self, values};
use clients::helm::connection::Helm as Client;
use clients::helm::kept::Kept;
use clients::helm::redact::Secrets;
use clients::helm::release::Release;
use evidence::testimony::{Gap, Source, Testimony};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use mcp::age::ago;
use mcp::answer::{Answer, Page, Quote, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use tokio::time::timeout_at;

/// The tool.
pub struct ReleaseHistory;

/// Which release.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    name: String,
    namespace: String,
    /// Two revisions, as 4..5.
    diff: Option<String>,
}

/// Revisions that are shown: Helm keeps 10 unless told otherwise.
const MOST_ROWS: usize = 20;
/// Revisions read at the same time, each of up to a megabyte.
const AT_ONCE: usize = 4;

impl Tool<Helm> for ReleaseHistory {
    const NAME: &'static str = "helm_release_history";
    const ABOUT: &'static str = "Revisions of a Helm release; with diff, how values and objects of two differ. Use it \
for what an upgrade changed.";
    type Ask = Ask;

    async fn answer(server: &Helm, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let pair = ask.diff.as_deref().map(pair).transpose()?;
        let client = server.client().await?;
        let mut search =
            search::of_release(&client, &ask.namespace, &ask.name, call.deadline).await?;
        let kept = std::mem::take(&mut search.kept);
        let wanted: Vec<&Kept> = match pair {
            Some((before, after)) => vec![one(&kept, after)?, one(&kept, before)?],
            None => kept.iter().rev().take(MOST_ROWS).collect(),
        };
        let now = client.now();
        let mut whole = BTreeMap::new();
        let keep = |release: Release| {
            // Two are compared; many would be many megabytes.
            if pair.is_some() {
                whole.insert(release.version, release);
            }
        };
        let rows = read(&client, &wanted, call, &mut search.testimony, keep).await;
        let mut answer = Answer {
            summary: summary(&ask, &kept, now),
            table: table(&rows, now),
            quotes: said(&rows),
            page: Some(Page {
                returned: rows.len() as u64,
                total: kept.len() as u64,
                exact: search.is_whole(),
                cursor: None,
            }),
            warnings: rows.iter().find_map(|row| row.warning.clone()).into_iter().collect(),
            ..Answer::default()
        };
        if let Some((before, after)) = pair {
            answer.page = None;
            differ(&mut answer, &ask, (before, after), &whole)?;
        } else if let [newest, before, ..] = wanted.as_slice() {
            answer.next = vec![format!(
                "helm_release_history(namespace={}, name={}, diff={}..{})",
                ask.namespace, ask.name, before.revision, newest.revision
            )];
        }
        search.spent(&client);
        search.examined.incomplete = unread(&search.testimony.gaps);
        Ok(Answer {
            examined: search.examined,
            warnings: search.warnings.into_iter().chain(answer.warnings).collect(),
            testimony: search.testimony,
            ..answer
        })
    }
}

/// Why not all was read.
fn unread(gaps: &[Gap]) -> Option<String> {
    let (first, others) = gaps.split_first()?;
    Some(match others.len() {
        0 => first.why.clone(),
        more => format!("{}; {more} more could not be read", first.why),
    })
}

/// `4..5`, in the order in which they came to be.
fn pair(text: &str) -> Result<(u32, u32), Failure> {
    let wrong = || Failure::invalid("argument `diff` must be two revisions, such as 4..5");
    let (before, after) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
    let (before, after) = (number(before)?, number(after)?);
    if before == after {
        return Err(wrong());
    }
    Ok((before.min(after), before.max(after)))
}

fn one(kept: &[Kept], revision: u32) -> Result<&Kept, Failure> {
    let found = kept.iter().find(|it| it.revision == revision);
    found.ok_or_else(|| views::no_revision(kept, revision))
}

/// One revision: what its labels say, and where it could be read what it says itself.
struct Row {
    revision: u32,
    status: String,
    begun: Option<Timestamp>,
    chart: String,
    app: String,
    description: String,
    warning: Option<String>,
}

impl Row {
    fn of_labels(kept: &Kept) -> Row {
        Row {
            revision: kept.revision,
            status: kept.status.clone(),
            begun: kept.created,
            chart: "not read".to_owned(),
            app: String::new(),
            description: String::new(),
            warning: None,
        }
    }

    fn of(kept: &Kept, release: &Release) -> Row {
        let secrets = Secrets::of(&[release]);
        Row {
            begun: release.info.last_deployed.or(kept.created),
            chart: chart_name(release),
            app: release.chart.metadata.app_version.clone(),
            description: views::description(release, &secrets),
            warning: views::warning(&secrets),
            ..Row::of_labels(kept)
        }
    }
}

/// Reads revisions, and hands each whole one to `keep`. One that cannot be read is a gap, and its labels still tell of it.
async fn read(
    client: &Client,
    wanted: &[&Kept],
    call: &Call,
    testimony: &mut Testimony,
    mut keep: impl FnMut(Release),
) -> Vec<Row> {
    let deadline = search::read_by(call.deadline);
    let reads: Vec<_> =
        wanted.iter().map(|kept| timeout_at(deadline, client.release(kept))).collect();
    let mut reads = stream::iter(reads).buffered(AT_ONCE);
    let mut rows = Vec::new();
    for kept in wanted {
        let failure = match reads.next().await {
            None => break,
            Some(Ok(Ok(got))) => {
                rows.push(Row::of(kept, &got.release));
                let (path, observed_at) = (got.path, got.observed_at);
                testimony.sources.push(Source { method: "GET".to_owned(), path, observed_at });
                keep(Release { version: kept.revision, ..got.release });
                continue;
            }
            Some(Ok(Err(refusal))) => views::unread(kept, Failure::from(&refusal)),
            Some(Err(_)) => views::late(kept),
        };
        rows.push(Row::of_labels(kept));
        testimony.gaps.push(Gap {
            server: NAME.to_owned(),
            what: format!("revision {} of release {}", kept.revision, kept.release),
            why: failure.message,
            remedy: format!("ask Helm: helm history {} -n {}", kept.release, kept.namespace),
        });
    }
    rows
}

fn summary(ask: &Ask, kept: &[Kept], now: Timestamp) -> String {
    let Some(newest) = kept.last() else { return String::new() };
    let s = if kept.len() == 1 { "" } else { "s" };
    format!(
        "{}/{} has {} revision{s}; the newest is {}, {}, begun {}.",
        ask.namespace,
        ask.name,
        kept.len(),
        newest.revision,
        newest.status,
        ago(now, newest.created)
    )
}

fn table(rows: &[Row], now: Timestamp) -> Table {
    let columns = ["REVISION", "STATUS", "BEGUN", "CHART", "APP", "HELM SAYS"];
    let row = |it: &Row| {
        let said =
            if views::is_usual(&it.description) { it.description.as_str() } else { "see below" };
        vec![
            it.revision.to_string(),
            it.status.clone(),
            ago(now, it.begun),
            it.chart.clone(),
            it.app.clone(),
            said.to_owned(),
        ]
    };
    Table { columns: columns.map(str::to_owned).to_vec(), rows: rows.iter().map(row).collect() }
}

/// What Helm repeats of what others said, by revision.
fn said(rows: &[Row]) -> Vec<Quote> {
    let unusual = rows.iter().filter(|row| !views::is_usual(&row.description));
    let lines: Vec<String> = unusual
        .map(|row| format!("{} {}", row.revision, row.description.replace('\n', " ")))
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Quote { label: "what Helm says, by revision".to_owned(), text: lines.join("\n") }]
}

/// What differs between two revisions, where both could be read.
fn differ(
    answer: &mut Answer,
    ask: &Ask,
    (before, after): (u32, u32),
    whole: &BTreeMap<u32, Release>,
) -> Result<(), Failure> {
    let name = format!("{}/{}", ask.namespace, ask.name);
    let span = format!("{before} to {after}");
    let (Some(old), Some(new)) = (whole.get(&before), whole.get(&after)) else {
        answer.summary =
            format!("Revisions {span} of {name} cannot be compared: not both were read.");
        return Ok(());
    };
    let secrets = Secrets::of(&[old, new]);
    let given = |release: &Release| values::read(&release.config, &secrets, "values");
    let of_values = difference::of_values(&given(old)?, &given(new)?);
    let objects = |release: &Release| Objects::read(&release.manifest, &ask.namespace, &secrets);
    let (old, new) = (objects(old), objects(new));
    let of_objects = difference::of_objects(&old, &new);
    answer.summary = format!(
        "From revision {span} of {name}: {} values and {} objects differ.",
        of_values.count, of_objects.count
    );
    for (what, Difference { text, .. }) in [("values given", of_values), ("objects", of_objects)] {
        if !text.is_empty() {
            answer.quotes.push(Quote { label: format!("{what}, revision {span}"), text });
        }
    }
    let unreadable = old.unreadable.iter().chain(&new.unreadable);
    answer.warnings.extend(unreadable.map(|why| format!("not all is compared: {why}")));
    Ok(())
}
