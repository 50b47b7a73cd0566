//! A program that worked, runs on, and does not answer its own probe in time any more: nothing that it lives by was seen to
//! change, it says nothing, and whom it calls is there.

use crate::case::Case;
use crate::case::probes::{FailingProbe, Which};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::fact::pod::State;
use jiff::{SignedDuration, Timestamp};

/// What a statement says of such a program.
pub(super) const MUTE: &str = "answers its own probe no more";

/// A program that answered for as long worked.
const WORKED: SignedDuration = SignedDuration::from_mins(30);

/// What it was about to write when that began.
const LAST_WORDS: SignedDuration = SignedDuration::from_mins(3);

/// Fewer failures may be a pause of its collector.
const FAILURES: u32 = 20;

/// How the kubelet says that nothing came in time, of commands and of HTTP, where it was connected: `pkg/kubelet/prober`,
/// `pkg/probe/exec`, Go's net/http.
const IN_VAIN: [&str; 2] =
    ["probe failed: command timed out", "(Client.Timeout exceeded while awaiting headers)"];

pub(super) fn judge(case: &Case) -> impl Iterator<Item = Judgement> {
    case.failing_probes().into_iter().filter_map(|it| one(case, &it))
}

fn one(case: &Case, failing: &FailingProbe<'_>) -> Option<Judgement> {
    let FailingProbe { container, which, events, .. } = failing;
    let event = events.first().filter(|_| *which == Which::Readiness)?;
    let in_vain = IN_VAIN.iter().any(|it| event.message.contains(it));
    let began = event.first.filter(|_| in_vain && event.count >= FAILURES)?;
    let Some(State::Running { since: Some(started) }) = container.status.state else { return None };
    let subject = container.root.clone();
    if began.duration_since(started) < WORKED
        || !case.is_ready_node(&container.pod.it.spec.node_name)
        || !case.news_of(&subject)?.is_empty()
        || says_more(case, failing, began)
        || lacks_somebody(case, &subject)
    {
        return None;
    }
    let (pod, name) = (container.pod.meta.entity("Pod"), &container.spec.name);
    let says = format!("{pod}: its {} timed out {} times", which.word(), event.count);
    let ran = format!("{pod}: container {name} runs since {started}");
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "Container {name} of {subject} {MUTE}: it runs since {started}, and since {began} nothing comes in time, and nothing that it lives by was seen to change."
        ),
        proofs: vec![
            Cite::quoting(event.exhibit, says, &event.message),
            Cite::new(container.pod.exhibit, ran),
        ],
        doubts: vec![Cite::new(
            container.pod.exhibit,
            "lack of CPU, or somebody outside who is slow and whom the probe asks for, looks the same",
        )],
        strength: Strength::Suggestive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// Whether its log, which must have been read, goes on after it began: what it says then tells more.
fn says_more(case: &Case, failing: &FailingProbe<'_>, began: Timestamp) -> bool {
    let Some(log) = case.log_now(&failing.container) else { return true };
    log.it.lines.iter().any(|it| it.last.is_none_or(|at| at > began + LAST_WORDS))
}

/// Whether somebody whom it is told of is not there, or nobody knows.
fn lacks_somebody(case: &Case, subject: &Entity) -> bool {
    case.calls_of(subject).iter().any(|called| match called.kind.as_str() {
        "Service" => case
            .service(&called.namespace, &called.name)
            .seen()
            .is_none_or(|it| case.leads_nowhere(it).is_some()),
        _ => case.workload(called).seen().is_none_or(|it| it.it.ready == 0),
    })
}
