//! Refuses a report that claims what it does not prove: every claim cites evidence that is in the report.

use crate::entity::Entity;
use crate::report::{Report, RootCause, SCHEMA, Verdict};
use std::collections::BTreeSet;

/// What is wrong with a report, one line each, in the report's order; empty for one that may be shown.
pub fn lint(report: &Report) -> Vec<String> {
    let mut lint = Lint { known: BTreeSet::new(), faults: Vec::new() };
    if report.schema != SCHEMA {
        lint.faults.push(format!("schema is {:?}, not {SCHEMA:?}", report.schema));
    }
    for evidence in &report.evidence {
        if !lint.known.insert(&evidence.id) {
            lint.faults.push(format!("evidence {} is there twice", evidence.id));
        }
    }
    lint.verdict(report);
    let subjects: BTreeSet<Entity> = report.root_causes.iter().map(subject).collect();
    for (cause, rank) in report.root_causes.iter().zip(1..) {
        lint.root_cause(cause, rank, &subjects);
    }
    for (ruled_out, place) in report.ruled_out.iter().zip(1..) {
        lint.cites(&format!("ruled_out {place}"), &ruled_out.evidence);
    }
    for (moment, place) in report.timeline.iter().zip(1..) {
        lint.cites(&format!("timeline {place}"), &moment.evidence);
    }
    lint.faults
}

fn subject(cause: &RootCause) -> Entity {
    Entity::new(&cause.subject.kind, &cause.subject.namespace, &cause.subject.name)
}

struct Lint<'a> {
    /// Ids of the evidence that is in the report.
    known: BTreeSet<&'a str>,
    faults: Vec<String>,
}

impl Lint<'_> {
    fn verdict(&mut self, report: &Report) {
        let found = report.verdict == Verdict::RootCauseFound;
        if found && report.root_causes.is_empty() {
            self.faults.push("the verdict is root_cause_found and there is none".to_owned());
        }
        if report.verdict == Verdict::NoFaultFound && !report.root_causes.is_empty() {
            self.faults.push("the verdict is no_fault_found and there is a root cause".to_owned());
        }
        if report.summary.trim().is_empty() {
            self.faults.push("the summary is empty".to_owned());
        }
    }

    fn root_cause(&mut self, cause: &RootCause, rank: u32, subjects: &BTreeSet<Entity>) {
        let place = format!("root_causes {rank}");
        if cause.rank != rank {
            self.faults.push(format!("{place} has rank {}", cause.rank));
        }
        if !(0.0..=1.0).contains(&cause.confidence) {
            self.faults.push(format!("{place} has confidence {}", cause.confidence));
        }
        self.cites(&format!("{place} statement"), &cause.evidence);
        for (link, step) in cause.chain.iter().zip(1..) {
            self.cites(&format!("{place} chain {step}"), &link.evidence);
        }
        if let Some(change) = &cause.change {
            self.cites(&format!("{place} change"), &change.evidence);
        }
        self.cites(&format!("{place} impact"), &cause.impact.evidence);
        for victim in &cause.impact.victims {
            if subjects.contains(victim) {
                self.faults.push(format!("{place} has the root cause {victim} as a victim"));
            }
        }
    }

    /// A claim cites at least one piece of evidence, and none that is not there.
    fn cites(&mut self, place: &str, ids: &[String]) {
        if ids.is_empty() {
            self.faults.push(format!("{place} cites no evidence"));
        }
        for id in ids {
            if !self.known.contains(id.as_str()) {
                self.faults.push(format!("{place} cites {id}, which is not in the report"));
            }
        }
    }
}
