//! What a Kubernetes API answers, asked of a real server and of the replay of its capture: the two must not differ.

use serde_json::Value;

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON, or the text itself.
    pub body: Value,
}

/// Asks one API: a path with its query, and an `Accept` header.
pub type Get<'a> = &'a dyn Fn(&str, &str) -> Answer;

/// One thing to ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// Path and query.
    pub path: String,
    /// `Accept` header.
    pub accept: &'static str,
}

/// What there is to ask about.
#[derive(Clone, Debug)]
pub struct Fixtures {
    /// A namespace with objects of many kinds, all of them captured.
    pub namespace: String,
    /// Its collections, as `/api/v1/namespaces/shop/pods`, and collections of the whole cluster.
    pub collections: Vec<String>,
    /// Single objects, as `/api/v1/namespaces/shop/services/web`.
    pub objects: Vec<String>,
    /// A label selector that selects some of the pods.
    pub some_pods: String,
}

/// JSON in full.
pub const JSON: &str = "application/json";
/// The Table form.
pub const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
/// One object's metadata.
pub const METADATA: &str = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
/// A list of them.
pub const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// Paths that every server answers in the same way, whatever there is in it.
const REFUSED: [&str; 17] = [
    "/api/v1/nosuch",
    "/apis/apps/v9/deployments",
    "/apis/nope.example.com/v1/things",
    "/apis/nope.example.com",
    "/nope",
    "/api/v1/pods/web",
    "/api/v1/pods?limit=x",
    "/api/v1/pods?fieldSelector=spec.foo%3D1",
    "/api/v1/pods?fieldSelector=spec",
    "/api/v1/nodes?fieldSelector=metadata.namespace%3Da",
    "/api/v1/configmaps?fieldSelector=data.a%3D1",
    "/apis/apps/v1/deployments?fieldSelector=status.phase%3D1",
    "/api/v1/pods?labelSelector=a%20in",
    "/api/v1/pods?labelSelector=a%3D%3D%3Db",
    "/api/v1/pods?labelSelector=,",
    "/api/v1/pods?labelSelector=a%3Db,",
    "/api/v1/pods?labelSelector=a%3Eb",
];

/// Selectors of each kind that has some of its own.
const SELECTED: [&str; 12] = [
    "pods?fieldSelector=status.phase%3DRunning",
    "pods?fieldSelector=status.phase!%3DRunning,spec.restartPolicy%3DAlways",
    "pods?fieldSelector=spec.nodeName%3Dnode-0",
    "pods?fieldSelector=metadata.name%3Dno-such-pod",
    "pods?labelSelector=app",
    "pods?labelSelector=!app",
    "pods?labelSelector=app%20in%20(web,%20db),app!%3Ddb",
    "events?fieldSelector=type%3DNormal,involvedObject.kind%3DPod",
    "events?fieldSelector=reason%3DScheduled",
    "events?fieldSelector=involvedObject.kind%3DNothing",
    "services?fieldSelector=spec.type%3DClusterIP",
    "configmaps?fieldSelector=metadata.name!%3Dsettings",
];

/// Every question about these fixtures.
pub fn questions(fixtures: &Fixtures) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut ask = |path: &str, accept| questions.push(Question { path: path.to_owned(), accept });
    for path in REFUSED {
        ask(path, JSON);
    }
    for collection in &fixtures.collections {
        ask(collection, JSON);
        ask(collection, METADATA_LIST);
        ask(collection, TABLE);
        ask(&format!("{collection}?includeObject=None"), TABLE);
        ask(&format!("{collection}?limit=1"), JSON);
        ask(&format!("{collection}/no-such-object"), JSON);
    }
    for object in &fixtures.objects {
        ask(object, JSON);
        ask(object, METADATA);
        if object.starts_with("/api/v1/") {
            ask(object, METADATA_LIST);
        }
        ask(object, TABLE);
        ask(&format!("{object}?includeObject=Object"), TABLE);
    }
    let core = format!("/api/v1/namespaces/{}", fixtures.namespace);
    for selected in SELECTED {
        ask(&format!("{core}/{selected}"), METADATA_LIST);
    }
    let some = &fixtures.some_pods;
    ask(&format!("{core}/pods?labelSelector={some}&limit=1"), JSON);
    ask(&format!("{core}/pods"), METADATA);
    ask(&format!("{core}/pods?includeObject=Some"), TABLE);
    ask(
        &format!("{core}/pods"),
        "application/vnd.kubernetes.protobuf;q=0.1, application/json;q=0.9",
    );
    ask("/api/v1/namespaces/no-such-namespace", JSON);
    ask("/api/v1/namespaces/no-such-namespace/pods", JSON);
    ask(&format!("{core}/pods/no-such-pod/log"), JSON);
    questions.sort();
    questions.dedup();
    questions
}

/// Where `replay` answers otherwise than `real`; one line each.
pub fn differences(real: Get, replay: Get, fixtures: &Fixtures) -> Vec<String> {
    let mut differences = Vec::new();
    for Question { path, accept } in questions(fixtures) {
        let [expected, actual] = [real, replay].map(|get| normal(get(&path, accept)));
        if let Some(difference) = difference(&expected, &actual) {
            differences.push(format!("{path} [{accept}]: {difference}"));
        }
    }
    differences.extend(paging(real, fixtures).into_iter().map(|one| format!("real: {one}")));
    differences.extend(paging(replay, fixtures).into_iter().map(|one| format!("replay: {one}")));
    differences
}

/// Pages put together are the whole list, and a token that nobody gave out is refused.
pub fn paging(get: Get, fixtures: &Fixtures) -> Vec<String> {
    let mut wrong = Vec::new();
    for collection in &fixtures.collections {
        let whole = names(&get(collection, METADATA_LIST).body);
        let mut paged = Vec::new();
        let mut query = "limit=2".to_owned();
        while paged.len() <= whole.len() {
            let page = get(&format!("{collection}?{query}"), METADATA_LIST).body;
            paged.extend(names(&page));
            let Some(token) = page.pointer("/metadata/continue").and_then(Value::as_str) else {
                break;
            };
            query = format!("limit=2&continue={token}");
        }
        if paged != whole {
            wrong.push(format!("{collection}: pages hold {paged:?}, the list {whole:?}"));
        }
        let refused = get(&format!("{collection}?limit=1&continue=zzzz"), JSON);
        if refused.status != 400 {
            wrong.push(format!("{collection}: a foreign token is answered {}", refused.status));
        }
    }
    wrong
}

fn names(list: &Value) -> Vec<String> {
    let items = list.get("items").and_then(Value::as_array).into_iter().flatten();
    items
        .map(|item| {
            let text =
                |field: &str| item.pointer(field).and_then(Value::as_str).unwrap_or_default();
            format!("{}/{}", text("/metadata/namespace"), text("/metadata/name"))
        })
        .collect()
}

/// Takes out what two answers of the same server differ in as well: tokens, versions of lists, ages; and the documentation in
/// tables, which a replay does not repeat.
fn normal(mut answer: Answer) -> Answer {
    let aged = columns_with_ages(&answer.body);
    let is_list = answer.body.get("items").or(answer.body.get("rows")).is_some();
    let metadata = answer.body.get_mut("metadata").and_then(Value::as_object_mut);
    if let Some(metadata) = metadata.filter(|_| is_list) {
        metadata.remove("resourceVersion");
        // Lists of custom resources have an empty one at their end.
        match metadata.get("continue").and_then(Value::as_str) {
            None => {}
            Some("") => drop(metadata.remove("continue")),
            Some(_) => drop(metadata.insert("continue".to_owned(), "a token".into())),
        }
    }
    forget_generation(&mut answer.body);
    let columns = answer.body.get_mut("columnDefinitions").and_then(Value::as_array_mut);
    for column in columns.into_iter().flatten().filter_map(Value::as_object_mut) {
        column.remove("description");
    }
    let rows = answer.body.get_mut("rows").and_then(Value::as_array_mut);
    for cells in rows.into_iter().flatten().filter_map(|row| row.get_mut("cells")?.as_array_mut()) {
        for (index, cell) in cells.iter_mut().enumerate() {
            if aged.contains(&index) && cell.is_string() {
                *cell = "an age".into();
            }
        }
    }
    // An empty list of rows is null in Go.
    if answer.body.get("rows").is_some_and(Value::is_null)
        && let Some(table) = answer.body.as_object_mut()
    {
        table.insert("rows".to_owned(), Value::Array(Vec::new()));
    }
    answer
}

/// The API server leaves an annotation of DaemonSets out of some forms.
fn forget_generation(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("deprecated.daemonset.template.generation");
            fields.values_mut().for_each(forget_generation);
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget_generation),
        _ => {}
    }
}

fn columns_with_ages(table: &Value) -> Vec<usize> {
    let columns = table.get("columnDefinitions").and_then(Value::as_array);
    let aged = columns.into_iter().flatten().enumerate().filter(|(_, column)| {
        let name = column.get("name").and_then(Value::as_str).unwrap_or_default();
        let date = column.get("type").and_then(Value::as_str) == Some("date");
        (date && name != "Created At")
            || ["Age", "Duration", "Last Seen", "First Seen", "Last Schedule"].contains(&name)
    });
    aged.map(|(index, _)| index).collect()
}

fn difference(expected: &Answer, actual: &Answer) -> Option<String> {
    if expected.status != actual.status {
        return Some(format!(
            "{} is answered {}: {}",
            expected.status,
            actual.status,
            start(&actual.body)
        ));
    }
    let mut path = String::new();
    first_difference(&expected.body, &actual.body, &mut path)
        .map(|(expected, actual)| format!("{path}: {expected} is {actual}"))
}

/// The first place in which two values differ: `path` to it, and both as text.
fn first_difference(
    expected: &Value,
    actual: &Value,
    path: &mut String,
) -> Option<(String, String)> {
    let length = path.len();
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            for key in left.keys().chain(right.keys()) {
                path.push_str(&format!("/{key}"));
                let [one, other] = [left, right].map(|map| map.get(key).unwrap_or(&Value::Null));
                if let Some(found) = first_difference(one, other, path) {
                    return Some(found);
                }
                path.truncate(length);
            }
            None
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (one, other)) in left.iter().zip(right).enumerate() {
                path.push_str(&format!("/{index}"));
                if let Some(found) = first_difference(one, other, path) {
                    return Some(found);
                }
                path.truncate(length);
            }
            None
        }
        _ if expected == actual => None,
        _ => Some((start(expected), start(actual))),
    }
}

fn start(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}
