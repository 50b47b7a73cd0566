//! What could not be looked at, told once for what failed alike.

use evidence::testimony::Gap;
use std::collections::BTreeMap;

/// More of what failed alike are counted.
const MOST: usize = 5;

/// One gap for those of a server that failed in the same way and are mended in the same way. What differs in why each of them
/// failed, such as a name in the server's sentence, is left out.
pub(super) fn folded<'a>(gaps: impl Iterator<Item = &'a Gap>) -> Vec<Gap> {
    let mut alike: BTreeMap<(&str, &str, String), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        alike.entry((&gap.server, &gap.remedy, way(&gap.why))).or_default().push(gap);
    }
    let mut told: Vec<Gap> = alike.iter().filter_map(|((.., way), all)| one(way, all)).collect();
    told.sort();
    told
}

/// How it failed: the system and what it said, without what it said of whom: `kubernetes: not found (404)`.
fn way(why: &str) -> String {
    why.split(": ").take(2).collect::<Vec<_>>().join(": ")
}

fn one(way: &str, all: &[&Gap]) -> Option<Gap> {
    let (&first, more) = all.split_first()?;
    if more.is_empty() {
        return Some(first.clone());
    }
    let mut what = all.iter().take(MOST).map(|it| it.what.as_str()).collect::<Vec<_>>().join(", ");
    if all.len() > MOST {
        what.push_str(&format!(" and {} more", all.len() - MOST));
    }
    Some(Gap { what, why: format!("{way}, {} times", all.len()), ..first.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(what: &str, why: &str, remedy: &str) -> Gap {
        let [server, what, why, remedy] = ["mcp-k8s", what, why, remedy].map(str::to_owned);
        Gap { server, what, why, remedy }
    }

    #[test]
    fn what_fails_alike_is_told_once() {
        let logs = (1..=7).map(|it| {
            let why = format!("kubernetes: not found (404): pods \"web-{it}\" not found");
            gap(&format!("log of web-{it}"), &why, "look where logs are collected")
        });
        let rules = gap("rules", "kubernetes: may not be read (403): no", "a Role");
        let gaps: Vec<Gap> = logs.chain([rules.clone()]).collect();
        let told = folded(gaps.iter());
        let what =
            "log of web-1, log of web-2, log of web-3, log of web-4, log of web-5 and 2 more";
        let why = "kubernetes: not found (404), 7 times";
        assert_eq!(told, [gap(what, why, "look where logs are collected"), rules]);
    }

    #[test]
    fn what_is_mended_by_other_rights_is_told_apart() {
        let gaps = [
            gap("pods", "kubernetes: may not be read (403): pods", "a Role for pods"),
            gap("nodes", "kubernetes: may not be read (403): nodes", "a ClusterRole for nodes"),
        ];
        assert_eq!(folded(gaps.iter()).len(), 2);
    }
}
