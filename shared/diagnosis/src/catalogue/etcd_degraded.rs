//! etcd has no leader, is slow to write, or has no room.

use crate::case::Case;
use crate::case::hurting::Hurt;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "API-02",
    title: "etcd is degraded",
    category: Category::Admission,
    proves: "a member of etcd knows no leader, or its slowest writes to disk take half a second, or its database is as large as it may be",
    refutes: "it has a leader, writes fast and has room",
    confused_with: &["API-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.used_up(&[Signal::EtcdLeader, Signal::EtcdFsync, Signal::EtcdSpace], says)
}

fn says(hurt: &Hurt<'_>) -> String {
    format!("{} is degraded, and the API server with it: {}.", hurt.entity, hurt.told.says())
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at the disk and the network of {subject}; where it has no room, compact and defragment it."
        ),
        command: "etcdctl endpoint status --cluster -w table".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: format!("{subject} has a leader, writes within milliseconds and has room."),
    }]
}
