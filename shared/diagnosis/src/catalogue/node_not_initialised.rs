//! Whoever should make a new node ready for pods does not run.

use crate::case::Case;
use crate::case::initialising::Raw;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "NODE-12",
    title: "nothing makes its node ready, since who should does not run",
    category: Category::Node,
    proves: "pods wait for a node that has borne a taint of its start for ten minutes, and of who takes that away nobody is ready, or not its pod on that node",
    refutes: "the taint is gone; or who takes it away runs: then nobody knows from objects why it does not",
    confused_with: &["SCH-05", "NODE-01", "CNI-01", "STO-06"],
    // What ails its pods is the cause, where that shows.
    depth: Depth::Symptom,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_raw_nodes()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let raw = case.raw_nodes();
    joined(raw.iter().flat_map(|it| of_node(case, it)).collect::<Vec<Finding>>())
}

fn of_node(case: &Case, raw: &Raw<'_>) -> Vec<Finding> {
    let node = raw.node.meta.entity("Node");
    let mut findings = Vec::new();
    for down in case.initialisers_down(raw) {
        let subject = down.meta.entity(&down.kind);
        let mut explains: Vec<Entity> = raw.waiting.clone();
        let whom = match explains.as_slice() {
            [] => continue,
            [one] => format!("{one} waits"),
            [first, rest @ ..] => format!("{first} and {} more wait", rest.len()),
        };
        explains.push(subject.clone());
        let mut proofs: Vec<Cite> = raw.cites.iter().take(1).cloned().collect();
        proofs.push(Cite::new(raw.node.exhibit, format!("{node}: taint {}", raw.key)));
        let says = format!("{subject}: {} of {} pods ready", down.ready, down.desired);
        proofs.push(Cite::new(down.exhibit, says));
        findings.push(Finding {
            field: None,
            value: None,
            statement: format!(
                "{whom} for {node}, which bears the taint {} because {subject}, which should take it away, does not run.",
                raw.key
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Strong,
            explains,
            subject,
        });
    }
    findings
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Bring the pods of {subject} back: see why they are not ready, or scale it up again. Don't take the taint away by hand: the node is not ready."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The node has lost the taint, and the pods that waited for it are scheduled."
            .to_owned(),
    }]
}
