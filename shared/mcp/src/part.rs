//! The part of a value that an argument `path` names.

use crate::failure::Failure;
use crate::nearest::offer;
use serde_json::{Map, Value};

/// The part that a path names: `spec.template.spec.containers[web].image`, `status.conditions[0]`,
/// `metadata.annotations[example.com/owner]`.
///
/// # Errors
/// One line that names the argument and what there is where the path ends.
pub fn of<'a>(object: &'a Value, path: &str) -> Result<&'a Value, Failure> {
    let mut place = object;
    let mut walked = String::new();
    for step in steps(path) {
        let Some(below) = below(place, &step) else {
            let there = names(place);
            let before = if walked.is_empty() { "the object" } else { &walked };
            return Err(Failure {
                hint: offer(&step, there.iter().map(String::as_str)),
                ..Failure::invalid(format!("argument `path`: {before} has no {step}"))
            });
        };
        place = below;
        if !walked.is_empty() {
            walked.push('.');
        }
        walked.push_str(&step);
    }
    Ok(place)
}

/// The steps of a path. What stands in brackets is one step, dots and all.
fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut bracket = false;
    for letter in path.trim_start_matches(['$', '.']).chars() {
        match letter {
            '[' if !bracket => {
                bracket = true;
                steps.push(String::new());
            }
            ']' if bracket => {
                bracket = false;
                steps.push(String::new());
            }
            '.' if !bracket => steps.push(String::new()),
            letter => {
                if let Some(step) = steps.last_mut() {
                    step.push(letter);
                }
            }
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

fn below<'a>(place: &'a Value, step: &str) -> Option<&'a Value> {
    match place {
        Value::Object(fields) => fields.get(step),
        Value::Array(elements) => match step.parse::<usize>() {
            Ok(position) => elements.get(position),
            Err(_) => {
                let wanted = step.strip_prefix("name=").unwrap_or(step);
                elements.iter().find(|element| name_of(element) == Some(wanted))
            }
        },
        _ => None,
    }
}

fn name_of(element: &Value) -> Option<&str> {
    element.get("name").or_else(|| element.get("type")).and_then(Value::as_str)
}

/// What can come next.
fn names(place: &Value) -> Vec<String> {
    match place {
        Value::Object(fields) => Map::keys(fields).cloned().collect(),
        Value::Array(elements) => {
            let name = |(at, element)| {
                name_of(element).map_or_else(|| usize::to_string(&at), str::to_owned)
            };
            elements.iter().enumerate().map(name).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_names_fields_elements_and_keys_with_dots() {
        let object = json!({"metadata": {"annotations": {"example.com/owner": "me"}},
            "spec": {"containers": [{"name": "web", "image": "web:1"}]}});
        for (path, value) in [
            ("spec.containers[web].image", "web:1"),
            (".spec.containers[0].image", "web:1"),
            ("spec.containers[name=web].image", "web:1"),
            ("metadata.annotations[example.com/owner]", "me"),
        ] {
            assert_eq!(of(&object, path).unwrap(), value, "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_says_where_it_ended() {
        let object = json!({"spec": {"replicas": 1}});
        let refused = of(&object, "spec.replica").unwrap_err();
        assert_eq!(refused.message, "argument `path`: spec has no replica");
        assert_eq!(refused.hint, "did you mean replicas?");
    }
}
