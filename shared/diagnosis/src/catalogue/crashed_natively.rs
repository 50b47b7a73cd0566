//! A program is ended by a fault in native code, or aborts itself.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::words::last_line;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::fact::pod::Ended;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeSet;

/// The lines of a log that are of its end, with the frames of a trace.
const TAIL: usize = 40;
/// Logs read for this: two workloads that crash like this at once are rare.
const MOST_LOGS: usize = 2;
/// SIGABRT.
const ABORTED: i32 = 134;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-13",
    title: "its program crashes in native code",
    category: Category::Runtime,
    proves: "a container ends again and again by a signal that the processor or the program itself raises",
    refutes: "it ended by SIGKILL or SIGTERM, which others send; or its runtime aborted because its heap was full, or for an error that its log names",
    confused_with: &["RUN-01", "RUN-10", "RUN-21", "IMG-05"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

/// Its last words, of one container of each object: a runtime that aborts says there why.
fn ask(case: &Case) -> Vec<Question> {
    let ended = |it: &Running<'_>| case.fails_by_ending(it).and_then(|it| signal(it.exit_code));
    let mut known = BTreeSet::new();
    let mut unread: Vec<Running<'_>> = case.containers().filter(|it| ended(it).is_some()).collect();
    unread.retain(|it| known.insert(it.root) && case.words_of(it).is_none());
    unread.truncate(MOST_LOGS);
    unread.iter().map(|it| it.ask_for_log(it.runs() || it.waiting().is_some())).collect()
}

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

/// Exit codes of 128 and a signal that no other process sends. See signal(7).
pub(super) fn signal(exit_code: i32) -> Option<&'static str> {
    match exit_code {
        132 => Some("SIGILL, an instruction that this processor does not know"),
        134 => Some("SIGABRT, its own abort"),
        135 => Some("SIGBUS, a memory access that cannot be"),
        136 => Some("SIGFPE, an arithmetic error"),
        139 => Some("SIGSEGV, a memory access that is not allowed"),
        _ => None,
    }
}

/// Whether a log ends in the words with which a runtime aborts for an error of the program: those of .NET, C++ and Rust.
pub(super) fn ends_in_abort(log: &Log) -> bool {
    let signs = ["Unhandled exception.", "terminate called after throwing", "panicked at"];
    tail(log).iter().any(|line| signs.iter().any(|sign| line.text.contains(sign)))
}

fn tail(log: &Log) -> &[Line] {
    log.lines.get(log.lines.len().saturating_sub(TAIL)..).unwrap_or_default()
}

fn says_crash(text: &str) -> bool {
    let signs = ["egmentation fault", "SIGSEGV", "SIGABRT", "core dumped", "terminate called"];
    signs.iter().any(|sign| text.contains(sign))
}

/// Whether its log tells of an error for which its runtime aborted; or, of what aborted itself, its end of what another
/// mode answers for.
fn tells_of_more(case: &Case, log: Seen<'_, Log>, ended: &Ended) -> bool {
    if ends_in_abort(log.it) {
        return true;
    }
    let tail = tail(log.it);
    let own = |said: &Said| matches!(said, Said::OutOfMemory { .. } | Said::OwnException { .. });
    let mut said = case.said_in(log).filter(|(said, _)| !own(said));
    ended.exit_code == ABORTED && said.any(|(_, it)| tail.iter().any(|line| std::ptr::eq(line, it)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let ended = case.fails_by_ending(container)?;
    let signal = signal(ended.exit_code)?;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let mut proofs = vec![container.cite_end(ended)];
    if let Some(log) = case.words_of(container) {
        if tells_of_more(case, log, ended) {
            return None;
        }
        // V8 and the JVM abort when their own heap is full, which is a setting of theirs and no crash.
        let mut said = case.said_in(log);
        if let Some((_, line)) = said.rfind(|(it, _)| matches!(it, Said::OutOfMemory { .. })) {
            let why = format!("the runtime of container {name} aborted because its heap was full");
            proofs.push(Cite::quoting(log.exhibit, why.clone(), &line.text));
            return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
        }
        proofs.extend(last_line(log.it, says_crash).map(|line| {
            Cite::quoting(log.exhibit, format!("container {name} wrote of its crash"), &line.text)
        }));
    }
    Some(Judgement::Proven(Finding {
        field: Some(container.field("image")),
        value: Some(container.spec.image.clone()),
        statement: format!("Container {name} of {subject} crashes in native code: {signal}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Go back to the image that ran before in the source of {subject}, and look at a core dump."
        ),
        command: kubectl::undo(subject),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its containers start once, and stay.".to_owned(),
    }]
}
