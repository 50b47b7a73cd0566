//! A node's container runtime does not have the handler that a pod's RuntimeClass asks for.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::sandboxes::Sandboxless;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::{BTreeMap, BTreeSet};

/// One finding for each runtime class whose pods get no sandbox for want of its handler: about the node, where others run
/// pods of the class; else about the class, as no node has shown that it has the handler.
pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let mut waiting: BTreeMap<&str, Vec<(Sandboxless<'_>, &str)>> = BTreeMap::new();
    for it in case.sandboxless() {
        let Some(handler) = missing_handler(it.said) else { continue };
        if case.is_ready_node(&it.pod.it.spec.node_name) {
            let class = it.pod.it.spec.runtime_class.as_str();
            waiting.entry(class).or_default().push((it, handler));
        }
    }
    let found = waiting.into_iter().filter_map(|(class, pods)| one(case, class, pods));
    found.map(Judgement::Proven).collect()
}

fn one(case: &Case, class: &str, pods: Vec<(Sandboxless<'_>, &str)>) -> Option<Finding> {
    let nodes: BTreeSet<&str> =
        pods.iter().map(|(it, _)| it.pod.it.spec.node_name.as_str()).collect();
    let (_, handler) = pods.first()?;
    let first = Entity::new("Node", "", nodes.first()?);
    let more = match nodes.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    let elsewhere = case.pods().find(|pod| {
        pod.spec.runtime_class == class
            && pod.phase == "Running"
            && !nodes.contains(pod.spec.node_name.as_str())
    });
    let whose = match class {
        "" => "the node's own default".to_owned(),
        class => format!("that RuntimeClass {class} asks for"),
    };
    let mut proofs: Vec<Cite> = pods.iter().map(|(it, _)| it.cite.clone()).take(3).collect();
    let of_node = elsewhere.is_some() || class.is_empty();
    if let Some(pod) = elsewhere.filter(|_| !class.is_empty()) {
        let says = format!(
            "{} runs with RuntimeClass {class} on Node {}",
            pod.meta.entity("Pod"),
            pod.spec.node_name
        );
        proofs.push(Cite::new(pod.exhibit, says));
    }
    let statement = match of_node {
        true => format!(
            "{first}{more} cannot start pods because its container runtime has no handler {handler}, {whose}."
        ),
        false => format!(
            "RuntimeClass {class} asks for the handler {handler}, which the container runtime of {first}{more} does not have."
        ),
    };
    let mut explains: Vec<Entity> = Vec::new();
    for (it, _) in pods.iter() {
        if !explains.contains(&it.root) {
            explains.push(it.root.clone());
        }
    }
    Some(Finding {
        field: (!of_node).then(|| "handler".to_owned()),
        value: (!of_node).then(|| (*handler).to_owned()),
        statement,
        proofs,
        doubts: Vec::new(),
        // Whether the name is wrong or the node, is not told where no node runs the class.
        strength: if of_node { Strength::Conclusive } else { Strength::Strong },
        explains,
        subject: if of_node { first } else { Entity::new("RuntimeClass", "", class) },
    })
}

/// The handler that a runtime does not have, in the words of containerd (`internal/cri/config`, `core/runtime/v2`) and of
/// CRI-O (`internal/oci`).
fn missing_handler(said: &str) -> Option<&str> {
    let name = if said.contains("failed to find runtime handler ") {
        between(said, "failed to find runtime handler ", " from runtime list ")
    } else if said.contains("\" is configured") {
        between(said, "no runtime for \"", "\" is configured")
    } else {
        between(said, "binary not installed \"containerd-shim-", "-v")
            .filter(|_| said.contains("binary not installed \"containerd-shim-"))
    };
    let is_name = |it: &&str| {
        let of = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
        !it.is_empty() && it.len() <= 63 && it.bytes().all(of)
    };
    name.filter(is_name)
}

/// What a human might do about a handler that lacks.
pub(super) fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let (action, command) = match subject.kind.as_str() {
        "Node" => (
            format!(
                "Install and configure the handler on {subject}, or keep pods of the class off it by a label in the RuntimeClass's scheduling.nodeSelector; compare the node's image with that of nodes that run such pods."
            ),
            format!("kubectl describe node {}", subject.name),
        ),
        _ => (
            format!(
                "Correct the handler's name in the source of {subject}, or configure that handler in the container runtime of the nodes."
            ),
            format!("kubectl get runtimeclass {} -o yaml", subject.name),
        ),
    };
    vec![Remedy {
        action,
        command,
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait get their sandboxes.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::missing_handler;

    #[test]
    fn a_runtime_names_the_handler_that_it_lacks() {
        let rows = [
            (
                r#"rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured"#,
                Some("runsc"),
            ),
            (
                "failed to find runtime handler kata from runtime list map[crun:0xc0 runc:0xc1]",
                Some("kata"),
            ),
            (
                r#"failed to create containerd task: failed to start shim: failed to resolve runtime path: runtime "io.containerd.spin.v2" binary not installed "containerd-shim-spin-v2": file does not exist"#,
                Some("spin"),
            ),
            (r#"no runtime for "a b" is configured"#, None),
            ("failed to setup network for sandbox", None),
        ];
        for (said, expected) in rows {
            assert_eq!(missing_handler(said), expected, "{said}");
        }
    }
}
