//! What differs between two objects: each field by its path, before and after.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a value that are shown: an image with its digest fits.
const LONGEST: usize = 160;
/// Fields by which elements of a list are told apart, the most telling first.
const KEYS: [&str; 6] = ["name", "mountPath", "containerPort", "key", "topologyKey", "ip"];

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where: `spec.containers[web].image`.
    pub(crate) path: String,
    /// What it was; none where it was not there.
    pub(crate) before: Option<String>,
    /// What it is; none where it is not there any more.
    pub(crate) after: Option<String>,
}

impl Difference {
    /// On one line: `path: before → after`, `+ path: after` or `- path: before`.
    pub(crate) fn line(&self) -> String {
        let path = &self.path;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{path}: {} → {}", shown(before), shown(after)),
            (None, Some(after)) => format!("+ {path}: {}", shown(after)),
            (Some(before), None) => format!("- {path}: {}", shown(before)),
            (None, None) => path.clone(),
        }
    }
}

/// The fields that differ, by their paths.
pub(crate) fn between(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), None, &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

/// Compares what stands at a path; `named` is the field that the path has told of it.
fn compare(
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    named: Option<&str>,
    found: &mut Vec<Difference>,
) {
    let [before, after] = [before, after].map(|it| it.filter(|it| !it.is_null()));
    match (before, after) {
        (None, None) => {}
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) => {
            fields(path, [before, after], named, found);
        }
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            elements(path, [before, after], found);
        }
        (Some(before), Some(after)) if is_nested(before) || is_nested(after) => {
            compare(path, Some(before), None, named, found);
            compare(path, None, Some(after), named, found);
        }
        _ => differs(path, before.map(plain), after.map(plain), found),
    }
}

fn fields(path: &str, both: [Option<&Value>; 2], named: Option<&str>, found: &mut Vec<Difference>) {
    let [before, after] = both;
    let names = both.into_iter().flatten().filter_map(Value::as_object).flat_map(Map::keys);
    let names: BTreeSet<&String> = names.collect();
    let begun = found.len();
    for name in &names {
        // What its path says already need not be said again, unless it is all there is.
        if names.len() > 1 && named == Some(name.as_str()) {
            continue;
        }
        let of = |value: Option<&'_ Value>| value.and_then(|it| it.get(name.as_str())).cloned();
        let dotted = name.contains('.') || name.contains('/');
        let step = match (path.is_empty(), dotted) {
            (true, _) => (*name).clone(),
            (false, true) => format!("{path}[{name}]"),
            (false, false) => format!("{path}.{name}"),
        };
        compare(&step, of(before).as_ref(), of(after).as_ref(), None, found);
    }
    // One that is empty says all by being there, as `emptyDir: {}` does.
    if found.len() == begun && (before.is_none() || after.is_none()) {
        differs(path, before.map(plain), after.map(plain), found);
    }
}

fn elements(path: &str, both: [Option<&Value>; 2], found: &mut Vec<Difference>) {
    let [before, after] = both.map(|it| it.and_then(Value::as_array));
    let lists = [before, after].map(|it| it.map(Vec::as_slice).unwrap_or_default());
    if !lists.iter().copied().flatten().any(is_nested) {
        return differs(path, before.map(|it| words(it)), after.map(|it| words(it)), found);
    }
    let [was, is] = lists;
    let Some(key) = key_of(lists) else {
        for at in 0..was.len().max(is.len()) {
            compare(&format!("{path}[{at}]"), was.get(at), is.get(at), None, found);
        }
        return;
    };
    let named = |list: &'_ [Value]| -> BTreeMap<String, Value> {
        list.iter().filter_map(|it| Some((plain(it.get(key)?), it.clone()))).collect()
    };
    let (was, is) = (named(was), named(is));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for name in names {
        compare(&format!("{path}[{name}]"), was.get(name), is.get(name), Some(key), found);
    }
}

/// The field that tells all elements of both lists apart.
fn key_of(lists: [&[Value]; 2]) -> Option<&'static str> {
    KEYS.into_iter().find(|key| {
        lists.iter().all(|list| {
            let names: BTreeSet<String> =
                list.iter().filter_map(|it| it.get(*key)).map(plain).collect();
            names.len() == list.len()
        })
    })
}

/// What reads alike does not differ: `1` and `"1"` are one quantity.
fn differs(path: &str, before: Option<String>, after: Option<String>, found: &mut Vec<Difference>) {
    if before != after {
        found.push(Difference { path: path.to_owned(), before, after });
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A list of words as words; one with a space in an element as it is written, so that its elements can be told apart.
fn words(elements: &[Value]) -> String {
    let words: Vec<String> = elements.iter().map(plain).collect();
    let is_plain = |word: &String| !word.is_empty() && !word.contains(char::is_whitespace);
    match !words.is_empty() && words.iter().all(is_plain) {
        true => words.join(" "),
        false => Value::from(elements).to_string(),
    }
}

/// On one line and not too long, its end marked where it is cut.
fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= LONGEST {
        return if line.is_empty() { "\"\"".to_owned() } else { line };
    }
    format!("{}…", line.get(..line.floor_char_boundary(LONGEST)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines(before: Value, after: Value) -> Vec<String> {
        between(&before, &after).iter().map(Difference::line).collect()
    }

    #[test]
    fn elements_are_compared_by_their_names_wherever_they_stand() {
        let before = json!({"spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"}]}});
        let after = json!({"spec": {"containers": [{"name": "log", "image": "log:1"}, {"name": "web", "image": "web:2"}]}});
        assert_eq!(lines(before, after), ["spec.containers[web].image: web:1 → web:2"]);
    }

    #[test]
    fn what_came_and_what_went_is_told_apart() {
        let before = json!({"args": ["--a", "b"], "old": 1});
        let after = json!({"args": ["--a"], "new": true});
        assert_eq!(lines(before, after), ["args: --a b → --a", "+ new: true", "- old: 1"]);
    }

    #[test]
    fn a_key_with_dots_is_one_step() {
        let after = json!({"metadata": {"annotations": {"example.com/at": "noon"}}});
        let lines = lines(json!({}), after);
        assert_eq!(lines, ["+ metadata.annotations[example.com/at]: noon"]);
    }

    #[test]
    fn elements_that_share_a_name_are_told_apart_by_another_field_or_by_their_places() {
        let mounts = |sub: &str| {
            json!({"volumeMounts": [
            {"name": "config", "mountPath": "/a", "subPath": sub},
            {"name": "config", "mountPath": "/b", "subPath": "b"}]})
        };
        assert_eq!(lines(mounts("a"), mounts("c")), ["volumeMounts[/a].subPath: a → c"]);
        let tolerations = |effect: &str| {
            json!({"tolerations": [
            {"key": "spot", "effect": effect}, {"key": "spot", "effect": "NoExecute"}]})
        };
        let expected = ["tolerations[0].effect: NoSchedule → PreferNoSchedule"];
        assert_eq!(lines(tolerations("NoSchedule"), tolerations("PreferNoSchedule")), expected);
        let one = json!({"tolerations": [{"key": "spot", "effect": "NoExecute"}]});
        let gone = [
            "tolerations[0].effect: NoSchedule → NoExecute",
            "- tolerations[1].effect: NoExecute",
            "- tolerations[1].key: spot",
        ];
        assert_eq!(lines(tolerations("NoSchedule"), one), gone);
    }

    #[test]
    fn what_is_empty_is_there_all_the_same() {
        let volumes = |source: Value| json!({"volumes": [source]});
        let before = volumes(json!({"name": "cache", "hostPath": {"path": "/tmp"}}));
        let after = volumes(json!({"name": "cache", "emptyDir": {}}));
        let expected = ["+ volumes[cache].emptyDir: {}", "- volumes[cache].hostPath.path: /tmp"];
        assert_eq!(lines(before, after.clone()), expected);
        assert_eq!(lines(json!({}), after), ["+ volumes[cache].emptyDir: {}"]);
        assert_eq!(lines(json!({"a": null}), json!({"a": []})), ["+ a: []"]);
    }

    #[test]
    fn arguments_that_are_parted_otherwise_differ() {
        let lines = lines(json!({"args": ["a b"]}), json!({"args": ["a", "b"]}));
        assert_eq!(lines, [r#"args: ["a b"] → a b"#]);
    }

    #[test]
    fn a_long_value_is_cut_and_marked() {
        let lines = lines(json!({"a": ""}), json!({"a": "ä".repeat(200)}));
        assert!(lines[0].starts_with("a: \"\" → ä") && lines[0].ends_with('…'));
    }
}
