//! The variables of a dashboard, and the values that they have now.

pub(crate) mod format;

use crate::panels::text_at;
use mcp::failure::Failure;
use mcp::nearest::offer;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands for all values.
const ALL: &str = "$__all";
/// How a value begins that Grafana works out from the time that is shown.
const AUTO: &str = "$__auto";
/// Rows and tabs that have variables of their own.
const DEEPEST: usize = 8;

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its name, without a dollar.
    pub(crate) name: String,
    /// `query`, `custom`, `datasource`, `interval`, `adhoc` and the like.
    pub(crate) kind: String,
    /// What its values come from: a query, or a list.
    pub(crate) source: String,
    /// Several values may be chosen, or all.
    pub(crate) is_several: bool,
    /// What it has now.
    pub(crate) values: Values,
}

/// What a variable has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// These.
    Known(Vec<String>),
    /// What its author wrote for all; it is put in as it stands.
    Raw(String),
    /// Worked out from the time that is shown: for so many steps, but at least so long.
    Auto(i64, String),
    /// Filters that Grafana adds to queries by itself.
    Filters(Vec<String>),
    /// Not known, and why.
    Unknown(String),
}

/// All variables, in their order.
pub(crate) fn of(body: &Value) -> Vec<Variable> {
    let mut found = Vec::new();
    let first = body.pointer("/templating/list").and_then(Value::as_array);
    found.extend(first.into_iter().flatten().filter_map(|it| variable(it, &text_at(it, "/type"))));
    second(body, 0, &mut found);
    found
}

/// Those of the second schema: of the dashboard, then of its rows and tabs.
fn second(place: &Value, depth: usize, found: &mut Vec<Variable>) {
    let listed = place.get("variables").and_then(Value::as_array);
    for it in listed.into_iter().flatten() {
        let kind = text_at(it, "/kind");
        let kind = kind.strip_suffix("Variable").unwrap_or(&kind).to_lowercase();
        let made = it.get("spec").and_then(|spec| variable(spec, &kind));
        // A row's variable hides one of the dashboard; which holds depends on the row, and the first is told.
        found.extend(made.filter(|it| !found.iter().any(|has| has.name == it.name)));
    }
    let layout = place.get("layout").and_then(|it| it.get("spec"));
    for inner in ["rows", "tabs"] {
        let parts = layout.and_then(|it| it.get(inner)).and_then(Value::as_array);
        for part in parts.into_iter().flatten().filter_map(|it| it.get("spec")) {
            if depth < DEEPEST {
                second(part, depth + 1, found);
            }
        }
    }
}

fn variable(it: &Value, kind: &str) -> Option<Variable> {
    let name = text_at(it, "/name");
    let name = if name.is_empty() && kind == "adhoc" { "Filters".to_owned() } else { name };
    if name.is_empty() {
        return None;
    }
    let says = |field: &str| it.get(field).and_then(Value::as_bool).unwrap_or_default();
    let source = source(it);
    let values = values(it, kind, &source);
    Some(Variable {
        name,
        kind: kind.to_owned(),
        is_several: says("multi") || says("includeAll"),
        source,
        values,
    })
}

/// Where values come from, as its author wrote it.
fn source(it: &Value) -> String {
    let places = ["/definition", "/query", "/query/query", "/query/spec/query", "/query/spec/expr"];
    let plugin = text_at(it, "/pluginId");
    let said = places.iter().map(|path| text_at(it, path)).find(|it| !it.is_empty());
    said.unwrap_or(plugin)
}

fn values(it: &Value, kind: &str, source: &str) -> Values {
    if matches!(kind, "adhoc" | "groupby") {
        return Values::Filters(filters(it));
    }
    let current = match it.get("current") {
        // A switch has its value alone.
        Some(Value::String(value)) => vec![value.clone()],
        Some(current) => strings(current.get("value")),
        None => Vec::new(),
    };
    let current: Vec<String> = current.into_iter().filter(|it| !it.is_empty()).collect();
    if current.first().is_some_and(|it| it.starts_with(AUTO)) {
        let count = it.get("auto_count").and_then(Value::as_i64).unwrap_or(30);
        return Values::Auto(count.clamp(1, 10_000), text_at(it, "/auto_min"));
    }
    if current.iter().any(|it| it == ALL) {
        return all(it);
    }
    match (current.is_empty(), kind) {
        (false, _) => Values::Known(current),
        // What these hold is what was written.
        (true, "constant" | "textbox" | "text") => Values::Known(vec![source.to_owned()]),
        (true, _) => Values::Unknown("no value is kept with the dashboard".to_owned()),
    }
}

/// What stands for all values: its author's word for it, or every value that is kept.
fn all(it: &Value) -> Values {
    let own = text_at(it, "/allValue");
    if !own.is_empty() {
        return Values::Raw(own);
    }
    let options = it.get("options").and_then(Value::as_array);
    let kept = options.into_iter().flatten().flat_map(|it| strings(it.get("value")));
    let kept: Vec<String> = kept.filter(|it| it != ALL && !it.is_empty()).collect();
    if kept.is_empty() {
        return Values::Unknown(
            "it is All, and the dashboard does not keep what these are".to_owned(),
        );
    }
    Values::Known(kept)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().flat_map(|it| strings(Some(it))).collect(),
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Bool(yes)) => vec![yes.to_string()],
        _ => Vec::new(),
    }
}

fn filters(it: &Value) -> Vec<String> {
    let listed = it.get("filters").and_then(Value::as_array);
    let filter = |it: &Value| {
        let [key, operator, value] = ["/key", "/operator", "/value"].map(|path| text_at(it, path));
        (!key.is_empty()).then(|| format!("{key}{operator}{value:?}"))
    };
    listed.into_iter().flatten().filter_map(filter).collect()
}

/// Puts in the values that the caller gives, each as `name=value`; a name that is given twice has both.
///
/// # Errors
/// One line that names the argument and the variables that there are.
pub(crate) fn put(variables: &mut [Variable], given: &[String]) -> Result<(), Failure> {
    let mut values: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::invalid("argument `variables` must be a list of name=value"));
        };
        let name = name.trim().trim_start_matches("var-").trim_start_matches('$');
        values.entry(name).or_default().push(value.to_owned());
    }
    for (name, values) in values {
        let Some(variable) = variables.iter_mut().find(|it| it.name == name) else {
            let there = variables.iter().map(|it| it.name.as_str());
            return Err(Failure {
                hint: offer(name, there),
                ..Failure::invalid(format!("argument `variables`: the dashboard has no {name}"))
            });
        };
        variable.is_several |= values.len() > 1;
        variable.values = Values::Known(values);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(it: Value) -> Variable {
        of(&json!({"templating": {"list": [it]}})).remove(0)
    }

    fn known(values: &[&str]) -> Values {
        Values::Known(values.iter().map(|it| (*it).to_owned()).collect())
    }

    #[test]
    fn the_value_that_is_chosen_is_known() {
        let chosen =
            json!({"name": "a", "type": "query", "current": {"value": ["x", "y"]}, "multi": true});
        assert_eq!(one(chosen).values, known(&["x", "y"]));
        let constant = json!({"name": "a", "type": "constant", "query": "prod"});
        assert_eq!(one(constant).values, known(&["prod"]));
    }

    #[test]
    fn all_is_known_only_where_its_values_are_kept() {
        let all = |rest: Value| {
            let mut it = json!({"name": "a", "type": "query", "query": "label_values(pod)", "current": {"value": "$__all"}});
            it.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            one(it).values
        };
        assert_eq!(all(json!({"allValue": ".+"})), Values::Raw(".+".to_owned()));
        let options = json!({"options": [{"value": "$__all"}, {"value": "x"}, {"value": "y"}]});
        assert_eq!(all(options), known(&["x", "y"]));
        assert!(matches!(all(json!({})), Values::Unknown(why) if why.starts_with("it is All")));
        assert!(matches!(all(json!({"options": null})), Values::Unknown(_)));
    }

    #[test]
    fn an_empty_value_is_not_taken_for_one() {
        for current in [json!({}), json!({"value": ""}), json!({"value": []}), json!(null)] {
            let it = json!({"name": "a", "type": "query", "current": current});
            assert!(matches!(one(it).values, Values::Unknown(_)), "{current}");
        }
    }

    #[test]
    fn variables_of_the_second_schema_are_found_in_rows_too() {
        let body = json!({
            "variables": [{"kind": "CustomVariable", "spec": {"name": "a", "current": {"value": "x"}}},
                {"kind": "SwitchVariable", "spec": {"name": "s", "current": "true"}}],
            "layout": {"kind": "RowsLayout", "spec": {"rows": [{"spec": {"variables": [
                {"kind": "TextVariable", "spec": {"name": "b", "query": "y"}}]}}]}}});
        let told: Vec<(String, Values)> =
            of(&body).into_iter().map(|it| (it.name, it.values)).collect();
        let expected = [("a", known(&["x"])), ("s", known(&["true"])), ("b", known(&["y"]))];
        assert_eq!(told, expected.map(|(name, values)| (name.to_owned(), values)));
    }

    #[test]
    fn values_that_are_given_count() {
        let mut variables = vec![one(json!({"name": "pod", "type": "query"}))];
        put(&mut variables, &["var-pod=a".to_owned(), "$pod=b=c".to_owned()]).unwrap();
        assert_eq!(
            (variables[0].values.clone(), variables[0].is_several),
            (known(&["a", "b=c"]), true)
        );
        let refused = put(&mut variables, &["pods=a".to_owned()]).unwrap_err();
        assert_eq!(refused.message, "argument `variables`: the dashboard has no pods");
        assert_eq!(refused.hint, "did you mean pod?");
        assert!(put(&mut variables, &["pod".to_owned()]).is_err());
    }
}
