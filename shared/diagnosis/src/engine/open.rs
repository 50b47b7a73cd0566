//! What an inconclusive report leaves open: the next question, and who could answer it.

use super::Judged;
use super::questions;
use super::summary::saw_enough;
use super::symptoms::Symptom;
use evidence::question::Question;
use evidence::testimony::Gap;

/// Open questions told.
const MOST: usize = 3;

/// The questions that would come next: those for which the rounds did not suffice, else those that Kubernetes cannot answer.
pub(super) fn of(judged: &Judged<'_>) -> Vec<Gap> {
    let mut wanted: Vec<(Question, u32)> = questions::wanted(judged).into_iter().collect();
    wanted.sort_by_key(|(_, worth)| std::cmp::Reverse(*worth));
    if !wanted.is_empty() {
        return wanted.into_iter().take(MOST).map(|(question, _)| unasked(&question)).collect();
    }
    if judged.case.saw_numbers() {
        return Vec::new(); // They were looked at, and tell no more.
    }
    // What could not be seen may show it all the same: the gaps say what that is.
    if judged.symptoms.is_empty() && judged.case.reported && saw_enough(judged.case) {
        return vec![elsewhere()];
    }
    judged.symptoms.iter().take(MOST).map(|it| unanswerable(it, judged.case.numbers)).collect()
}

/// What was reported shows nowhere in Kubernetes.
fn elsewhere() -> Gap {
    Gap {
        server: "mcp-prometheus".to_owned(),
        what: "latency, errors and traffic of what was asked about".to_owned(),
        why: "objects, events and logs show nothing that explains what was reported".to_owned(),
        remedy: "look at its metrics and traces for the time of the report".to_owned(),
    }
}

fn unasked(question: &Question) -> Gap {
    let what = match question {
        Question::Survey { .. } => "a closer survey".to_owned(),
        Question::Logs { namespace, pod, container, .. } => {
            format!("log of container {container} in pod {namespace}/{pod}")
        }
        Question::Objects { kind, .. } => format!("objects of kind {kind}"),
        Question::Measures { .. } => "its numbers".to_owned(),
        Question::Rule { alert } => format!("rule of alert {alert}"),
    };
    Gap {
        server: "mcp-k8s".to_owned(),
        what,
        why: "it would have been the next question, and the rounds were spent".to_owned(),
        remedy: "ask again about this object alone".to_owned(),
    }
}

/// What Kubernetes shows of it does not tell why; its numbers may. A server for them that is `connected` told none.
fn unanswerable(symptom: &Symptom, connected: bool) -> Gap {
    let numbers = match connected {
        true => "no numbers came of it",
        false => "no server for metrics is connected",
    };
    let since = symptom.since.map(|since| format!(" since {since}")).unwrap_or_default();
    Gap {
        server: "mcp-prometheus".to_owned(),
        what: format!("cpu, memory, latency and errors of {}{since}", symptom.entity),
        why: format!("objects, events and logs do not tell why, and {numbers}"),
        remedy: "look at its metrics for that time".to_owned(),
    }
}
