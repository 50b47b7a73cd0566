//! The rows of `kubectl get pods`, the cheapest look at all pods there is: which of them are not well.

use clients::kubernetes::table::Table;
use jiff::SignedDuration;
use serde_json::Value;

/// A pod that is not well, by what its row says. Rows of all namespaces do not say in which it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BadRow {
    /// The pod.
    pub(crate) name: String,
    /// What its row says of it, as `CrashLoopBackOff 0/1`.
    pub(crate) says: String,
}

/// The pods that are not well; none where the table has not the columns that tell.
pub(crate) fn bad(table: &Table, window: SignedDuration) -> Option<Vec<BadRow>> {
    let column = |name: &str| table.columns.iter().position(|it| it.name == name);
    let (name, ready) = (column("Name")?, column("Ready")?);
    let (status, restarts) = (column("Status")?, column("Restarts")?);
    let mut bad = Vec::new();
    for row in &table.rows {
        let cell = |position: usize| row.cells.get(position).map(text).unwrap_or_default();
        let row = Row { ready: cell(ready), status: cell(status), restarts: cell(restarts) };
        if !row.is_well(window) {
            bad.push(BadRow { name: cell(name), says: format!("{} {}", row.status, row.ready) });
        }
    }
    bad.sort();
    Some(bad)
}

fn text(cell: &Value) -> String {
    match cell {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

struct Row {
    ready: String,
    status: String,
    restarts: String,
}

impl Row {
    fn is_well(&self, window: SignedDuration) -> bool {
        match self.status.as_str() {
            "Completed" | "Succeeded" => true,
            "Running" => self.is_ready() && !self.restarted_within(window),
            _ => false,
        }
    }

    fn is_ready(&self) -> bool {
        match self.ready.split_once('/') {
            Some((ready, all)) => ready == all,
            None => false,
        }
    }

    /// `5 (3m2s ago)` says when; `5` alone does not, and is history.
    fn restarted_within(&self, window: SignedDuration) -> bool {
        let ago = self.restarts.split_once('(').and_then(|(_, rest)| rest.split_once(" ago"));
        ago.and_then(|(ago, _)| age(ago)).is_some_and(|ago| ago <= window)
    }
}

/// The age that kubectl prints: `45s`, `3m20s`, `5d3h`, `2y10d`.
pub(crate) fn age(text: &str) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut number: i64 = 0;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = number.checked_mul(10)?.checked_add(i64::from(digit))?;
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'y' => 365 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    Some(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_well(ready: &str, status: &str, restarts: &str) -> bool {
        let text = |it: &str| it.to_owned();
        let row = Row { ready: text(ready), status: text(status), restarts: text(restarts) };
        row.is_well(SignedDuration::from_hours(1))
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
    }
}
