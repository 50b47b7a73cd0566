//! Labels of several series: what all have in common is told once, and what differs is told in columns.

use clients::prometheus::series::Labels;
use std::collections::BTreeSet;

/// The label that has the metric's name.
pub(crate) const METRIC: &str = "__name__";
/// More columns than these are one, as most of their cells are empty.
const MOST_COLUMNS: usize = 5;
/// Labels that all series have in common are told up to this many.
const MOST_COMMON: usize = 12;

/// A selector of a metric, whatever characters its name has.
pub(crate) fn of_metric(metric: &str) -> String {
    format!("{{{METRIC}={metric:?}}}")
}

/// How the labels of several series are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heads {
    /// Labels with the same value everywhere.
    common: Vec<(String, String)>,
    /// Labels that differ.
    differing: Vec<String>,
}

impl Heads {
    /// What is common to these, and what is not.
    pub(crate) fn of<'a>(all: impl Iterator<Item = &'a Labels> + Clone) -> Heads {
        let names: BTreeSet<&String> = all.clone().flat_map(Labels::keys).collect();
        let mut heads = Heads::default();
        for name in names {
            let mut values = all.clone().map(|labels| labels.get(name));
            let first = values.next().flatten();
            match first {
                Some(value) if values.all(|it| it == first) => {
                    heads.common.push((name.clone(), value.clone()));
                }
                _ => heads.differing.push(name.clone()),
            }
        }
        heads
    }

    /// `up, job="node", ...`; empty where nothing is common.
    pub(crate) fn common(&self) -> String {
        let metric = self.common.iter().filter(|it| it.0 == METRIC).map(|it| it.1.clone());
        let labels = self.common.iter().filter(|it| it.0 != METRIC);
        let mut parts: Vec<String> = metric.collect();
        parts.extend(
            labels.clone().take(MOST_COMMON).map(|(name, value)| format!("{name}={value:?}")),
        );
        if labels.count() > MOST_COMMON {
            parts.push("...".to_owned());
        }
        parts.join(", ")
    }

    /// The heads of the columns for what differs.
    pub(crate) fn columns(&self) -> Vec<String> {
        if self.differing.len() > MOST_COLUMNS {
            return vec!["LABELS".to_owned()];
        }
        let head = |name: &String| if name == METRIC { "METRIC".to_owned() } else { name.clone() };
        self.differing.iter().map(head).collect()
    }

    /// The cells of one series in these columns.
    pub(crate) fn cells(&self, labels: &Labels) -> Vec<String> {
        if self.differing.len() > MOST_COLUMNS {
            let has = |name: &String| Some(format!("{name}={}", labels.get(name)?));
            let all: Vec<String> = self.differing.iter().filter_map(has).collect();
            return vec![all.join(",")];
        }
        let cell = |name: &String| labels.get(name).cloned().unwrap_or_else(|| "-".to_owned());
        self.differing.iter().map(cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_common_is_told_once() {
        let all = [
            labels(&[(METRIC, "up"), ("job", "node"), ("instance", "a")]),
            labels(&[(METRIC, "up"), ("job", "node"), ("instance", "b"), ("zone", "1")]),
        ];
        let heads = Heads::of(all.iter());
        assert_eq!(heads.common(), r#"up, job="node""#);
        assert_eq!(heads.columns(), ["instance", "zone"]);
        assert_eq!(heads.cells(&all[0]), ["a", "-"]);
    }
}
