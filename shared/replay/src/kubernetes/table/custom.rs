//! The rows of custom resources: columns with a path each, as their definition asks for them.

use super::cells::{name, plain};
use crate::kubernetes::since::since;
use crate::snapshot::object::Object;
use crate::snapshot::resources::CustomColumn;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn cells(object: &Object, columns: &[CustomColumn], now: Timestamp) -> Vec<Value> {
    let mut row = vec![name(object)];
    for column in columns {
        let found = find(&object.value, &column.path);
        row.push(match (found.as_slice(), column.kind.as_str()) {
            ([], _) | ([Value::Null], _) => Value::Null,
            ([one], "date") => since(one.as_str().unwrap_or_default(), now).into(),
            ([one], "string") => plain(one).into(),
            ([one], _) => (*one).clone(),
            (several, _) => {
                several.iter().map(|one| plain(one)).collect::<Vec<_>>().join(",").into()
            }
        });
    }
    row
}

/// What stands at a JSONPath of the kinds that columns are written with: `.a.b`, `.a['b.c']`, `.a.b\.c`, `[0]`, `[*]` and
/// `[?(@.type=="Ready")]`.
fn find<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![value];
    for step in steps(path) {
        found = found.into_iter().flat_map(|value| step.follow(value)).collect();
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    At(usize),
    All,
    Where {
        field: String,
        is: String,
    },
    /// Something that we do not know leads nowhere.
    Nowhere,
}

impl Step {
    fn follow<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let list = || value.as_array().into_iter().flatten();
        match self {
            Step::Field(name) => value.get(name).into_iter().collect(),
            Step::At(index) => value.get(*index).into_iter().collect(),
            Step::All => list().collect(),
            Step::Where { field, is } => {
                let fits = |one: &&Value| {
                    let [found] = find(one, field)[..] else { return false };
                    plain(found) == *is
                };
                list().filter(fits).collect()
            }
            Step::Nowhere => Vec::new(),
        }
    }
}

fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path.trim().trim_start_matches('$');
    while let Some(first) = rest.chars().next() {
        if first == '[' {
            let Some(end) = closing(rest) else {
                steps.push(Step::Nowhere);
                break;
            };
            let (inside, after) = rest.split_at(end);
            steps.push(bracket(inside.trim_start_matches('[')));
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let (field, after) = field(rest.strip_prefix('.').unwrap_or(rest));
        steps.push(Step::Field(field));
        rest = after;
    }
    steps
}

/// Where the bracket that opens the text closes: the first `]` that is not in quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (None, ']') => return Some(index),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn bracket(inside: &str) -> Step {
    if inside == "*" {
        return Step::All;
    }
    if let Ok(index) = inside.parse() {
        return Step::At(index);
    }
    if let Some(condition) = inside.strip_prefix("?(").and_then(|rest| rest.strip_suffix(')')) {
        let Some((field, is)) = condition.split_once("==") else { return Step::Nowhere };
        let field = field.trim().trim_start_matches('@').to_owned();
        return Step::Where { field, is: is.trim().trim_matches(['\'', '"']).to_owned() };
    }
    match inside.starts_with(['\'', '"']) {
        true => Step::Field(inside.trim_matches(['\'', '"']).replace('\\', "")),
        false => Step::Nowhere,
    }
}

/// A name up to the next step; `\.` is a dot within it.
fn field(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' | '[' if !escaped => return (name, text.get(index..).unwrap_or_default()),
            c => name.push(c),
        }
        escaped = false;
    }
    (name, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_paths_that_definitions_use_are_followed() {
        let value = json!({
            "metadata": {"annotations": {"example.com/zone": "north"}},
            "spec": {"ports": [{"n": 1}, {"n": 2}]},
            "status": {"conditions": [{"type": "A", "status": "no"}, {"type": "Ready", "status": "yes"}]},
        });
        for (path, expected) in [
            (".status.conditions[?(@.type==\"Ready\")].status", "yes"),
            (".status.conditions[?(@.type=='A')].status", "no"),
            (".metadata.annotations.example\\.com/zone", "north"),
            (".metadata.annotations['example.com/zone']", "north"),
            (".spec.ports[1].n", "2"),
            (".spec.ports[*].n", "1,2"),
            (".spec.nothing.here", ""),
        ] {
            let found: Vec<_> = find(&value, path).into_iter().map(plain).collect();
            assert_eq!(found.join(","), expected, "{path}");
        }
    }
}
