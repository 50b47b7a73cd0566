//! A consumer fails at one message again and again, and gets no further.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-10",
    title: "it fails at one message again and again, and gets no further",
    category: Category::Dependency,
    proves: "the consumer's log repeats now, in its library's words, that it fails at one and the same offset; or that it failed at a message and put it back into its queue, five times at least, and never at another",
    refutes: "the offset moves on, or the message is another one: then it fails at many, and another fault is behind that",
    confused_with: &["RUN-10"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Once is a failure that a retry may mend.
const TWICE: u32 = 2;

/// A message that is put back a few times waits for something that comes.
const AGAIN: u32 = 5;

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(it, &complaints)))
}

fn one(complaint: &Complaint<'_>, all: &[Complaint<'_>]) -> Option<Judgement> {
    let subject = complaint.root().clone();
    let (least, strength, statement) = match &complaint.said {
        Said::Stuck { topic, partition, offset } => (
            TWICE,
            Strength::Conclusive,
            format!(
                "{subject} gets no further in partition {partition} of topic {topic} because it fails at the message of offset {offset} again and again; what comes after it waits."
            ),
        ),
        Said::PutBack { message } => (
            AGAIN,
            Strength::Strong,
            format!(
                "{subject} fails at message {message} again and again: it puts it back into its queue, and gets it anew."
            ),
        ),
        _ => return None,
    };
    let mut others = all.iter().filter(|it| it.root() == complaint.root());
    let got_past = others.any(|it| is_past(&it.said, &complaint.said));
    if complaint.count < least || complaint.line.moves || got_past {
        return None;
    }
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement,
        proofs: vec![complaint.cite()],
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// Whether who says the one came past the message of the other.
fn is_past(one: &Said, other: &Said) -> bool {
    match (one, other) {
        (
            Said::Stuck { topic: its, partition: of_its, offset: later },
            Said::Stuck { topic, partition, offset },
        ) => (its, of_its) == (topic, partition) && later > offset,
        (Said::PutBack { message: its }, Said::PutBack { message }) => its != message,
        _ => false,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at that message; let {subject} set aside what it cannot read, and see who writes such messages since when. Skip it only if it may be lost."
        ),
        command: kubectl::object("logs", subject, "--tail=100"),
        risk: "medium".to_owned(),
        reversible: false,
        verify: "The committed offset moves on, or the queue becomes shorter.".to_owned(),
    }]
}
