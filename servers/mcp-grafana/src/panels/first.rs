//! Panels of the schema that dashboards always had: `panels`, and before version 5 `rows`.

use super::{DEEPEST, Panel, Query, Reference, list_at, number_at, text_at};
use serde_json::{Map, Value};

/// All panels.
pub(super) fn of(body: &Value) -> Vec<Panel> {
    let mut found = Vec::new();
    for row in list_at(body, "/rows") {
        collect(list_at(row, "/panels"), &text_at(row, "/title"), 0, &mut found);
    }
    collect(list_at(body, "/panels"), "", 0, &mut found);
    found
}

/// Panels after an open row lie in it, and those of a collapsed one inside it.
fn collect(panels: &[Value], around: &str, depth: usize, found: &mut Vec<Panel>) {
    let mut row = around.to_owned();
    for it in panels.iter().filter(|it| it.is_object()) {
        if text_at(it, "/type") != "row" {
            found.push(panel(it, &row));
            continue;
        }
        row = text_at(it, "/title");
        if depth < DEEPEST {
            collect(list_at(it, "/panels"), &row, depth + 1, found);
        }
    }
}

fn panel(it: &Value, row: &str) -> Panel {
    let own = reference(it.get("datasource"));
    let query = |target: &Value| {
        let spec: Map<String, Value> = target.as_object().cloned().unwrap_or_default();
        let named = reference(spec.get("datasource"));
        let datasource = if named == Reference::default() { own.clone() } else { named };
        let is_hidden = spec.get("hide").and_then(Value::as_bool).unwrap_or_default();
        Query { reference: text_at(target, "/refId"), datasource, is_hidden, spec }
    };
    Panel {
        id: number_at(it, "/id"),
        title: text_at(it, "/title"),
        kind: text_at(it, "/type"),
        row: row.to_owned(),
        library: text_at(it, "/libraryPanel/name"),
        repeat: text_at(it, "/repeat"),
        interval: text_at(it, "/interval"),
        time_from: text_at(it, "/timeFrom"),
        time_shift: text_at(it, "/timeShift"),
        points: it.get("maxDataPoints").and_then(Value::as_i64),
        queries: list_at(it, "/targets").iter().map(query).collect(),
    }
}

/// An object since version 8, and a name before.
fn reference(it: Option<&Value>) -> Reference {
    match it {
        Some(Value::String(name)) => Reference { uid: name.clone(), kind: String::new() },
        Some(object) => Reference { uid: text_at(object, "/uid"), kind: text_at(object, "/type") },
        None => Reference::default(),
    }
}
