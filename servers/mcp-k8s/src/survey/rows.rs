//! The rows of `kubectl get pods`, the cheapest look at all pods there is: which of them are not well.

use crate::translate::row::{self, Heads, Unsure};
use clients::kubernetes::table::{Column, Row};
use jiff::SignedDuration;

/// A pod that is not well, by what its row says. Rows of all namespaces do not say in which it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BadRow {
    /// The pod.
    pub(crate) name: String,
    /// What its row says of it, as `CrashLoopBackOff 0/1`.
    pub(crate) says: String,
}

/// The pods that are not well, those whose rows cannot be read among them; none where the table lacks a column.
pub(crate) fn bad(columns: &[Column], rows: &[Row], window: SignedDuration) -> Option<Vec<BadRow>> {
    let (heads, name) = (Heads::of(columns)?, row::column(columns, "Name")?);
    let mut bad = Vec::new();
    for row in rows {
        let says = match row::how(row, heads) {
            // A restart without a time is history.
            Some(how) if how.is_well(window, Unsure::IsWell) => continue,
            Some(how) => format!("{} {}", how.status, how.ready),
            None => "in a form that is not known".to_owned(),
        };
        bad.push(BadRow { name: row::text(row, name).unwrap_or_default().to_owned(), says });
    }
    bad.sort();
    Some(bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_well(ready: &str, status: &str, restarts: &str) -> bool {
        let column = |name| serde_json::from_value(json!({"name": name})).unwrap();
        let columns = ["Name", "Ready", "Status", "Restarts"].map(column).to_vec();
        let row: Row =
            serde_json::from_value(json!({"cells": ["web-0", ready, status, restarts]})).unwrap();
        let how = row::how(&row, Heads::of(&columns).unwrap()).unwrap();
        how.is_well(SignedDuration::from_hours(1), Unsure::IsWell)
    }

    #[test]
    fn a_pod_that_runs_and_one_that_is_done_are_well() {
        assert!(is_well("2/2", "Running", "0"));
        assert!(is_well("0/1", "Completed", "0"));
    }

    #[test]
    fn a_pod_that_is_not_ready_or_waits_is_not() {
        assert!(!is_well("1/2", "Running", "0"));
        assert!(!is_well("0/1", "ImagePullBackOff", "0"));
        assert!(!is_well("0/1", "Pending", "0"));
        assert!(!is_well("0/1", "Init:0/1", "0"));
    }

    #[test]
    fn only_a_recent_restart_counts() {
        assert!(!is_well("1/1", "Running", "5 (3m20s ago)"));
        assert!(is_well("1/1", "Running", "5 (5d3h ago)"));
        assert!(is_well("1/1", "Running", "5"));
        assert!(!is_well("1/1", "Running", "1 (<invalid> ago)"), "the newest there can be");
    }

    #[test]
    fn a_row_of_another_form_hides_no_other() {
        let column = |name| serde_json::from_value(json!({"name": name})).unwrap();
        let row = |cells: [&str; 4]| serde_json::from_value(json!({"cells": cells})).unwrap();
        let columns = ["Name", "Ready", "Status", "Restarts"].map(column);
        let rows =
            [row(["web-0", "0/1", "Pending", "0"]), row(["web-1", "1/1", "Running", "often"])];
        let bad = bad(&columns, &rows, SignedDuration::from_hours(1)).unwrap();
        let names: Vec<&str> = bad.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["web-0", "web-1"]);
    }
}
