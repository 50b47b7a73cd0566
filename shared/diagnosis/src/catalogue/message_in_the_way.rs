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

/// A message that is put back a few times waits for something that comes.
const AGAIN: u32 = 5;

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let of_either = |it| one(it, &complaints).or_else(|| put_back(it, &complaints));
    one_each(complaints.iter().filter_map(of_either))
}

/// Of a queue, where what cannot be handled is given back and comes again.
fn put_back(complaint: &Complaint<'_>, all: &[Complaint<'_>]) -> Option<Judgement> {
    let Said::PutBack { message } = &complaint.said else { return None };
    let others = all.iter().any(|other| {
        let of_another = matches!(&other.said, Said::PutBack { message: its } if its != message);
        of_another && other.root() == complaint.root()
    });
    if complaint.count < AGAIN || complaint.line.moves || others {
        return None;
    }
    let subject = complaint.root().clone();
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{subject} fails at message {message} again and again: it puts it back into its queue, and gets it anew."
        ),
        proofs: vec![complaint.cite()],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn one(complaint: &Complaint<'_>, all: &[Complaint<'_>]) -> Option<Judgement> {
    let Said::Stuck { topic, partition, offset } = &complaint.said else { return None };
    // Once is a failure that a retry may mend.
    if complaint.count < 2 || complaint.line.moves {
        return None;
    }
    let moved_on = all.iter().any(|other| match &other.said {
        Said::Stuck { topic: its, partition: its_part, offset: later } => {
            other.root() == complaint.root()
                && (its, its_part) == (topic, partition)
                && later > offset
        }
        _ => false,
    });
    if moved_on {
        return None;
    }
    let subject = complaint.root().clone();
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{subject} gets no further in partition {partition} of topic {topic} because it fails at the message of offset {offset} again and again; what comes after it waits."
        ),
        proofs: vec![complaint.cite()],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
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
