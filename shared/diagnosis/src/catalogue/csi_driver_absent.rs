//! The CSI driver of a volume does not run on the node.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::sandboxes::is_before_its_containers;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-14",
    title: "the storage driver of its volume does not run on its node",
    category: Category::Storage,
    proves: "a pod still waits for its volumes, and its kubelet says that the driver is `not found in the list of registered CSI drivers`",
    refutes: "the pod runs by now",
    confused_with: &["STO-06", "STO-07", "STO-08"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut findings: Vec<Finding> = Vec::new();
    for pod in case.pods().filter(|pod| is_before_its_containers(pod)) {
        let Some(finding) = one(case, pod) else { continue };
        match findings.iter_mut().find(|it| it.subject == finding.subject) {
            Some(known) => known.explains.extend(finding.explains),
            None => findings.push(finding),
        }
    }
    one_each(findings.into_iter().map(Judgement::Proven))
}

fn one(case: &Case, pod: Seen<'_, Pod>) -> Option<Finding> {
    let (name, node) = (pod.meta.entity("Pod"), &pod.it.spec.node_name);
    if !case.is_ready_node(node) {
        return None;
    }
    let said =
        case.events_of(&name, &["FailedMount", "FailedAttachVolume"]).max_by_key(|it| it.last)?;
    let sign = " not found in the list of registered CSI drivers";
    let driver = between(&said.message, "driver name ", sign).filter(|it| {
        said.message.contains(sign)
            && it.chars().all(|it| it.is_ascii_alphanumeric() || "-.".contains(it))
    })?;
    let (root, subject) = (case.root_of(&pod.meta, "Pod"), Entity::new("Node", "", node));
    let says = format!("{name}: {}, {} times", said.reason, said.count.max(1));
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot start because the CSI driver {driver} of its volume does not run on {subject}."
        ),
        proofs: vec![Cite::quoting(said.exhibit, says, &said.message)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at the driver's pod on {subject}: it is of a DaemonSet, which may lack a toleration there or fail."
        ),
        command: format!("kubectl get pods -A --field-selector spec.nodeName={}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait for their volumes start.".to_owned(),
    }]
}
