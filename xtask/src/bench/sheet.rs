//! Markdown tables of what was measured, beside the goals.

use std::fmt::Write;

/// What was measured so far.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    /// Each goal that was missed, in a line.
    pub(super) missed: Vec<String>,
}

impl Sheet {
    /// Begins a table.
    pub(super) fn table(&mut self, title: &str, columns: &[&str]) {
        let rule = "---|".repeat(columns.len());
        // Writing to a string cannot fail.
        let _ = write!(self.text, "\n### {title}\n\n| {} |\n|{rule}\n", columns.join(" | "));
    }

    /// Adds a row to it.
    pub(super) fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    /// Adds a line of text.
    pub(super) fn note(&mut self, line: &str) {
        let _ = writeln!(self.text, "\n{line}");
    }

    /// A number that may be this large at most; what was not measured has missed its goal.
    pub(super) fn goal(&mut self, what: &str, value: f64, most: f64) -> String {
        if value <= most {
            return format!("{} (≤ {most})", number(value));
        }
        self.missed.push(format!("{what}: {} instead of at most {most}", number(value)));
        format!("{} **missed** (≤ {most})", number(value))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Three digits, but no more of them after the point than a measurement deserves.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0..9.995 => format!("{value:.2}"),
        9.995..99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Sheet, number};

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([1.234, 12.34, 123.4, 1234.0].map(number), ["1.23", "12.3", "123", "1234"]);
    }

    #[test]
    fn a_goal_that_is_missed_is_said_in_its_place_and_kept() {
        let mut sheet = Sheet::default();
        assert_eq!(sheet.goal("ratio", 2.0, 2.0), "2.00 (≤ 2)");
        assert_eq!(sheet.goal("ratio", 2.5, 2.0), "2.50 **missed** (≤ 2)");
        assert_eq!(sheet.missed, ["ratio: 2.50 instead of at most 2"]);
    }

    #[test]
    fn what_was_not_measured_has_missed_its_goal() {
        let mut sheet = Sheet::default();
        sheet.goal("ratio", f64::NAN, 2.0);
        assert_eq!(sheet.missed.len(), 1);
    }
}
