//! A program holds more and more memory, and never gives any back.

use crate::case::Case;
use crate::case::limits::limit_path;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, one_each};
use crate::numbers;
use evidence::fact::metric::{Measure, Signal};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-03",
    title: "it leaks memory",
    category: Category::Runtime,
    proves: "the memory of a container grows all the way by a fifth of its limit or more and is nearly all used, or was each time before it was started again and grew anew",
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
        let growth = numbers::grows(&row.measure)?;
        let filled = growth.least_peak >= NEARLY_ALL || growth.falls == 0;
        if growth.by < GREW || !filled || (growth.falls == 0 && row.now < NEARLY_ALL) {
            return None;
        }
        let restarts = restarts(case, &row.measure);
        // What a garbage collector frees falls, too.
        if growth.falls > 0 && restarts == Some(0) {
            return None;
        }
        let (subject, container) = (row.root.clone(), row.measure.part.as_str());
        let again = match growth.falls {
            0 => String::new(),
            1 => ", as it did before it was started again".to_owned(),
            falls => format!(", as it did {falls} times before it was started again"),
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
            strength: match (growth.falls, restarts) {
                (1.., Some(_)) => Strength::Conclusive,
                _ => Strength::Strong,
            },
            explains: vec![subject.clone()],
            subject,
        }))
    }))
}

/// How often the measured container was started again; none where its pod was not seen.
fn restarts(case: &Case, row: &Measure) -> Option<u32> {
    let pod = case.pod(&row.subject).seen()?;
    pod.it.containers.iter().find(|it| it.name == row.part).map(|it| it.restarts)
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
