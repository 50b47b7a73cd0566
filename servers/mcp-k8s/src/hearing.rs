//! A diagnosis by this server alone: its own tools answer what the judge wants to know.

use crate::server::{Kubernetes, NAME};
use crate::tools::k8s_get_events::GetEvents;
use crate::tools::k8s_get_pod_logs::GetPodLogs;
use crate::tools::k8s_get_resources::GetResources;
use crate::tools::k8s_survey::Survey;
use diagnosis::case::Case;
use diagnosis::engine;
use evidence::question::Question;
use evidence::testimony::{Gap, Testimony};
use futures::future::join_all;
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Lines of a log worth reading: what a program says before it dies stands at the end.
const LOG_LINES: u32 = 200;
/// What is kept of the time for judging and writing the answer down.
const TO_CONCLUDE: Duration = Duration::from_secs(1);

/// Asks what the judge wants to know until it wants nothing more or the time is up.
pub(crate) async fn hear(server: &Kubernetes, case: &mut Case, call: &Call) -> Vec<Testimony> {
    let mut heard = Vec::new();
    let end = call.deadline.checked_sub(TO_CONCLUDE).unwrap_or(call.deadline);
    let call = Call { deadline: end, ..call.clone() };
    loop {
        let questions = engine::next_questions(case);
        if questions.is_empty() {
            return heard;
        }
        if Instant::now() >= end {
            for question in &questions {
                case.miss(gap(question, "the call's time was up"));
            }
            return heard;
        }
        case.ask(&questions);
        let since = Some(case.window.start);
        let answers = questions.iter().map(|question| put(server, question, since, &call));
        let answers = join_all(answers).await;
        for (question, answer) in questions.iter().zip(answers) {
            match answer {
                Ok(testimony) => {
                    case.hear(testimony.clone());
                    heard.push(testimony);
                }
                Err(failure) if is_known_none(question, &failure) => case.none_of(question),
                Err(failure) => case.miss(gap(question, &failure.message)),
            }
        }
    }
}

/// Puts one question to the tool that answers it. Events are those since then; of the last hour where it is not said.
///
/// # Errors
/// As the tool fails.
pub(crate) async fn put(
    server: &Kubernetes,
    question: &Question,
    since: Option<Timestamp>,
    call: &Call,
) -> Result<Testimony, Failure> {
    match question {
        Question::Survey { namespaces, workload } => {
            let arguments = json!({"namespaces": namespaces, "workload": workload});
            ask::<Survey>(server, arguments, call).await
        }
        Question::Logs { namespace, pod, container, previous } => {
            let arguments = json!({"namespace": namespace, "pod_name": pod, "container": container,
                "previous": previous, "tail_lines": LOG_LINES});
            ask::<GetPodLogs>(server, arguments, call).await
        }
        Question::Objects { kind, namespace } => {
            let namespace = Some(namespace).filter(|it| !it.is_empty());
            // The tool for objects leaves events to one that groups them.
            if kind == "Event" {
                let since = since.map(|it| it.to_string());
                let arguments = json!({"namespace": namespace, "since": since});
                return ask::<GetEvents>(server, arguments, call).await;
            }
            let arguments = json!({"resource_type": kind, "namespace": namespace});
            ask::<GetResources>(server, arguments, call).await
        }
        Question::Measures { .. } | Question::Rule { .. } => Err(Failure {
            code: Code::NotFound,
            message: "Kubernetes has no numbers".to_owned(),
            retryable: false,
            hint: "ask mcp-prometheus".to_owned(),
        }),
    }
}

/// Asks as an agent would, so that the evidence names a call that can be made again.
async fn ask<T: Tool<Kubernetes>>(
    server: &Kubernetes,
    mut arguments: Value,
    call: &Call,
) -> Result<Testimony, Failure>
where
    T::Ask: DeserializeOwned,
{
    if let Value::Object(arguments) = &mut arguments {
        arguments.retain(|_, value| !value.is_null());
    }
    let asked = serde_json::from_value(arguments.clone()).map_err(|error| Failure {
        code: Code::Internal,
        message: format!("{} does not take its own arguments: {error}", T::NAME),
        retryable: false,
        hint: String::new(),
    })?;
    let testimony = T::answer(server, asked, call).await?.testimony;
    Ok(Testimony { server: NAME.to_owned(), tool: T::NAME.to_owned(), arguments, ..testimony })
}

/// Whether there is nothing of what the judge asks for: the cluster does not serve the kind, or the namespace is gone.
/// What was refused was not looked at, and is a gap.
fn is_known_none(question: &Question, failure: &Failure) -> bool {
    matches!(question, Question::Objects { .. }) && failure.code == Code::NotFound
}

fn gap(question: &Question, why: &str) -> Gap {
    let what = match question {
        Question::Survey { namespaces, .. } => format!("survey of {}", namespaces.join(", ")),
        Question::Logs { namespace, pod, container, .. } => {
            format!("log of container {container} in pod {namespace}/{pod}")
        }
        Question::Objects { kind, .. } => format!("objects of kind {kind}"),
        Question::Measures { .. } => "numbers".to_owned(),
        Question::Rule { alert } => format!("rule of alert {alert}"),
    };
    let remedy = "ask for it with this server's other tools".to_owned();
    Gap { server: NAME.to_owned(), what, why: why.to_owned(), remedy }
}

#[cfg(test)]
mod tests {
    use super::{is_known_none, put};
    use crate::address::unanswered;
    use crate::server::Kubernetes;
    use evidence::question::Question;
    use mcp::failure::{Code, Failure};
    use mcp::tool::Call;
    use replay::snapshot::Snapshot;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    fn objects(kind: &str, namespace: &str) -> Question {
        Question::Objects { kind: kind.to_owned(), namespace: namespace.to_owned() }
    }

    /// Answers from the pages' snapshot.
    async fn answer(question: &Question) -> Result<evidence::testimony::Testimony, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
        let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
        let server = Kubernetes::replaying(wire, &cluster, now);
        let call = Call {
            deadline: Instant::now() + Duration::from_secs(30),
            cancelled: CancellationToken::new(),
            wants_facts: true,
            wants_rows: false,
        };
        put(&server, question, Some(now), &call).await
    }

    #[tokio::test]
    async fn events_are_read_and_not_taken_for_none() {
        let testimony = answer(&objects("Event", "shop")).await.unwrap();
        assert_eq!(testimony.tool, "k8s_get_events");
        assert_eq!(testimony.arguments["since"], "2026-11-21T12:00:00Z");
        assert!(testimony.looks.iter().any(|it| it.kind == "Event" && it.complete));
    }

    #[tokio::test]
    async fn there_is_nothing_of_a_kind_that_is_not_served() {
        let question = objects("widgetz", "");
        let failure = answer(&question).await.unwrap_err();
        assert!(is_known_none(&question, &failure), "{failure:?}");
    }

    #[test]
    fn nothing_is_known_of_a_kind_that_a_group_without_an_answer_may_serve() {
        let groups = ["metrics.k8s.io/v1beta1".to_owned()];
        let failure = unanswered("resource_type", "widgetz", &groups, &[]);
        assert_eq!(failure.code, Code::Unreachable);
        assert!(failure.message.contains("metrics.k8s.io/v1beta1 did not answer"));
        assert!(!is_known_none(&objects("widgetz", ""), &failure));
    }

    #[test]
    fn what_was_refused_is_not_known() {
        let question = objects("Event", "default");
        assert!(!is_known_none(&question, &Failure::invalid("events are read otherwise")));
        let forbidden = Failure { code: Code::Forbidden, ..Failure::invalid("may not list") };
        assert!(!is_known_none(&question, &forbidden));
    }
}
