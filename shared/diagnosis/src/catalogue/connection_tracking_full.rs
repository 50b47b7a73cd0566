//! A node tracks as many connections as it can, and drops new ones.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-14",
    title: "a node's connection tracking is full",
    category: Category::Network,
    proves: "of the connections that the node's kernel can track, 95 % or more are in use",
    refutes: "less is in use",
    confused_with: &["NET-12", "RUN-19"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::ConntrackUse], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!(
        "{} drops new connections because the table that its kernel tracks them in is full: {}.",
        hurt.entity,
        hurt.told.says()
    )
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Find who opens so many connections on {subject}; then raise net.netfilter.nf_conntrack_max there."
        ),
        command: "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max"
            .to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} has room in its table."),
    }]
}
