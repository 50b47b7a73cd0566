//! The CSI driver of a volume does not run on the node.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::sandboxes::is_before_its_containers;
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;

/// What the facts say of nodes without the driver.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let pods = case.pods().filter(|pod| is_before_its_containers(pod));
    joined(pods.filter_map(|pod| one(case, pod)))
}

/// Where that is so, the templates of all DaemonSets: one of them brings the driver, and may keep off; and the classes, whether
/// there is another driver.
pub(super) fn ask(case: &Case) -> Vec<Question> {
    let mut pods = case.pods().filter(|pod| is_before_its_containers(pod));
    if !pods.any(|pod| one(case, pod).is_some()) {
        return Vec::new();
    }
    let mut questions = Vec::from_iter(case.ask_for_daemon_sets());
    if !case.looked("StorageClass", "") {
        questions
            .push(Question::Objects { kind: "StorageClass".to_owned(), namespace: String::new() });
    }
    questions
}

fn one(case: &Case, pod: Seen<'_, Pod>) -> Option<Finding> {
    let (name, node) = (pod.meta.entity("Pod"), &pod.it.spec.node_name);
    if !case.is_ready_node(node) {
        return None;
    }
    let sign = " not found in the list of registered CSI drivers";
    // Between these the kubelet says that it waits for the volume.
    let said = case
        .events_of(&name, &["FailedMount", "FailedAttachVolume"])
        .filter(|it| it.message.contains(sign))
        .max_by_key(|it| it.last)?;
    let driver = between(&said.message, "driver name ", sign)
        .filter(|it| it.chars().all(|it| it.is_ascii_alphanumeric() || "-.".contains(it)))?;
    let (root, subject) = (case.root_of(&pod.meta, "Pod"), Entity::new("Node", "", node));
    let says = format!("{name}: {}, {} times", said.reason, said.count.max(1));
    let mut proofs = vec![Cite::quoting(said.exhibit, says, &said.message)];
    if let Some((daemon, by)) = case.node_plugin_kept_off(driver) {
        let brings = daemon.meta.entity("DaemonSet");
        let by_what = by.words();
        let says = format!("{brings} wants 0 pods: its {by_what} excludes every node");
        proofs.push(Cite::new(daemon.exhibit, says));
        return Some(Finding {
            field: Some(by.field().to_owned()),
            value: None,
            statement: format!(
                "{root} cannot start because the CSI driver {driver} of its volume runs on no node: the {by_what} of {brings} excludes every one."
            ),
            proofs,
            doubts: Vec::new(),
            strength: Strength::Conclusive,
            explains: vec![root],
            subject: brings,
        });
    }
    // Who brings the driver may keep off every node: nobody tells who could not look.
    if ["DaemonSet", "Node", "StorageClass"].iter().any(|it| case.failed_to_look(it, &[])) {
        return None;
    }
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot start because the CSI driver {driver} of its volume does not run on {subject}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root],
        subject,
    })
}

/// What a human might do about a node, or about who brings the driver to none.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if let Some(field) = &finding.field {
        return vec![Remedy {
            action: format!(
                "Set {field} of {subject} to what the nodes with such volumes have, in its source, or label those nodes."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "It has a pod on each node, and the pods that wait for their volumes start."
                .to_owned(),
        }];
    }
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
