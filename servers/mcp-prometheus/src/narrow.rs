//! A table in fewer words: what all its rows say is said once, and where it is long what tells least is left out.

use mcp::answer::Table;

/// About how many tokens a table may take: the page of twenty series over an hour is to take 1,100, with what stands around it.
const MOST: usize = 960;
/// Of fewer rows it is easier to read each by itself.
const LEAST_ROWS: usize = 3;
/// What is left out of a longer one, in this order: the others and the shape tell most of it. It may be too long still.
const SPARED: [&str; 2] = ["P95", "MEAN"];
/// What is left out next where levels tell from what to what.
const TOLD_BY_LEVEL: [&str; 2] = ["CHANGE", "FIRST"];
const LEVEL: &str = "LEVEL";
/// What columns mean that do not say it themselves.
const LEGEND: [(&str, &str); 2] = [
    ("SHAPE", "SHAPE 0-9: least to greatest"),
    (LEVEL, "LEVEL: when and from what to what it changed"),
];

/// What is said once instead of in every row, `all CHANGE 0%`, what is left out, and what the rest means. Columns before `first`
/// stay.
pub(crate) fn narrowed(table: &mut Table, first: usize) -> Vec<String> {
    let (mut said, mut heads) = (Vec::new(), Vec::new());
    for at in (first..table.columns.len()).rev() {
        let mut cells = table.rows.iter().filter_map(|row| row.get(at));
        let Some(value) = cells.next().cloned() else { continue };
        let is_worth_it = value.is_empty() || table.rows.len() >= LEAST_ROWS;
        if is_worth_it && cells.all(|it| *it == value) {
            let head = removed(table, at);
            if !value.is_empty() {
                said.push(format!("all {head} {value}"));
                // A word, as `flat`, says itself.
                heads.extend(value.contains(|it: char| it.is_ascii_digit()).then_some(head));
            }
        }
    }
    said.reverse();
    let mut spared = Vec::new();
    let has_levels = table.columns.iter().skip(first).any(|it| it == LEVEL);
    let by_level = TOLD_BY_LEVEL.iter().filter(|_| has_levels);
    for head in SPARED.iter().chain(by_level) {
        if tokens(table) <= MOST {
            break;
        }
        let at = table.columns.iter().skip(first).position(|it| it == head);
        spared.extend(at.map(|at| removed(table, first + at)));
    }
    if !spared.is_empty() {
        said.push(format!("for length without {}: see limit=10", spared.join(", ")));
    }
    heads.extend(table.columns.iter().skip(first).cloned());
    let told = LEGEND.iter().filter(|(head, _)| heads.iter().any(|it| it == head));
    said.extend(told.map(|(_, means)| (*means).to_owned()));
    said
}

/// Takes a column away; its head.
fn removed(table: &mut Table, at: usize) -> String {
    for row in table.rows.iter_mut().filter(|row| at < row.len()) {
        row.remove(at);
    }
    table.columns.remove(at)
}

/// About how many tokens a table takes: the spaces between two cells are two.
fn tokens(table: &Table) -> usize {
    let cells = table.rows.iter().flatten().filter(|cell| !cell.is_empty());
    cells.map(|cell| 2 + of_cell(cell)).sum()
}

/// As tokenizers count: three digits are one, some two letters of a made name are, and a mark is.
fn of_cell(cell: &str) -> usize {
    let kind = |it: char| match it {
        it if it.is_ascii_digit() => 3,
        it if it.is_alphabetic() => 2,
        _ => 1,
    };
    let (mut count, mut run, mut last) = (0, 0, 0);
    for most in cell.chars().map(kind) {
        // A run of one kind, as long as it fits into one token.
        let goes_on = most == last && run < most;
        run = if goes_on { run + 1 } else { 1 };
        count += usize::from(!goes_on);
        last = most;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{narrowed, of_cell};
    use mcp::answer::Table;

    fn table(columns: &[&str], rows: Vec<Vec<String>>) -> Table {
        Table { columns: columns.iter().map(|it| (*it).to_owned()).collect(), rows }
    }

    #[test]
    fn what_all_rows_say_is_said_once() {
        let row = |name: &str| [name, "1", "flat", ""].map(str::to_owned).to_vec();
        let mut it = table(&["pod", "LAST", "SHAPE", "LEVEL"], vec![row("a"), row("b"), row("c")]);
        assert_eq!(narrowed(&mut it, 1), ["all LAST 1", "all SHAPE flat"]);
        assert_eq!(it.columns, ["pod"]);
        let mut few = table(&["pod", "LAST", "SHAPE", "LEVEL"], vec![row("a"), row("b")]);
        assert_eq!(narrowed(&mut few, 1), ["SHAPE 0-9: least to greatest"]);
        assert_eq!(few.columns, ["pod", "LAST", "SHAPE"]);
    }

    #[test]
    fn a_long_table_is_without_what_tells_least() {
        let row = |at: usize| {
            let name = format!("payments-7d4b9c8f6d-{at:05}");
            let value = |by: usize| format!("{}.{at:02}", by + at % 7);
            vec![name, value(1), value(2), value(3), value(4), "10:15 1.2>3.4".to_owned()]
        };
        let heads = ["pod", "LAST", "MAX", "MEAN", "P95", "LEVEL"];
        let mut short = table(&heads, (0..5).map(row).collect());
        let level = "LEVEL: when and from what to what it changed";
        assert_eq!(narrowed(&mut short, 1), ["all LEVEL 10:15 1.2>3.4", level]);
        assert!(short.columns.contains(&"P95".to_owned()));
        let mut long = table(&heads, (0..50).map(row).collect());
        let said = narrowed(&mut long, 1);
        assert_eq!(said[1], "for length without P95, MEAN: see limit=10");
        assert!(long.rows.iter().all(|row| row.len() == long.columns.len()));
    }

    #[test]
    fn what_changed_is_left_out_only_where_levels_tell_it() {
        let long = |level: fn(usize) -> String| {
            let row = |at: usize| {
                let name =
                    format!("payments-7d4b9c8f6d-{at:05}-a-name-that-is-long-by-itself-{at}");
                vec![name, at.to_string(), format!("{at}%"), level(at)]
            };
            let mut it = table(&["pod", "FIRST", "CHANGE", "LEVEL"], (0..50).map(row).collect());
            narrowed(&mut it, 1);
            it.columns
        };
        assert_eq!(long(|_| String::new()), ["pod", "FIRST", "CHANGE"]);
        assert_eq!(long(|at| format!("10:15 {at}>{at}")), ["pod", "LEVEL"]);
    }

    #[test]
    fn cells_are_counted_about_as_tokenizers_do() {
        assert_eq!(of_cell("1.91"), 3);
        assert_eq!(of_cell("5553644545"), 4);
        assert_eq!(of_cell("-1%"), 3);
        assert_eq!(of_cell("…c54d6"), 5);
    }
}
