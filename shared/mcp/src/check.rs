//! Arguments against their schema, before anything is asked: one line names the argument and what would be right.

use crate::failure::Failure;
use serde_json::{Map, Value};

/// More is refused: nobody asks a question that long.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// A wrong value is repeated up to here.
const ECHO_CHARS: usize = 40;

/// Refuses arguments that are too large, hold control characters, or do not fit the schema.
pub(crate) fn check(
    schema: &Map<String, Value>,
    arguments: &Map<String, Value>,
) -> Result<(), Failure> {
    let mut bytes = 0;
    for (name, value) in arguments {
        bytes += name.len();
        measure(name, value, &mut bytes)?;
    }
    if bytes > MOST_BYTES {
        return Err(Failure::invalid(format!(
            "the arguments are {bytes} bytes long; at most {MOST_BYTES} are read"
        )));
    }
    object("", schema, arguments)
}

/// Adds the size of `value`, and refuses characters that no name, query or time contains.
fn measure(name: &str, value: &Value, bytes: &mut usize) -> Result<(), Failure> {
    match value {
        Value::String(text) => {
            *bytes += text.len();
            if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
                let name = echo(name);
                return Err(Failure::invalid(format!(
                    "argument {name} contains control characters"
                )));
            }
        }
        Value::Array(items) => {
            for item in items {
                measure(name, item, bytes)?;
            }
        }
        Value::Object(fields) => {
            for (field, item) in fields {
                *bytes += field.len();
                measure(field, item, bytes)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => *bytes += 8,
    }
    Ok(())
}

fn object(
    path: &str,
    schema: &Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<(), Failure> {
    let Some(Value::Object(properties)) = schema.get("properties") else { return Ok(()) };
    let inside = |name: &str| -> String {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    for (name, value) in given {
        let Some(Value::Object(property)) = properties.get(name) else {
            let mut valid: Vec<&str> = properties.keys().map(String::as_str).collect();
            valid.sort_unstable();
            return Err(Failure::invalid(format!(
                "unknown argument {}; valid: {}",
                echo(&inside(name)),
                valid.join(", ")
            )));
        };
        one(&inside(name), property, value)?;
    }
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !given.contains_key(name) {
            let valid =
                properties.get(name).and_then(|it| it.get("enum")).and_then(Value::as_array);
            let valid: Vec<&str> = valid.into_iter().flatten().filter_map(Value::as_str).collect();
            let valid = match valid.as_slice() {
                [] => String::new(),
                valid => format!("; valid: {}", valid.join(", ")),
            };
            let name = inside(name);
            return Err(Failure::invalid(format!("argument `{name}` is required{valid}")));
        }
    }
    Ok(())
}

fn one(path: &str, schema: &Map<String, Value>, value: &Value) -> Result<(), Failure> {
    let wanted = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let given = kind(value);
    let fits = wanted.is_empty() || wanted == given || (wanted == "number" && given == "integer");
    if !fits {
        return Err(Failure::invalid(format!(
            "argument `{path}` must be {}, not {}",
            article(wanted),
            article(given)
        )));
    }
    if let Some(Value::Array(valid)) = schema.get("enum")
        && !valid.contains(value)
    {
        let valid: Vec<&str> = valid.iter().filter_map(Value::as_str).collect();
        return Err(Failure::invalid(format!(
            "argument `{path}` must be one of {}, not {}",
            valid.join(", "),
            echo(value.as_str().unwrap_or_default())
        )));
    }
    if let Some(number) = value.as_f64() {
        within(path, "", number, bound(schema, "minimum"), bound(schema, "maximum"))?;
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as f64;
        let (least, most) = (bound(schema, "minLength"), bound(schema, "maxLength"));
        within(path, " characters long", length, least, most)?;
    }
    if let Some(items) = value.as_array() {
        let (least, most) = (bound(schema, "minItems"), bound(schema, "maxItems"));
        within(path, " items long", items.len() as f64, least, most)?;
        if let Some(Value::Object(each)) = schema.get("items") {
            for (at, item) in items.iter().enumerate() {
                one(&format!("{path}[{at}]"), each, item)?;
            }
        }
    }
    if let Some(fields) = value.as_object() {
        object(path, schema, fields)?;
    }
    Ok(())
}

fn bound(schema: &Map<String, Value>, name: &str) -> Option<f64> {
    schema.get(name).and_then(Value::as_f64)
}

fn within(
    path: &str,
    unit: &str,
    given: f64,
    least: Option<f64>,
    most: Option<f64>,
) -> Result<(), Failure> {
    if least.is_none_or(|least| given >= least) && most.is_none_or(|most| given <= most) {
        return Ok(());
    }
    let range = match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => return Ok(()),
    };
    Err(Failure::invalid(format!("argument `{path}` must be {range}{unit}, not {given}")))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn article(kind: &str) -> String {
    match kind {
        "null" => kind.to_owned(),
        "integer" | "array" | "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

/// What was given, short and on one line.
fn echo(given: &str) -> String {
    let short: String = given.chars().take(ECHO_CHARS).collect();
    let more = if short.len() < given.len() { "…" } else { "" };
    format!("{short:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(arguments: Value) -> String {
        let schema = json!({
            "required": ["namespace"],
            "properties": {
                "namespace": {"type": "string", "maxLength": 63},
                "limit": {"type": "integer", "minimum": 1, "maximum": 200},
                "state": {"type": "string", "enum": ["all", "unhealthy"]},
                "names": {"type": "array", "items": {"type": "string"}},
                "at": {"type": "object", "properties": {"x": {"type": "number"}}},
            },
        });
        let (Some(schema), Some(arguments)) = (schema.as_object(), arguments.as_object()) else {
            panic!("both are objects");
        };
        check(schema, arguments).map_or_else(|failure| failure.message, |()| "fits".to_owned())
    }

    #[test]
    fn what_fits_passes() {
        let all = json!({"namespace": "shop", "limit": 5, "state": "all", "names": ["a"], "at": {"x": 1}});
        assert_eq!(said(all), "fits");
    }

    #[test]
    fn what_does_not_fit_is_named_with_what_would() {
        let cases = [
            (json!({}), "argument `namespace` is required"),
            (
                json!({"namespace": "a", "nmespace": "b"}),
                "unknown argument \"nmespace\"; valid: at, limit, names, namespace, state",
            ),
            (json!({"namespace": 5}), "argument `namespace` must be a string, not an integer"),
            (json!({"namespace": null}), "argument `namespace` must be a string, not null"),
            (
                json!({"namespace": "a", "limit": "5"}),
                "argument `limit` must be an integer, not a string",
            ),
            (json!({"namespace": "a", "limit": 0}), "argument `limit` must be 1 to 200, not 0"),
            (
                json!({"namespace": "a", "state": "bad\u{200b}"}),
                "argument `state` must be one of all, unhealthy, not \"bad\\u{200b}\"",
            ),
            (
                json!({"namespace": "a", "names": ["b", 1]}),
                "argument `names[1]` must be a string, not an integer",
            ),
            (json!({"namespace": "a", "at": {"y": 1}}), "unknown argument \"at.y\"; valid: x"),
            (
                json!({"namespace": "a".repeat(64)}),
                "argument `namespace` must be at most 63 characters long, not 64",
            ),
            (
                json!({"namespace": "a\u{1b}[2J"}),
                "argument \"namespace\" contains control characters",
            ),
        ];
        for (arguments, line) in cases {
            assert_eq!(said(arguments.clone()), line, "{arguments}");
        }
    }

    #[test]
    fn a_megabyte_is_refused_by_its_size() {
        let line = said(json!({"namespace": "a".repeat(1_000_000)}));
        assert_eq!(line, "the arguments are 1000009 bytes long; at most 262144 are read");
    }
}
