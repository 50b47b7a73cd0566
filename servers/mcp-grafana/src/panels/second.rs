//! Panels of the second schema: `elements`, which a `layout` puts into rows and tabs.

use super::{DEEPEST, Panel, Query, Reference, list_at, number_at, text_at};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// All panels, those that the layout forgot last.
pub(super) fn of(body: &Value) -> Vec<Panel> {
    let Some(elements) = body.get("elements").and_then(Value::as_object) else { return Vec::new() };
    let mut places = Vec::new();
    if let Some(layout) = body.get("layout") {
        walk(layout, &[], &mut places);
    }
    let stray = elements.keys().map(|name| Place::of(name, &[], ""));
    places.extend(stray);
    // An element is one panel, however often a layout names it.
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(place.name.clone()));
    places.iter().filter_map(|place| panel(elements.get(&place.name)?, place)).collect()
}

/// Where an element lies.
struct Place {
    name: String,
    row: String,
    repeat: String,
}

impl Place {
    fn of(name: &str, around: &[String], repeat: &str) -> Place {
        Place { name: name.to_owned(), row: around.join(" / "), repeat: repeat.to_owned() }
    }
}

fn walk(layout: &Value, around: &[String], places: &mut Vec<Place>) {
    if around.len() > DEEPEST {
        return;
    }
    for item in list_at(layout, "/spec/items") {
        let name = text_at(item, "/spec/element/name");
        places.push(Place::of(&name, around, &text_at(item, "/spec/repeat/value")));
        // The first draft of this schema had rows between the items.
        for element in list_at(item, "/spec/elements") {
            let mut around = around.to_vec();
            around.push(text_at(item, "/spec/title"));
            places.push(Place::of(&text_at(element, "/spec/element/name"), &around, ""));
        }
    }
    for inner in ["/spec/rows", "/spec/tabs"] {
        for part in list_at(layout, inner) {
            let mut around = around.to_vec();
            let title = text_at(part, "/spec/title");
            // A depth that is not told would have no end.
            around.push(if title.is_empty() { "untitled".to_owned() } else { title });
            if let Some(layout) = part.pointer("/spec/layout") {
                walk(layout, &around, places);
            }
        }
    }
}

fn panel(element: &Value, place: &Place) -> Option<Panel> {
    let spec = element.get("spec").filter(|it| it.is_object())?;
    // The plugin is the group since the first beta, and was the kind before.
    let kind = match text_at(spec, "/vizConfig/group") {
        group if group.is_empty() => text_at(spec, "/vizConfig/kind"),
        group => group,
    };
    let options = spec.pointer("/data/spec/queryOptions").unwrap_or(&Value::Null);
    Some(Panel {
        id: number_at(spec, "/id"),
        title: text_at(spec, "/title"),
        kind,
        row: place.row.clone(),
        library: text_at(spec, "/libraryPanel/name"),
        repeat: place.repeat.clone(),
        interval: text_at(options, "/interval"),
        time_from: text_at(options, "/timeFrom"),
        time_shift: text_at(options, "/timeShift"),
        points: options.get("maxDataPoints").and_then(Value::as_i64),
        queries: list_at(spec, "/data/spec/queries").iter().map(query).collect(),
    })
}

fn query(it: &Value) -> Query {
    let asked = it.pointer("/spec/query").unwrap_or(&Value::Null);
    let spec: Map<String, Value> =
        asked.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
    let first = |paths: [&str; 2], place: &Value| {
        paths.iter().map(|path| text_at(place, path)).find(|it| !it.is_empty()).unwrap_or_default()
    };
    let kind = match text_at(asked, "/group") {
        group if group.is_empty() => text_at(asked, "/kind"),
        group => group,
    };
    let uid = match text_at(asked, "/datasource/name") {
        name if name.is_empty() => first(["/spec/datasource/uid", "/spec/datasource/name"], it),
        name => name,
    };
    Query {
        reference: text_at(it, "/spec/refId"),
        datasource: Reference { uid, kind },
        is_hidden: it.pointer("/spec/hidden").and_then(Value::as_bool).unwrap_or_default(),
        spec,
    }
}
