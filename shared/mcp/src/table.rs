//! Rows as aligned columns.

use crate::answer::Table;
use unicode_width::UnicodeWidthStr;

/// One wide cell must not push all others apart.
const WIDEST: usize = 40;

/// The head and the rows, each as one line. Each begins with two spaces, so that no cell can pass for a line of ours.
pub(crate) fn lines(table: &Table) -> Vec<String> {
    let all: Vec<&Vec<String>> = std::iter::once(&table.columns).chain(&table.rows).collect();
    let columns = all.iter().map(|row| row.len()).max().unwrap_or_default();
    let mut widths = vec![0; columns];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row.iter()) {
            *width = (*width).max(cell.width().min(WIDEST));
        }
    }
    all.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str("  ");
        line.push_str(cell);
        let missing = width.saturating_sub(cell.width());
        line.extend(std::iter::repeat_n(' ', missing));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let table = Table {
            columns: row(["NAME", "READY", "WHY"]),
            rows: vec![row(["web", "0/1", ""]), row(["データ", "1/1", "fine"])],
        };
        let expected = ["  NAME    READY  WHY", "  web     0/1", "  データ  1/1    fine"];
        assert_eq!(lines(&table), expected);
    }
}
