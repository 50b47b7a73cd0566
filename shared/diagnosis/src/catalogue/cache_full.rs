//! A cache is full, and may not forget what it holds.

use crate::case::Case;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-08",
    title: "it is full and takes no writes",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in Redis' own words, that its memory is used up",
    refutes: "the container itself was ended for lack of memory",
    confused_with: &["RUN-01", "DEP-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn is_full(said: &Said) -> bool {
    matches!(said, Said::CacheFull { .. })
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_full);
    let what = "holds as much as its maxmemory allows, and takes no writes";
    disputes.iter().filter_map(|it| it.charge(what, Strength::Conclusive)).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} a maxmemory-policy that evicts, or more memory, and find the keys that grew."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Clients write again.".to_owned(),
    }]
}
