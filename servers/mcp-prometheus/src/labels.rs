//! Labels of several series: what all have in common is told once, and what differs is told in columns.

use clients::prometheus::series::Labels;
use mcp::outside::leaves_as_it_is;
use std::collections::{BTreeMap, BTreeSet};

/// The label that has the metric's name.
pub(crate) const METRIC: &str = "__name__";
/// More columns than these are one, as most of their cells are empty.
const MOST_COLUMNS: usize = 5;
/// Labels that all series have in common are told up to this many.
const MOST_COMMON: usize = 12;
/// What so many names begin with is told once, where it is so long and ends at one of these.
const LEAST_NAMES: usize = 3;
const LEAST_PREFIX: usize = 6;
const PARTS_END: &str = "-./:_";

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
    /// What the values of some of these begin with.
    prefixes: BTreeMap<String, String>,
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

    /// The same for people, who read what all names begin with once. Programs get whole names.
    pub(crate) fn short<'a>(all: impl Iterator<Item = &'a Labels> + Clone) -> Heads {
        let mut heads = Heads::of(all.clone());
        if all.clone().count() < LEAST_NAMES || heads.differing.len() > MOST_COLUMNS {
            return heads;
        }
        for name in heads.differing.iter().filter(|it| *it != METRIC) {
            let values: Option<Vec<&String>> = all.clone().map(|it| it.get(name)).collect();
            let prefix = values.and_then(|it| prefix(&it));
            heads.prefixes.extend(prefix.map(|it| (name.clone(), it.to_owned())));
        }
        heads
    }

    /// `up, job="node", pod="web-…"`; empty where nothing is common.
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
        parts.extend(self.prefixes.iter().map(|(name, prefix)| format!("{name}=\"{prefix}…\"")));
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
        let cell = |name: &String| {
            let Some(value) = labels.get(name) else { return "-".to_owned() };
            let prefix = self.prefixes.get(name);
            match prefix.and_then(|it| value.strip_prefix(it.as_str())) {
                Some(rest) => format!("…{rest}"),
                None => value.clone(),
            }
        };
        self.differing.iter().map(cell).collect()
    }
}

/// What all of these begin with, up to the end of a part of their names, where each goes on after it.
fn prefix<'a>(values: &[&'a String]) -> Option<&'a str> {
    let (first, others) = values.split_first()?;
    let same = |other: &&String| {
        let pairs = first.chars().zip(other.chars());
        pairs.take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
    };
    let length: usize = others.iter().map(same).min()?;
    let common = first.get(..length)?;
    let shortest = values.iter().map(|it| it.len()).min()?;
    let ends = common.char_indices().filter(|(_, it)| PARTS_END.contains(*it));
    let end = ends.map(|(at, _)| at + 1).rfind(|it| *it < shortest)?;
    let is_plain = !common.contains(['"', '\\', '…']);
    let prefix = common.get(..end).filter(|it| it.len() >= LEAST_PREFIX && is_plain)?;
    values.iter().all(|it| leaves_as_it_is(it)).then_some(prefix)
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

    #[test]
    fn what_names_begin_with_is_told_once() {
        let pod = |name: &str| labels(&[("pod", name), ("zone", &name[..5])]);
        let all = ["web-6d8f7c-x7k2p", "web-6d8f7c-x7b4q", "web-6d8f7c-9xk2z"].map(pod);
        let heads = Heads::short(all.iter());
        assert_eq!(heads.common(), r#"zone="web-6", pod="web-6d8f7c-…""#);
        assert_eq!(heads.cells(&all[1]), ["…x7b4q"]);
        assert_eq!(Heads::of(all.iter()).cells(&all[1]), ["web-6d8f7c-x7b4q"]);
        for others in [
            ["web-6d8f7c-x7k2p", "web-6d8f7c-x7b4q", "orders-1"],
            ["gateway-", "gateway-a", "gateway-b"],
            ["n1:9100", "n2:9100", "n3:9100"],
        ] {
            let all = others.map(|it| labels(&[("pod", it)]));
            let heads = Heads::short(all.iter());
            assert_eq!(
                (heads.common().as_str(), heads.cells(&all[2])),
                ("", vec![others[2].to_owned()])
            );
        }
    }

    /// What is told in two parts is redacted in neither.
    #[test]
    fn secrets_that_begin_alike_are_told_whole() {
        let jwt = |it: &str| format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{it}.c2lnbmF0dXJlLW9m{it}");
        for values in [
            ["S3cretA@a", "Tr0ub@b", "Xyz9@c"].map(|it| format!("https://svc:{it}/")),
            ["Aa", "Bb", "Cc"].map(|it| format!("glpat-{it}{it}xkT9vQ2mLw8rZp4n")),
            ["AAAAA", "BBBBB", "CCCCC"].map(jwt),
        ] {
            let all = values.clone().map(|it| labels(&[("url", it.as_str())]));
            let heads = Heads::short(all.iter());
            assert_eq!(heads.common(), "");
            assert_eq!(heads.cells(&all[0]), [values[0].clone()]);
        }
    }

    #[test]
    fn metrics_are_told_whole() {
        // Whoever asks by name needs the whole one of a metric.
        let all =
            ["node_memory_a", "node_memory_b", "node_memory_c"].map(|it| labels(&[(METRIC, it)]));
        assert_eq!(Heads::short(all.iter()).cells(&all[0]), ["node_memory_a"]);
    }
}
