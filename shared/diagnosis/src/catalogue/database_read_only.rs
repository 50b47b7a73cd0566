//! A database takes no writes.

use crate::case::Case;
use crate::case::retuned;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-06",
    title: "it takes no writes",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in the server's own words, that it is read-only, a replica, or cannot keep what it is given",
    refutes: "the client's file system is read-only, or its own transaction is",
    confused_with: &["STO-09", "DEP-02", "CFG-03", "RUN-25"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn is_read_only(said: &Said) -> bool {
    matches!(said, Said::ReadOnly { .. })
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_read_only);
    let charged = disputes.iter().filter_map(|it| {
        let charge = it.charge("takes no writes", Strength::Conclusive)?;
        Some(case.since_retuned(it, charge))
    });
    charged.collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind == "ConfigMap" {
        return retuned::remedy(subject);
    }
    vec![Remedy {
        action: format!(
            "Find out whether {subject} is a replica that clients should not write to, was set to read-only, or protects itself because its disk is full."
        ),
        command: kubectl::object("logs", subject, "--tail=100"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Clients write again.".to_owned(),
    }]
}
