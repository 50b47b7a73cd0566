//! What differs between two revisions, in as few lines as say it.

use crate::objects::{Made, Objects};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one difference; more are counted.
const MOST_LINES: usize = 80;
/// Lines of a text within it.
const MOST_TEXT_LINES: usize = 12;
/// Letters of one value.
const MOST_LETTERS: usize = 120;
/// What is the same in so many objects is said once.
const SAID_ONCE: usize = 3;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    /// Where, as a path that the argument `path` takes.
    path: String,
    /// `: "1.0" -> "1.1"`, or several lines.
    says: String,
}

/// How many places differ, and the lines that say how.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Places, or objects.
    pub(crate) count: usize,
    /// The lines; empty where nothing differs.
    pub(crate) text: String,
}

/// What differs between two values.
pub(crate) fn of_values(before: &Value, after: &Value) -> Difference {
    let mut changes = Vec::new();
    compare("", before, after, &mut changes);
    let count = changes.len();
    let lines = changes.iter().flat_map(|change| lines(change, ""));
    Difference { count, text: cut(lines.collect()) }
}

/// What differs between the objects of two manifests: what is new, what is gone, what changed in which.
pub(crate) fn of_objects(before: &Objects, after: &Objects) -> Difference {
    let (before, after) = (by_key(before), by_key(after));
    let (mut lines_of_all, mut changed) = (Vec::new(), Vec::new());
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut count = 0;
    for key in keys {
        match (before.get(key), after.get(key)) {
            (Some(_), None) => lines_of_all.push(format!("- {key}")),
            (None, Some(_)) => lines_of_all.push(format!("+ {key}")),
            (Some(before), Some(after)) => {
                let mut changes = Vec::new();
                compare("", &before.value, &after.value, &mut changes);
                if !changes.is_empty() {
                    changed.push((key, changes));
                    continue;
                }
            }
            (None, None) => {}
        }
    }
    count += lines_of_all.len() + changed.len();
    let mut times: BTreeMap<Change, usize> = BTreeMap::new();
    for change in changed.iter().flat_map(|(_, changes)| changes) {
        *times.entry(change.clone()).or_default() += 1;
    }
    times.retain(|_, times| *times >= SAID_ONCE);
    for (change, times) in &times {
        lines_of_all.push(format!("~ in {times} objects"));
        lines_of_all.extend(lines(change, "  "));
    }
    for (key, changes) in changed {
        let own: Vec<_> = changes.iter().filter(|it| !times.contains_key(*it)).collect();
        if !own.is_empty() {
            lines_of_all.push(format!("~ {key}"));
            lines_of_all.extend(own.into_iter().flat_map(|change| lines(change, "  ")));
        }
    }
    Difference { count, text: cut(lines_of_all) }
}

fn by_key(objects: &Objects) -> BTreeMap<&str, &Made> {
    objects.made.iter().map(|made| (made.key.as_str(), made)).collect()
}

fn lines(change: &Change, indent: &str) -> Vec<String> {
    let whole = format!("{}{}", change.path, change.says);
    whole.lines().map(|line| format!("{indent}{line}")).collect()
}

fn cut(mut lines: Vec<String>) -> String {
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("… {more} more lines; read the revisions with path"));
    }
    lines.join("\n")
}

fn compare(path: &str, before: &Value, after: &Value, changes: &mut Vec<Change>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                one(&step(path, key), before.get(key), after.get(key), changes);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let (Some(before), Some(after)) = (named(before), named(after)) else {
                changes.push(Change {
                    path: path.to_owned(),
                    says: instead(&short_all(before), &short_all(after)),
                });
                return;
            };
            let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
            for name in names {
                let path = format!("{path}[{name}]");
                one(&path, before.get(name).copied(), after.get(name).copied(), changes);
            }
        }
        (Value::String(before), Value::String(after))
            if before.contains('\n') && after.contains('\n') =>
        {
            changes.push(Change { path: path.to_owned(), says: of_text(before, after) });
        }
        _ => changes
            .push(Change { path: path.to_owned(), says: instead(&short(before), &short(after)) }),
    }
}

fn one(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let says = match (before, after) {
        (Some(before), Some(after)) => return compare(path, before, after, changes),
        (Some(before), None) => format!(": {} is gone", short(before)),
        (None, Some(after)) => format!(": {} is new", short(after)),
        (None, None) => return,
    };
    changes.push(Change { path: path.to_owned(), says });
}

/// A key with a dot or a bracket in it stands in brackets, as the argument `path` takes it.
fn step(path: &str, key: &str) -> String {
    match (path.is_empty(), key.contains(['.', '[', ']'])) {
        (_, true) => format!("{path}[{key}]"),
        (true, false) => key.to_owned(),
        (false, false) => format!("{path}.{key}"),
    }
}

/// The elements by their names; none where not each has one of its own.
fn named(elements: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let name = |element: &'_ Value| element.get("name").and_then(Value::as_str).is_some();
    if elements.is_empty() || !elements.iter().all(name) {
        return None;
    }
    let by_name = elements.iter().filter_map(|it| Some((it.get("name")?.as_str()?, it)));
    let by_name: BTreeMap<&str, &Value> = by_name.collect();
    (by_name.len() == elements.len()).then_some(by_name)
}

fn instead(before: &str, after: &str) -> String {
    format!(": {before} -> {after}")
}

fn short_all(elements: &[Value]) -> String {
    short(&Value::Array(elements.to_vec()))
}

/// A value on one line, cut.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MOST_LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The lines that differ between two texts, from the first to the last that do.
fn of_text(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = |lines: &[&str]| lines.len() - same;
    let ends = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let ends = ends.min(rest(&before)).min(rest(&after));
    let mut text = format!(": text differs from line {}", same + 1);
    for (sign, lines) in [('-', &before), ('+', &after)] {
        let differ = lines.get(same..lines.len() - ends).unwrap_or_default();
        for line in differ.iter().take(MOST_TEXT_LINES) {
            text.push_str(&format!("\n  {sign} {line}"));
        }
        if differ.len() > MOST_TEXT_LINES {
            text.push_str(&format!("\n  {sign} … {} more", differ.len() - MOST_TEXT_LINES));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::helm::redact::Secrets;
    use serde_json::json;

    fn differ(before: Value, after: Value) -> String {
        of_values(&before, &after).text
    }

    #[test]
    fn what_is_new_gone_and_changed_is_told_at_its_highest_place() {
        let before = json!({"image": {"tag": "1.0"}, "debug": true, "same": [1]});
        let after = json!({"image": {"tag": "1.1"}, "ingress": {"on": true}, "same": [1]});
        let expected =
            "debug: true is gone\nimage.tag: \"1.0\" -> \"1.1\"\ningress: {\"on\":true} is new";
        assert_eq!(differ(before, after), expected);
    }

    #[test]
    fn elements_are_known_by_their_names_and_lists_without_by_themselves() {
        let before = json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "args": ["x"]});
        let after = json!({"env": [{"name": "B", "value": "3"}, {"name": "A", "value": "1"}], "args": ["x", "y"]});
        let expected = "args: [\"x\"] -> [\"x\",\"y\"]\nenv[B].value: \"2\" -> \"3\"";
        assert_eq!(differ(before, after), expected);
    }

    #[test]
    fn a_path_can_be_given_back() {
        let (before, after) = (json!({"a": {"b.c/d": 1}}), json!({"a": {"b.c/d": 2}}));
        assert_eq!(differ(before, after.clone()), "a[b.c/d]: 1 -> 2");
        assert_eq!(mcp::part::of(&after, "a[b.c/d]").unwrap(), 2);
    }

    #[test]
    fn of_a_text_the_lines_that_differ_are_told() {
        let text = |seconds| json!({"conf": format!("a=1\ntimeout={seconds}\nb=2\n")});
        let expected = "conf: text differs from line 2\n  - timeout=30\n  + timeout=3";
        assert_eq!(differ(text(30), text(3)), expected);
        let (before, after) = (json!({"conf": "a\na\n"}), json!({"conf": "a\na\na\n"}));
        assert_eq!(differ(before, after), "conf: text differs from line 3\n  + a");
    }

    #[test]
    fn equal_values_do_not_differ() {
        assert_eq!(of_values(&json!({"a": 1}), &json!({"a": 1})), Difference::default());
    }

    #[test]
    fn what_changed_alike_in_many_objects_is_said_once() {
        let manifest = |chart: &str, image: &str| {
            let labels = format!("metadata: {{labels: {{helm.sh/chart: {chart}}}, name: web}}");
            let service = format!("kind: Service\n{labels}\n");
            let account = format!("kind: ServiceAccount\n{labels}\n");
            let deployment = format!("kind: Deployment\n{labels}\nspec: {{image: \"{image}\"}}\n");
            let manifest = format!("{service}---\n{account}---\n{deployment}");
            Objects::read(&manifest, "shop", &Secrets::default())
        };
        let mut after = manifest("web-2", "web:2");
        after.made.retain(|made| made.key != "ServiceAccount/web");
        let difference = of_objects(&manifest("web-1", "web:1"), &manifest("web-2", "web:2"));
        let expected = "~ in 3 objects\n  metadata.labels[helm.sh/chart]: \"web-1\" -> \"web-2\"\n~ Deployment/web\n  spec.image: \"web:1\" -> \"web:2\"";
        assert_eq!((difference.count, difference.text.as_str()), (3, expected));
        let gone = of_objects(&manifest("web-1", "web:1"), &after);
        assert!(gone.text.starts_with("- ServiceAccount/web\n"), "{}", gone.text);
    }
}
