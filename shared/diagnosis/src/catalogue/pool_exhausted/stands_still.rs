//! A program that stands still, by its log and by its broker, holds its connections and does nothing with them.

use super::answers_no_more::MUTE;
use crate::case::Case;
use crate::case::standing_still::Still;
use crate::finding::{Finding, Judgement, Strength};
use crate::kubectl;
use evidence::report::Remedy;

/// What a statement says of such a program.
const STANDS: &str = "stands still";

/// What stands still now.
pub(super) fn judge(case: &Case) -> impl Iterator<Item = Judgement> {
    case.standing_still().into_iter().map(one)
}

fn one(still: Still<'_>) -> Judgement {
    let Still { container, since, broker, proofs, by_address } = still;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "Container {name} of {subject} {STANDS}: it runs, wrote nothing since {since}, and {broker} closed its connection because it heard nothing of it."
        ),
        proofs,
        doubts: Vec::new(),
        // The address is the broker's own word; a name is whatever a client gives itself.
        strength: if by_address { Strength::Strong } else { Strength::Suggestive },
        explains: vec![subject.clone()],
        subject,
    })
}

/// What a human might do about it, where a finding is of such a program.
pub(super) fn remedy(finding: &Finding) -> Option<Vec<Remedy>> {
    let subject = &finding.subject;
    let stands = [STANDS, MUTE].iter().any(|it| finding.statement.contains(it));
    stands.then(|| {
        vec![Remedy {
            action: format!(
                "Take a dump of the stacks of {subject} to see what it waits for, then start it anew; a liveness probe that asks whether it still works would have done so."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "It writes to its log again, and its connection is back.".to_owned(),
        }]
    })
}
