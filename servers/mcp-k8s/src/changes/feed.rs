//! Changes in the order of time, those that are alike as one.

use super::Change;
use evidence::entity::Entity;
use jiff::Timestamp;
use mcp::age::ago;
use mcp::answer::{Quote, Table};
use std::collections::BTreeMap;

/// As many changes of one kind by one actor in one minute are one row.
const ALIKE: usize = 4;
/// Names that such a row says.
const MOST_NAMES: usize = 3;
/// Changes whose details are shown: some 2,000 tokens.
const MOST_DETAILED: usize = 30;

/// The latest first.
pub(super) fn sort(changes: &mut [Change]) {
    changes.sort_by(|left, right| {
        right
            .at
            .cmp(&left.at)
            .then_with(|| (&left.subject, &left.what).cmp(&(&right.subject, &right.what)))
    });
}

/// The same, with those that are alike as one.
pub(crate) fn grouped(changes: Vec<Change>) -> Vec<Change> {
    let mut alike: BTreeMap<(i64, String, String, String, String), Vec<Change>> = BTreeMap::new();
    let mut rest = Vec::new();
    for it in changes {
        if !it.details.is_empty() || it.bad {
            rest.push(it);
            continue;
        }
        let (kind, namespace) = (it.subject.kind.clone(), it.subject.namespace.clone());
        let key = (it.at.as_second() / 60, kind, namespace, it.what.clone(), it.actor.clone());
        alike.entry(key).or_default().push(it);
    }
    for (_, some) in alike {
        match some.first() {
            Some(first) if some.len() >= ALIKE => {
                let names: Vec<&str> =
                    some.iter().take(MOST_NAMES).map(|it| it.subject.name.as_str()).collect();
                let name = format!("{} and {} more", names.join(", "), some.len() - names.len());
                let subject = Entity { name, ..first.subject.clone() };
                rest.push(Change { subject, ..first.clone() });
            }
            _ => rest.extend(some),
        }
    }
    sort(&mut rest);
    rest
}

/// One row for each, numbered from `first`.
pub(crate) fn table(first: usize, changes: &[Change], now: Timestamp) -> Table {
    let columns = ["#", "WHEN", "AGO", "OBJECT", "CHANGE", "BY"];
    let row = |(number, it): (usize, &Change)| {
        let when = it.at.strftime("%m-%d %H:%M:%S").to_string();
        let ago = ago(now, Some(it.at)).trim_end_matches(" ago").to_owned();
        vec![
            number.to_string(),
            when,
            ago,
            it.subject.to_string(),
            it.what.clone(),
            it.actor.clone(),
        ]
    };
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: (first..).zip(changes).map(row).collect(),
    }
}

/// What others wrote of them, by the numbers of the rows.
pub(crate) fn details(first: usize, changes: &[Change]) -> Vec<Quote> {
    let mut lines = Vec::new();
    let detailed = (first..).zip(changes).filter(|(_, it): &(usize, _)| !it.details.is_empty());
    let more = detailed.clone().count().saturating_sub(MOST_DETAILED);
    for (number, it) in detailed.take(MOST_DETAILED) {
        lines.extend(
            it.details.iter().map(|line| format!("{number} {}", crate::said::one_line(line))),
        );
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let more = match more {
        0 => String::new(),
        more => format!("; of {more} more with a lower limit"),
    };
    vec![Quote { label: format!("what changed, by #{more}"), text: lines.join("\n") }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, second: i64) -> Change {
        Change {
            at: Timestamp::from_second(second).unwrap(),
            subject: Entity::new("ConfigMap", "shop", name),
            what: "written".to_owned(),
            actor: "helm".to_owned(),
            details: Vec::new(),
            bad: false,
        }
    }

    #[test]
    fn what_one_program_did_in_one_minute_is_one_row() {
        let changes: Vec<Change> =
            ["a", "b", "c", "d", "e"].iter().map(|name| written(name, 60)).collect();
        let grouped = grouped(changes);
        assert_eq!(grouped.len(), 1);
        assert_eq!(grouped[0].subject.name, "a, b, c and 2 more");
    }

    #[test]
    fn details_that_are_not_shown_are_said() {
        let of = |count: i64| {
            let detailed =
                |at| Change { details: vec!["a: 1 → 2".to_owned()], ..written("a", at) };
            let changes: Vec<Change> = (0..count).map(detailed).collect();
            details(1, &changes).first().map(|quote| quote.label.clone()).unwrap_or_default()
        };
        assert_eq!(of(30), "what changed, by #");
        assert_eq!(of(32), "what changed, by #; of 2 more with a lower limit");
    }

    #[test]
    fn few_changes_stay_by_themselves_the_latest_first() {
        let grouped = grouped(vec![written("a", 60), written("b", 120), written("c", 180)]);
        let names: Vec<&str> = grouped.iter().map(|it| it.subject.name.as_str()).collect();
        assert_eq!(names, ["c", "b", "a"]);
    }
}
