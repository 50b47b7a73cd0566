//! Argument schemas, as short as every host can read them: nothing inlined twice, no `$ref`, no `null`.
//!
//! What is listed is less than what is checked. Every token of a listed schema is paid for in every conversation, so it
//! holds names, types and values; ranges, arguments that are seldom given and those of all tools are checked alone.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The argument that chooses the form of the answer.
pub(crate) const FORMAT: &str = "format";
/// The argument that lowers the cap on the answer.
pub(crate) const MAX_TOKENS: &str = "max_tokens";
/// Fewer tokens hold no answer: a summary and a scope.
pub(crate) const LEAST_TOKENS: u64 = 100;

/// What an agent should know of the arguments that every tool takes; they are in no listed schema.
pub(crate) const IN_ALL_TOOLS: &str = "All tools also take format=json and max_tokens.";
/// Set on an argument that is seldom given, to how the tool's description names it:
/// `#[schemars(extend("seldom" = "output=wide"))]`.
const SELDOM: &str = "seldom";

/// The schema of `Ask` that arguments are checked against, with the two arguments that every tool takes.
pub(crate) fn of<Ask: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let generated = settings.into_generator().into_root_schema_for::<Ask>().to_value();
    let Value::Object(mut schema) = generated else { return Map::new() };
    slim(&mut schema);
    schema.remove("description");
    schema.insert("type".to_owned(), json!("object"));
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        let format = json!({"type": "string", "enum": ["text", "json"]});
        let max_tokens = json!({"type": "integer", "minimum": LEAST_TOKENS});
        properties.insert(FORMAT.to_owned(), format);
        properties.insert(MAX_TOKENS.to_owned(), max_tokens);
    }
    schema
}

/// What is listed of a schema, and how the description names the arguments that are seldom given.
pub(crate) fn listed(checked: &Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
    let (mut listed, mut seldom) = (checked.clone(), Vec::new());
    if let Some(Value::Object(properties)) = listed.get_mut("properties") {
        properties.retain(|name, property| {
            let told = property.get(SELDOM).and_then(Value::as_str);
            seldom.extend(told.map(str::to_owned));
            told.is_none() && name != FORMAT && name != MAX_TOKENS
        });
        for property in properties.values_mut().filter_map(Value::as_object_mut) {
            for range in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"] {
                property.remove(range);
            }
        }
    }
    (listed, seldom)
}

/// Drops what costs tokens or confuses hosts, and folds optional types to plain ones.
fn slim(schema: &mut Map<String, Value>) {
    for noise in ["$schema", "title", "format", "$defs", "additionalProperties"] {
        schema.remove(noise);
    }
    if schema.get("description") == Some(&json!("")) {
        schema.remove("description");
    }
    if schema.get("default") == Some(&Value::Null) {
        schema.remove("default");
    }
    drop_null(schema);
    fold_constants(schema);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().filter_map(Value::as_object_mut).for_each(slim);
    }
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        slim(items);
    }
    for choices in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(choices)) = schema.get_mut(choices) {
            choices.iter_mut().filter_map(Value::as_object_mut).for_each(slim);
        }
    }
}

/// An optional field may be left out; that it may also be `null` helps nobody.
fn drop_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type") != Some(&json!("null")));
    let [Value::Object(only)] = choices.as_slice() else { return };
    let only = only.clone();
    schema.remove("anyOf");
    for (key, value) in only {
        // The field's own description is more to the point than its type's.
        schema.entry(key).or_insert(value);
    }
}

/// An enumeration with a documented variant comes as `oneOf` of constants; a plain `enum` says the same.
fn fold_constants(schema: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else { return };
    let mut values = Vec::new();
    for choice in choices {
        if let Some(value) = choice.get("const") {
            values.push(value.clone());
            continue;
        }
        let Some(Value::Array(several)) = choice.get("enum") else { return };
        values.extend(several.iter().cloned());
    }
    schema.remove("oneOf");
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), Value::Array(values));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    #[serde(deny_unknown_fields)]
    struct Ask {
        /// Where to look.
        namespace: String,
        /// How many.
        #[schemars(range(min = 1, max = 200))]
        limit: Option<u32>,
        /// Which.
        state: Option<State>,
        /// A field may be called title.
        title: Option<String>,
        /// Several.
        names: Option<Vec<String>>,
        #[schemars(extend("seldom" = "unusual=true"))]
        unusual: Option<bool>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    #[serde(rename_all = "snake_case")]
    enum State {
        /// Everything.
        All,
        Unhealthy,
    }

    #[test]
    fn what_is_listed_is_only_what_a_host_needs() {
        let expected = json!({
            "type": "object",
            "required": ["namespace"],
            "properties": {
                "namespace": {"type": "string", "description": "Where to look."},
                "limit": {"type": "integer", "description": "How many."},
                "state": {"type": "string", "enum": ["all", "unhealthy"], "description": "Which."},
                "title": {"type": "string", "description": "A field may be called title."},
                "names": {"type": "array", "items": {"type": "string"}, "description": "Several."},
            },
        });
        let (schema, seldom) = listed(&of::<Ask>());
        let mut schema = Value::Object(schema);
        if let Some(Value::Array(values)) = schema.pointer_mut("/properties/state/enum") {
            values.sort_by_key(ToString::to_string);
        }
        assert_eq!(schema, expected);
        assert_eq!(seldom, ["unusual=true"]);
    }

    #[test]
    fn what_is_checked_is_all_of_it() {
        let schema = of::<Ask>();
        let at = |path: &str| Value::Object(schema.clone()).pointer(path).cloned();
        assert_eq!(at("/properties/limit/maximum"), Some(json!(200)));
        assert_eq!(at("/properties/unusual/type"), Some(json!("boolean")));
        assert_eq!(at("/properties/format/enum"), Some(json!(["text", "json"])));
        assert_eq!(at("/properties/max_tokens/minimum"), Some(json!(100)));
    }
}
