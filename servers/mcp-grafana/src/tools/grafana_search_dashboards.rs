//! Dashboards by title, tag and folder.

use crate::record::{Record, within};
use crate::server::Grafana;
use clients::grafana::search::{Hit, MOST, MOST_FOLDERS, Search};
use mcp::age::counted;
use mcp::answer::{Answer, Table};
use mcp::arguments::limit;
use mcp::cursor::part;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The tool.
pub struct SearchDashboards;

/// Which dashboards.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Words of the title.
    query: Option<String>,
    tag: Option<String>,
    /// Its title or uid.
    folder: Option<String>,
    #[schemars(extend("seldom" = "limit=200"))]
    limit: Option<u64>,
    cursor: Option<String>,
}

/// Rows where nobody says how many.
const ROWS: u64 = 30;
const MOST_ROWS: u64 = 500;
/// Characters of a question: an address must hold it.
const LONGEST: usize = 200;
/// Tags that a row names.
const MOST_TAGS: usize = 5;
/// The folder that dashboards outside of all folders are in.
const ROOT: &str = "General";

impl Tool<Grafana> for SearchDashboards {
    const NAME: &'static str = "grafana_search_dashboards";
    const ABOUT: &'static str = "Dashboards by title, tag or folder: uid, title, folder, tags. Use it to find a dashboard's uid.";
    type Ask = Ask;

    async fn answer(server: &Grafana, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = limit("limit", ask.limit, ROWS, MOST_ROWS)?;
        let (query, tag) = (text("query", ask.query)?, text("tag", ask.tag)?);
        let mut record = Record::new(server.client()?, call.deadline);
        let answer = within(record.deadline(), record.client.search(&query, &tag)).await;
        let Search { mut hits, is_cut, lacks_titles, refusal } =
            record.take(answer, "dashboards:read on the folders to look into")?;
        if lacks_titles {
            record.gap("titles of folders", &unnamed(refusal.as_ref().map(Failure::from)));
        }
        // Servers differ in what they make of both.
        hits.retain(|it| tag.is_empty() || it.tags.contains(&tag));
        let found = hits.len();
        if let Some(folder) = &ask.folder {
            let folders: Vec<String> = hits.iter().map(|it| folder_of(it).to_owned()).collect();
            hits.retain(|it| {
                it.folder_uid == *folder || folder_of(it).eq_ignore_ascii_case(folder)
            });
            if hits.is_empty() && found > 0 {
                let there = offer(folder, folders.iter().map(String::as_str));
                let or = if lacks_titles { ", or in one whose title is not known" } else { "" };
                record
                    .warn(format!("{} in other folders{or}; {there}", counted(found, "dashboard")));
            }
        }
        if is_cut {
            record.warn(format!(
                "Grafana has more than it brought, of which {MOST} at most are asked for; narrow the question"
            ));
        }
        // A folder whose title is not known may be the one that is asked for.
        let is_all = !is_cut && (ask.folder.is_none() || !lacks_titles);
        if hits.is_empty() {
            record.warn("Grafana lists only what this identity may see".to_owned());
        }
        hits.sort_by(|a, b| {
            let key = |it: &Hit| (it.folder_title.clone(), it.title.clone(), it.uid.clone());
            key(a).cmp(&key(b))
        });
        let identities: Vec<String> = hits.iter().map(|it| it.uid.clone()).collect();
        let part = part(ask.cursor.as_deref(), &identities, rows, is_all)?;
        let shown = hits.get(part.rows).unwrap_or_default();
        let at_least = if is_all { "" } else { "at least " };
        let answer = Answer {
            summary: format!("{at_least}{}.", counted(hits.len(), "dashboard")),
            table: table(shown),
            page: Some(part.page),
            next: shown
                .first()
                .map(|it| format!("grafana_get_dashboard(uid={})", it.uid))
                .into_iter()
                .collect(),
            ..Answer::default()
        };
        Ok(record.into(answer))
    }
}

/// Why a folder has no title here.
fn unnamed(refused: Option<Failure>) -> Failure {
    let failure = refused.unwrap_or(Failure {
        code: Code::NotFound,
        message: format!(
            "some were not found, or are not among the {MOST_FOLDERS} that are looked up"
        ),
        retryable: false,
        hint: String::new(),
    });
    Failure { hint: "name the folder by its uid".to_owned(), ..failure }
}

fn text(argument: &str, given: Option<String>) -> Result<String, Failure> {
    let text = given.unwrap_or_default();
    if text.len() > LONGEST {
        return Err(Failure::invalid(format!(
            "argument `{argument}` must be at most {LONGEST} bytes, not {}",
            text.len()
        )));
    }
    Ok(text)
}

fn folder_of(hit: &Hit) -> &str {
    match (hit.folder_title.as_str(), hit.folder_uid.as_str()) {
        ("", "") => ROOT,
        ("", uid) => uid,
        (title, _) => title,
    }
}

fn table(shown: &[Hit]) -> Table {
    let row = |it: &Hit| {
        let mut tags: Vec<String> = it.tags.iter().take(MOST_TAGS).cloned().collect();
        if it.tags.len() > MOST_TAGS {
            tags.push(format!("{} more", it.tags.len() - MOST_TAGS));
        }
        let folder = folder_of(it).to_owned();
        vec![it.uid.clone(), it.title.clone(), folder, tags.join(","), it.url.clone()]
    };
    let columns = ["UID", "TITLE", "FOLDER", "TAGS", "PATH"];
    Table { columns: columns.map(str::to_owned).to_vec(), rows: shown.iter().map(row).collect() }
}
