//! No local port is left to call from.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-19",
    title: "it has no local port left to call from",
    category: Category::Runtime,
    proves: "a container's log repeats now, in the kernel's words, that no local address can be assigned to a call",
    refutes: "it listens, or calls an address that its kind of network does not have",
    confused_with: &["RUN-17", "NET-14"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(_: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::NoAddressAvailable { peer } = &complaint.said else { return None };
    // Ports are counted for each peer: to call oneself uses them up as well.
    let subject = complaint.root().clone();
    let whom = peer.as_ref().map_or_else(|| "others".to_owned(), ToString::to_string);
    let runs = Cite::new(
        complaint.container.pod.exhibit,
        format!("container {} runs", complaint.container.spec.name),
    );
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{subject} fails because it has no local port left to call {whom}."),
        proofs: vec![complaint.cite(), runs],
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
            "Let {subject} keep connections and use them again; more replicas have more ports."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that no address can be assigned.".to_owned(),
    }]
}
