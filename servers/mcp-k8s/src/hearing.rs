//! A diagnosis by this server alone: its own tools answer what the judge wants to know.

use crate::server::{Kubernetes, NAME};
use crate::tools::k8s_get_pod_logs::GetPodLogs;
use crate::tools::k8s_get_resources::GetResources;
use crate::tools::k8s_survey::Survey;
use diagnosis::case::Case;
use diagnosis::engine;
use evidence::question::Question;
use evidence::testimony::{Gap, Testimony};
use futures::future::join_all;
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
        let answers = join_all(questions.iter().map(|question| put(server, question, &call))).await;
        for (question, answer) in questions.iter().zip(answers) {
            match answer {
                Ok(testimony) => {
                    case.hear(testimony.clone());
                    heard.push(testimony);
                }
                Err(failure) if is_unserved(question, &failure) => case.none_of(question),
                Err(failure) => case.miss(gap(question, &failure.message)),
            }
        }
    }
}

/// Puts one question to the tool that answers it.
///
/// # Errors
/// As the tool fails.
pub(crate) async fn put(
    server: &Kubernetes,
    question: &Question,
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
            let arguments = json!({"resource_type": kind, "namespace": namespace});
            ask::<GetResources>(server, arguments, call).await
        }
        Question::Measures { .. } => Err(Failure {
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

/// Whether the cluster does not serve the kind that the judge asks for: all else of such a question is right.
fn is_unserved(question: &Question, failure: &Failure) -> bool {
    matches!(question, Question::Objects { .. }) && failure.code == Code::InvalidArgument
}

fn gap(question: &Question, why: &str) -> Gap {
    let what = match question {
        Question::Survey { namespaces, .. } => format!("survey of {}", namespaces.join(", ")),
        Question::Logs { namespace, pod, container, .. } => {
            format!("log of container {container} in pod {namespace}/{pod}")
        }
        Question::Objects { kind, .. } => format!("objects of kind {kind}"),
        Question::Measures { .. } => "numbers".to_owned(),
    };
    let remedy = "ask for it with this server's other tools".to_owned();
    Gap { server: NAME.to_owned(), what, why: why.to_owned(), remedy }
}
