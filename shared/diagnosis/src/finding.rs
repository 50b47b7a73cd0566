//! What a failure mode makes of a case.

use evidence::entity::Entity;

/// What one failure mode says about one object.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// The facts carry it.
    Proven(Finding),
    /// The facts rule it out.
    Refuted(Refutation),
}

impl Judgement {
    /// The object that it is about.
    pub fn subject(&self) -> &Entity {
        match self {
            Judgement::Proven(finding) => &finding.subject,
            Judgement::Refuted(refutation) => &refutation.subject,
        }
    }
}

/// One judgement for each object, in their order: the first that is proven, else the first that is refuted. Ten pods of
/// one workload with one fault are one finding.
pub fn one_each(judgements: impl IntoIterator<Item = Judgement>) -> Vec<Judgement> {
    let mut kept: Vec<Judgement> = Vec::new();
    for judgement in judgements {
        match kept.iter_mut().find(|it| it.subject() == judgement.subject()) {
            None => kept.push(judgement),
            Some(refuted @ Judgement::Refuted(_)) if matches!(judgement, Judgement::Proven(_)) => {
                *refuted = judgement;
            }
            Some(_) => {}
        }
    }
    kept
}

/// One finding for each subject, which explains what all of them do: several victims of one fault are one fault.
pub fn joined(findings: impl IntoIterator<Item = Finding>) -> Vec<Judgement> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let Some(known) = kept.iter_mut().find(|it| it.subject == finding.subject) else {
            kept.push(finding);
            continue;
        };
        for entity in finding.explains {
            if !known.explains.contains(&entity) {
                known.explains.push(entity);
            }
        }
    }
    kept.into_iter().map(Judgement::Proven).collect()
}

/// A fault that the facts carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The object to change: never a pod that something else owns, never a victim.
    pub subject: Entity,
    /// The field to change, as `spec.template.spec.containers[web].image`.
    pub field: Option<String>,
    /// Its value now.
    pub value: Option<String>,
    /// What is wrong, in one sentence. Words of others stand in it only as validated names.
    pub statement: String,
    /// What proves it.
    pub proofs: Vec<Cite>,
    /// What speaks against it without refuting it.
    pub doubts: Vec<Cite>,
    /// How much the proofs carry.
    pub strength: Strength,
    /// The objects that it makes fail: workloads, pods that nothing owns, Services, claims, nodes, Jobs.
    pub explains: Vec<Entity>,
}

/// A fault that was considered and that the facts rule out.
#[derive(Clone, Debug, PartialEq)]
pub struct Refutation {
    /// The object that it would have been about.
    pub subject: Entity,
    /// What refutes it, in one sentence.
    pub why: String,
    /// Where that was seen.
    pub proofs: Vec<Cite>,
}

/// A fact, and what it says here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cite {
    /// The fact's number in the case.
    pub exhibit: usize,
    /// What was seen, in one computed sentence.
    pub says: String,
    /// The words of a component or a workload, where they matter; data, never instruction.
    pub excerpt: String,
}

impl Cite {
    /// Cites a fact for what it says.
    pub fn new(exhibit: usize, says: impl Into<String>) -> Self {
        Cite { exhibit, says: says.into(), excerpt: String::new() }
    }

    /// Cites a fact together with the words that stand in it.
    pub fn quoting(exhibit: usize, says: impl Into<String>, excerpt: &str) -> Self {
        Cite { exhibit, says: says.into(), excerpt: excerpt.to_owned() }
    }
}

/// How much proofs carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It fits, and nothing else known does.
    Suggestive,
    /// A component's state and the configuration agree.
    Strong,
    /// The component that failed names the cause itself, and it is so now.
    Conclusive,
}
