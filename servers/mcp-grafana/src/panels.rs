//! The panels of a dashboard, whichever schema it is kept in.

mod first;
mod second;

use serde_json::{Map, Value};

/// One panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Panel {
    /// Its number on the dashboard.
    pub(crate) id: String,
    /// Its title, with variables in it as they stand.
    pub(crate) title: String,
    /// The plugin that draws it, such as `timeseries`.
    pub(crate) kind: String,
    /// The row or tab that it lies in; empty for none.
    pub(crate) row: String,
    /// The library panel that it is; empty where it is its own.
    pub(crate) library: String,
    /// The variable for whose values it is repeated; empty for none.
    pub(crate) repeat: String,
    /// How far back it looks, as `1h`, whatever the dashboard shows; empty where it shows the same.
    pub(crate) time_from: String,
    /// How much earlier than the dashboard it looks, as `1d`; empty for not at all.
    pub(crate) time_shift: String,
    /// The shortest step of its queries, as `1m`; empty where none is set.
    pub(crate) interval: String,
    /// How many points it draws; none where its width decides.
    pub(crate) points: Option<i64>,
    /// What it asks.
    pub(crate) queries: Vec<Query>,
}

/// One query of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    /// What others name it by, as `A`.
    pub(crate) reference: String,
    /// Whom it asks.
    pub(crate) datasource: Reference,
    /// Not asked by the panel.
    pub(crate) is_hidden: bool,
    /// All of it, in the words of the data source.
    pub(crate) spec: Map<String, Value>,
}

/// How a panel or query names a data source. All may be empty, and hold variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Its uid, or its name in old dashboards.
    pub(crate) uid: String,
    /// Its plugin.
    pub(crate) kind: String,
}

/// Where queries stand, by the data source: the first that is there and holds text.
const TEXTS: [&str; 6] = ["expr", "rawSql", "query", "target", "expression", "queryText"];
/// Rows within rows, and tabs within tabs.
const DEEPEST: usize = 8;

impl Query {
    /// What it asks, as text; none where it is built of fields.
    pub(crate) fn text(&self) -> Option<&str> {
        let texts = TEXTS.iter().filter_map(|name| self.spec.get(*name)?.as_str());
        texts.map(str::trim).find(|text| !text.is_empty())
    }

    /// A field that holds text; empty where it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.spec.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field that says yes or no.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.spec.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

/// All panels, in the order in which they are kept.
pub(crate) fn of(body: &Value) -> Vec<Panel> {
    if is_second(body) { second::of(body) } else { first::of(body) }
}

/// Whether a dashboard is kept in the second schema.
pub(crate) fn is_second(body: &Value) -> bool {
    body.get("elements").is_some_and(Value::is_object)
}

/// Text at a path; empty where there is none.
pub(crate) fn text_at(value: &Value, path: &str) -> String {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A number or text at a path, as text.
fn number_at(value: &Value, path: &str) -> String {
    match value.pointer(path) {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    }
}

fn list_at<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(body: &Value) -> Vec<(String, String, String, usize)> {
        let told = |it: Panel| {
            let names: Vec<&str> = it.queries.iter().map(|it| it.datasource.uid.as_str()).collect();
            (it.id.clone(), it.row.clone(), names.join(","), it.queries.len())
        };
        super::of(body).into_iter().map(told).collect()
    }

    fn row(
        id: &str,
        row: &str,
        datasources: &str,
        queries: usize,
    ) -> (String, String, String, usize) {
        (id.to_owned(), row.to_owned(), datasources.to_owned(), queries)
    }

    #[test]
    fn panels_lie_in_the_row_before_them_or_around_them() {
        let body = json!({"panels": [
            {"id": 1, "type": "text"},
            {"id": 2, "type": "row", "title": "Open", "collapsed": false, "panels": []},
            {"id": 3, "type": "stat", "datasource": "Old name", "targets": [{"refId": "A", "expr": "up"}]},
            {"id": 4, "type": "row", "title": "Shut", "collapsed": true, "panels": [
                {"id": 5, "type": "graph", "datasource": {"type": "prometheus", "uid": "p"},
                 "targets": [{"refId": "A"}, {"refId": "B", "datasource": {"uid": "q"}}]}]},
        ]});
        assert_eq!(
            told(&body),
            [row("1", "", "", 0), row("3", "Open", "Old name", 1), row("5", "Shut", "p,q", 2)]
        );
    }

    #[test]
    fn dashboards_of_before_version_five_keep_their_panels_in_rows() {
        let body = json!({"rows": [{"title": "One", "panels": [{"id": 1, "type": "graph"}]}]});
        assert_eq!(told(&body), [row("1", "One", "", 0)]);
    }

    #[test]
    fn elements_lie_where_the_layout_says() {
        let panel = |id: i64| {
            json!({"kind": "Panel", "spec": {"id": id, "title": "t", "vizConfig": {"kind": "VizConfig", "group": "stat"},
                "data": {"kind": "QueryGroup", "spec": {"queries": [{"kind": "PanelQuery", "spec": {"refId": "A", "hidden": true,
                    "query": {"kind": "DataQuery", "group": "prometheus", "datasource": {"name": "p"}, "spec": {"expr": "up"}}}}]}}}})
        };
        let item = |name: &str| json!({"kind": "GridLayoutItem", "spec": {"element": {"kind": "ElementReference", "name": name}}});
        let body = json!({"elements": {"a": panel(1), "b": panel(2), "stray": panel(3)},
            "layout": {"kind": "TabsLayout", "spec": {"tabs": [{"kind": "TabsLayoutTab", "spec": {"title": "Tab",
                "layout": {"kind": "RowsLayout", "spec": {"rows": [{"kind": "RowsLayoutRow", "spec": {"title": "Row",
                    "layout": {"kind": "GridLayout", "spec": {"items": [item("b"), item("a"), item("b")]}}}}]}}}}]}}});
        assert_eq!(
            told(&body),
            [row("2", "Tab / Row", "p", 1), row("1", "Tab / Row", "p", 1), row("3", "", "p", 1)]
        );
        let panel = super::of(&body).remove(0);
        assert_eq!((panel.kind.as_str(), panel.queries[0].text()), ("stat", Some("up")));
        assert_eq!(panel.queries[0].datasource.kind, "prometheus");
    }

    #[test]
    fn what_is_no_dashboard_has_no_panels() {
        for body in
            [json!(null), json!({"panels": 1}), json!({"elements": {"a": []}, "layout": []})]
        {
            assert!(super::of(&body).is_empty(), "{body}");
        }
    }
}
