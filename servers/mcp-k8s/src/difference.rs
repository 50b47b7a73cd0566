//! What differs between two objects: each field by its path, before and after.

use serde_json::Value;
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
    let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
    flatten("", before, &mut was);
    flatten("", after, &mut is);
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let differs = paths.into_iter().filter(|path| was.get(*path) != is.get(*path));
    differs
        .map(|path| Difference {
            path: path.clone(),
            before: was.get(path).cloned(),
            after: is.get(path).cloned(),
        })
        .collect()
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, below) in fields {
                let dotted = name.contains('.') || name.contains('/');
                let step = match (path.is_empty(), dotted) {
                    (true, _) => name.clone(),
                    (false, true) => format!("{path}[{name}]"),
                    (false, false) => format!("{path}.{name}"),
                };
                flatten(&step, below, into);
            }
        }
        Value::Array(elements) if elements.iter().all(|it| !it.is_object() && !it.is_array()) => {
            let words: Vec<String> = elements.iter().map(plain).collect();
            into.insert(path.to_owned(), words.join(" "));
        }
        Value::Array(elements) => {
            for (position, element) in elements.iter().enumerate() {
                let key = key_of(element);
                let name = key.and_then(|key| element.get(key)).map(plain);
                let path = format!("{path}[{}]", name.unwrap_or_else(|| position.to_string()));
                match element {
                    // What its path says already need not be said again, unless it is all there is.
                    Value::Object(fields) if fields.len() > 1 => {
                        for (field, below) in
                            fields.iter().filter(|(field, _)| Some(field.as_str()) != key)
                        {
                            flatten(&format!("{path}.{field}"), below, into);
                        }
                    }
                    _ => flatten(&path, element, into),
                }
            }
        }
        scalar => {
            into.insert(path.to_owned(), plain(scalar));
        }
    }
}

fn key_of(element: &Value) -> Option<&'static str> {
    KEYS.iter().find(|key| element.get(**key).is_some()).copied()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
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
    fn a_long_value_is_cut_and_marked() {
        let lines = lines(json!({"a": ""}), json!({"a": "ä".repeat(200)}));
        assert!(lines[0].starts_with("a: \"\" → ä") && lines[0].ends_with('…'));
    }
}
