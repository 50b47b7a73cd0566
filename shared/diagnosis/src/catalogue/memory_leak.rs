//! A program holds more and more memory, and never gives any back.

use crate::case::Case;
use crate::case::limits::limit_path;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::numbers;
use evidence::fact::metric::Signal;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-03",
    title: "it leaks memory",
    category: Category::Runtime,
    proves: "the memory of a container grows all the way by a fifth of its limit or more and is nearly all used, or was when it was started again and grew anew",
    refutes: "it levels off, as caches do once they are warm",
    confused_with: &["RUN-01"],
    depth: Depth::Object,
    stands_alone: true,
    ask: nothing,
    judge,
    remedy,
};

/// Of its limit.
const GREW: f64 = 0.2;
const NEARLY_ALL: f64 = 0.85;

fn judge(case: &Case) -> Vec<Judgement> {
    let rows = case.told(Signal::MemoryUseOfLimit);
    one_each(rows.iter().filter_map(|row| {
        let (grew, runs) = numbers::grows(&row.measure)?;
        if grew < GREW || (runs == 0 && row.now < NEARLY_ALL) {
            return None;
        }
        let (subject, container) = (row.root.clone(), row.measure.part.as_str());
        let again = match runs {
            0 => String::new(),
            1 => ", as it did before it was started again".to_owned(),
            _ => format!(", as it did {runs} times before it was started again"),
        };
        Some(Judgement::Proven(Finding {
            field: Some(limit_path(&subject, container, "memory")),
            value: case.limit_of(&subject, container, "memory"),
            statement: format!(
                "Container {container} of {subject} leaks memory: it grows all the way to {} of its limit{again}.",
                row.in_words()
            ),
            proofs: vec![row.cite()],
            doubts: Vec::new(),
            strength: if runs > 0 { Strength::Conclusive } else { Strength::Strong },
            explains: vec![subject.clone()],
            subject,
        }))
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Take back the version of {subject} since which it grows, or find what it keeps; a higher limit only buys time."
        ),
        command: "".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its memory levels off.".to_owned(),
    }]
}
