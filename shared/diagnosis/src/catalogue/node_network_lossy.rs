//! A node's network loses packets.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NET-12",
    title: "its node's network loses packets",
    category: Category::Network,
    proves: "of the TCP segments that a node sends, 5 % or more are sent again, and more than before",
    refutes: "hardly any are; or as many were before",
    confused_with: &["NET-10", "NET-14", "RUN-04"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::NodeRetransmits], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!("{} loses packets: {}.", hurt.entity, hurt.told.says())
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Move pods off {subject} and look at its network device, its cable and the switch behind it."
        ),
        command: "ip -s link".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} sends few segments again."),
    }]
}
