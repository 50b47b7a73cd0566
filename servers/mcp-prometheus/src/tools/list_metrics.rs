//! Which metrics there are: by name where they are few, else by how their names begin.

use crate::ask::Desk;
use crate::labels::METRIC;
use crate::record::examined;
use crate::server::Prometheus;
use crate::span::HOUR;
use clients::prometheus::expression::Expression;
use clients::prometheus::labels::Names;
use clients::prometheus::query::Range;
use jiff::Timestamp;
use mcp::answer::{Answer, Page, Table};
use mcp::arguments::limit;
use mcp::failure::Failure;
use mcp::nearest::nearest;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The tool.
pub struct ListMetrics;

/// Which metrics.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// A part of the name, or a selector as {job="node"}.
    #[serde(rename = "match")]
    matching: Option<String>,
    /// Rows; 60.
    limit: Option<u64>,
}

/// Rows at most.
const MOST_ROWS: u64 = 1_000;
/// Rows where nobody says how many; names of metrics have some eight tokens.
const ROWS: u64 = 60;

impl Tool<Prometheus> for ListMetrics {
    const NAME: &'static str = "list_metrics";
    const ABOUT: &'static str = "Names of metrics, those alike grouped where there are many. Use it when a name is not known.";
    type Ask = Ask;

    async fn answer(server: &Prometheus, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let rows = rows(ask.limit, ROWS)?;
        let desk = Desk::new(server.prometheus()?, call.deadline);
        let matching = ask.matching.as_deref().unwrap_or_default().trim();
        let is_selector = matching.contains('{');
        let selector = is_selector.then(|| desk.expression("match", matching)).transpose()?;
        let found = values(&desk, METRIC, selector.as_ref()).await?;
        let part = if is_selector { "" } else { matching };
        let names: Vec<&str> =
            found.names.iter().map(String::as_str).filter(|it| it.contains(part)).collect();
        let fit = if matching.is_empty() { String::new() } else { format!(" with {matching}") };
        let mut answer = Answer {
            summary: format!("{} metrics{fit} in the last hour.", names.len()),
            examined: examined(&desk.client),
            ..Answer::default()
        };
        if names.is_empty() && !found.names.is_empty() {
            let words = found.names.iter().flat_map(|it| it.split(['_', ':']));
            let near = nearest(part, words.chain(found.names.iter().map(String::as_str)));
            let near = if near.is_empty() {
                String::new()
            } else {
                format!("; the nearest are {}", near.join(", "))
            };
            answer.problems.push(format!("none of {} names fits{near}", found.names.len()));
        }
        if names.len() <= rows {
            answer.table = Table {
                columns: vec!["METRIC".to_owned()],
                rows: names.iter().map(|it| vec![(*it).to_owned()]).collect(),
            };
            return Ok(desk.close().into(answer));
        }
        let groups = grouped(&names, rows);
        answer.page = Some(Page {
            returned: groups.len() as u64,
            total: names.len() as u64,
            exact: !found.cut,
            cursor: None,
        });
        answer.table = Table {
            columns: ["BEGINS", "COUNT", "SUCH AS"].map(str::to_owned).to_vec(),
            rows: groups,
        };
        answer.next = vec!["list_metrics(match=a part of a name)".to_owned()];
        Ok(desk.close().into(answer))
    }
}

/// Names by their first words: as many words as make no more groups than there are rows.
fn grouped(names: &[&str], rows: usize) -> Vec<Vec<String>> {
    let mut best = by_words(names, 1);
    for words in 2..=4 {
        let groups = by_words(names, words);
        if groups.len() > rows {
            break;
        }
        best = groups;
    }
    let mut groups: Vec<(String, Vec<&str>)> = best.into_iter().collect();
    groups.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    groups.truncate(rows);
    let row = |(begins, names): (String, Vec<&str>)| {
        let example = names.first().copied().unwrap_or_default().to_owned();
        vec![begins, names.len().to_string(), example]
    };
    groups.into_iter().map(row).collect()
}

fn by_words<'a>(names: &[&'a str], words: usize) -> BTreeMap<String, Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let begins: Vec<&str> = name.split(['_', ':']).take(words).collect();
        groups.entry(begins.join("_")).or_default().push(name);
    }
    groups
}

/// How many rows `limit` asks for.
pub(crate) fn rows(given: Option<u64>, default: u64) -> Result<usize, Failure> {
    let rows = limit("limit", given, default, MOST_ROWS)?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

/// The values that a label had in the last hour, of the series that `selector` selects where it is given. That there are
/// more is written down.
pub(crate) async fn values(
    desk: &Desk,
    label: &str,
    selector: Option<&Expression>,
) -> Result<Names, Failure> {
    let found = desk.read(desk.client.label_values(label, selector, lately(desk.now))).await?;
    if found.cut {
        let what = if label == METRIC { "names" } else { "values" };
        let why = format!("only the first {} {what} were read", found.names.len());
        desk.note(|record| record.cut(why));
    }
    Ok(found)
}

/// The last hour.
pub(crate) fn lately(now: Timestamp) -> Range {
    let start = Timestamp::from_second(now.as_second() - HOUR).unwrap_or(now);
    Range { start, end: now, step: 1 }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn names_are_grouped_by_as_many_words_as_fit() {
        let names = ["go_gc_a", "go_gc_b", "go_mem_a", "up"];
        assert_eq!(
            grouped(&names, 3),
            [["go_gc", "2", "go_gc_a"], ["go_mem", "1", "go_mem_a"], ["up", "1", "up"]]
        );
        assert_eq!(grouped(&names, 2), [["go", "3", "go_gc_a"], ["up", "1", "up"]]);
    }
}
