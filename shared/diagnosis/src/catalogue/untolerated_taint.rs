//! The nodes that a pod could use have a taint that it does not tolerate.

mod left_over;

use crate::case::Case;
use crate::case::constraints::{Constraint, says_leaving, says_uninitialised};
use crate::case::touching::toucher;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::seen::Seen;
use evidence::fact::node::Node;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-05",
    title: "the nodes that it could use have a taint that it does not tolerate",
    category: Category::Scheduling,
    proves: "the scheduler says `untolerated taint`, and the tainted nodes are the ones that every other rule allows",
    refutes: "the taint is the control plane's, or one that a node gets when it is sick: then the node is the cause; or one that it bears until something has made it ready: that is nothing to tolerate",
    confused_with: &["SCH-03", "SCH-06", "NODE-01", "NODE-08", "NODE-12"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: left_over::ask,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    let Constraint::Taint(key) = &unplaced.binding else { return None };
    if let Some(finding) = left_over::find(case, unplaced) {
        return Some(Judgement::Proven(finding));
    }
    if key.starts_with("node.kubernetes.io/") || says_leaving(key) {
        return None; // The cluster put it there: the node itself is sick, or about to go.
    }
    if says_uninitialised(key) {
        return refuted(case, unplaced, key);
    }
    // Newer schedulers do not name it. Where a volume keeps the pod from other nodes, it may be the control plane's.
    if key.is_empty() && unplaced.misses_volume() {
        return None;
    }
    let taint = if key.is_empty() { "a taint".to_owned() } else { format!("the taint {key}") };
    let subject = unplaced.root.clone();
    let mut proofs = unplaced.cites.clone();
    let mut nodes = 0_usize;
    let usable = case.nodes_but_for(unplaced);
    for node in &usable {
        let Some(found) = node.it.taints.iter().find(|it| it.key == *key) else { continue };
        nodes += 1;
        if nodes <= 3 {
            let says = format!(
                "{}: taint {key}={}:{}",
                node.meta.entity("Node"),
                found.value,
                found.effect
            );
            proofs.push(Cite::new(node.exhibit, says));
        }
    }
    if let Some(finding) = lately(case, unplaced, &usable, &proofs) {
        return Some(Judgement::Proven(finding));
    }
    let on = match nodes {
        0 => "nodes that it could use".to_owned(),
        1 => "1 node".to_owned(),
        nodes => format!("{nodes} nodes"),
    };
    Some(Judgement::Proven(Finding {
        field: Some(format!(
            "{}.tolerations",
            crate::case::containers::pod_spec_path(&subject.kind)
        )),
        value: None,
        statement: format!(
            "{subject} cannot be scheduled because it does not tolerate {taint} of {on}."
        ),
        proofs,
        doubts: Vec::new(),
        // A taint that nobody saw may be the cluster's own, of nodes that are not ready.
        strength: if key.is_empty() { Strength::Suggestive } else { unplaced.strength() },
        explains: vec![subject.clone()],
        subject,
    }))
}

/// A node that it could use is not ready yet: it bears the taint until something takes it away.
fn refuted(case: &Case, unplaced: &Unplaced<'_>, key: &str) -> Option<Judgement> {
    let node = *case.nodes_but_for(unplaced).first()?;
    let why = format!(
        "{} bears the taint {key} only until something has made it ready, which is not to be tolerated",
        node.meta.entity("Node")
    );
    let proofs = vec![Cite::new(node.exhibit, why.clone())];
    Some(Judgement::Refuted(Refutation { subject: unplaced.root.clone(), why, proofs }))
}

/// One node that the pod could use and that somebody tainted lately, under a workload that was there before: then the
/// taint is what changed.
fn lately(
    case: &Case,
    unplaced: &Unplaced<'_>,
    usable: &[Seen<'_, Node>],
    proofs: &[Cite],
) -> Option<Finding> {
    let Constraint::Taint(key) = &unplaced.binding else { return None };
    let [node] = usable else { return None };
    if !case.rules.attribution {
        return None;
    }
    let touch = toucher(&node.it.meta, "spec.taints")?;
    let at = touch.at.filter(|at| case.is_news(Some(*at)))?;
    let joined = node.it.meta.created.is_some_and(|it| it < at);
    let before = case.meta_of(&unplaced.root)?.created.is_some_and(|it| it < at);
    if !(joined && before) {
        return None;
    }
    let (root, subject) = (&unplaced.root, node.meta.entity("Node"));
    let mut proofs = proofs.to_vec();
    proofs.push(Cite::new(
        node.exhibit,
        format!("{subject} was tainted by {} at {at}", touch.manager),
    ));
    Some(Finding {
        field: Some("spec.taints".to_owned()),
        value: None,
        statement: format!(
            "{root} cannot be scheduled because {subject}, which it could use, was given the taint {key} at {at}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: unplaced.strength(),
        explains: vec![root.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.namespace == "kube-system" && subject.kind == "Deployment" {
        return vec![Remedy {
            action: format!(
                "Let {subject} run again: when it starts it takes back what it left on nodes. Else take the taint from the nodes by hand."
            ),
            command: "kubectl describe nodes".to_owned(),
            risk: "low".to_owned(),
            reversible: true,
            verify: "The nodes have lost the taint, and the pods are scheduled.".to_owned(),
        }];
    }
    if subject.kind == "Node" {
        return vec![Remedy {
            action: format!(
                "Find out who tainted {subject} and why; take the taint away, or move what is bound to it first."
            ),
            command: format!("kubectl describe node {}", subject.name),
            risk: "low".to_owned(),
            reversible: true,
            verify: "The pods that waited for it are scheduled.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Give {subject} a toleration if it belongs on these nodes; remove the taint if it was put there by mistake."
        ),
        command: "kubectl describe nodes".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
