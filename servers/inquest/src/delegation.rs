//! From what the judge wants to know to the tool that can tell: the only place of the lead that knows tool names.

use evidence::question::Question;
use evidence::scope::Window;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Lines of a log worth reading: what a program says before it dies stands at the end.
const LOG_LINES: u32 = 200;

/// One tool call to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The server, such as `mcp-k8s`.
    pub server: &'static str,
    /// Its tool.
    pub tool: Cow<'static, str>,
    /// The arguments.
    pub arguments: Map<String, Value>,
    /// What is asked, in words.
    pub about: String,
}

/// The call that answers the question about a time.
pub fn call(question: &Question, window: Window) -> Call {
    let since = window.start;
    let mut server = "mcp-k8s";
    let (tool, arguments, about) = match question {
        Question::Measures { namespaces } => {
            server = "mcp-prometheus";
            (
                "metrics_survey",
                json!({
                    "namespaces": namespaces,
                    "since": since.to_string(),
                    "until": window.end.to_string(),
                }),
                format!("numbers of {}", place(namespaces)),
            )
        }
        Question::Rule { alert } => {
            server = "mcp-prometheus";
            (
                "explain_alert",
                json!({"alertname": alert, "time": window.end.to_string()}),
                format!("rule of alert {alert}"),
            )
        }
        Question::Survey { namespaces, workload } => (
            "k8s_survey",
            json!({"namespaces": namespaces, "workload": workload, "since": since.to_string()}),
            survey(namespaces, workload.as_deref()),
        ),
        Question::Logs { namespace, pod, container, previous } => (
            "k8s_get_pod_logs",
            json!({
                "namespace": namespace,
                "pod_name": pod,
                "container": container,
                "previous": previous,
                "tail_lines": LOG_LINES,
            }),
            logs(namespace, pod, container, *previous),
        ),
        // The tool for objects leaves events to one that groups them.
        Question::Objects { kind, namespace } if kind == "Event" => (
            "k8s_get_events",
            json!({"namespace": Some(namespace).filter(|it| !it.is_empty()), "since": since.to_string()}),
            format!("events in namespace {namespace}"),
        ),
        Question::Objects { kind, namespace } => {
            ("k8s_get_resources", objects(kind, namespace), format!("objects of kind {kind}"))
        }
    };
    Call { server, tool: Cow::Borrowed(tool), arguments: given(arguments), about }
}

/// What is not asked for is left out rather than sent as nothing.
fn given(arguments: Value) -> Map<String, Value> {
    let mut arguments = match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    arguments
        .retain(|_, value| !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty()));
    arguments
}

fn survey(namespaces: &[String], workload: Option<&str>) -> String {
    let place = place(namespaces);
    match workload {
        Some(workload) => format!("survey of {workload} in {place}"),
        None => format!("survey of {place}"),
    }
}

fn place(namespaces: &[String]) -> String {
    match namespaces {
        [] => "the whole cluster".to_owned(),
        [one] => format!("namespace {one}"),
        several => format!("namespaces {}", several.join(", ")),
    }
}

fn logs(namespace: &str, pod: &str, container: &str, previous: bool) -> String {
    let run = if previous { ", previous run" } else { "" };
    format!("log of container {container} in pod {namespace}/{pod}{run}")
}

fn objects(kind: &str, namespace: &str) -> Value {
    match namespace {
        "" => json!({"resource_type": kind}),
        namespace => json!({"resource_type": kind, "namespace": namespace}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_survey_of_everything_names_nothing() {
        let question = Question::Survey { namespaces: Vec::new(), workload: None };
        let call =
            call(&question, Window { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH });
        let expected = json!({"since": "1970-01-01T00:00:00Z"});
        assert_eq!((&*call.tool, Value::Object(call.arguments)), ("k8s_survey", expected));
        assert_eq!(call.about, "survey of the whole cluster");
    }

    #[test]
    fn events_are_asked_for_by_their_own_tool() {
        let question =
            Question::Objects { kind: "Event".to_owned(), namespace: "default".to_owned() };
        let call =
            call(&question, Window { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH });
        let expected = json!({"namespace": "default", "since": "1970-01-01T00:00:00Z"});
        assert_eq!((&*call.tool, Value::Object(call.arguments)), ("k8s_get_events", expected));
    }

    #[test]
    fn a_log_is_asked_for_by_container_and_run() {
        let question = Question::Logs {
            namespace: "shop".to_owned(),
            pod: "web-1".to_owned(),
            container: "web".to_owned(),
            previous: true,
        };
        let expected = json!({"namespace": "shop", "pod_name": "web-1", "container": "web", "previous": true,
            "tail_lines": 200});
        assert_eq!(
            Value::Object(
                call(
                    &question,
                    Window { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH }
                )
                .arguments
            ),
            expected
        );
    }
}
