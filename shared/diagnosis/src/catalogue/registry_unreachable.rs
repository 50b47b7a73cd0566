//! A node cannot reach the registry of an image.

use crate::case::Case;
use crate::case::pulls::{Pull, registry_of, says_refused, says_too_many, says_unreachable};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::report::Remedy;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-03",
    title: "the registry of its image cannot be reached",
    category: Category::Image,
    proves: "a container waits for its image, and the runtime could not find, reach or trust the registry",
    refutes: "the registry answered, if only to refuse",
    confused_with: &["IMG-01", "IMG-02", "DNS-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let answered = |it: &Pull<'_>| says_refused(&it.said) || says_too_many(&it.said);
    let pulls: Vec<Pull<'_>> =
        case.pulls().into_iter().filter(|it| says_unreachable(&it.said) && !answered(it)).collect();
    let mut registries: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pull in &pulls {
        let node = pull.container.pod.it.spec.node_name.as_str();
        registries.entry(node).or_default().insert(registry_of(&pull.container.spec.image));
    }
    // A node that reaches none of several registries has itself lost the way.
    let lost = |pull: &Pull<'_>| {
        let node = pull.container.pod.it.spec.node_name.as_str();
        let nodes = registries.len();
        !node.is_empty() && nodes == 1 && registries.get(node).is_some_and(|it| it.len() > 1)
    };
    let mut groups: BTreeMap<String, Vec<&Pull<'_>>> = BTreeMap::new();
    for pull in &pulls {
        let key = if lost(pull) { "" } else { registry_of(&pull.container.spec.image) };
        groups.entry(key.to_owned()).or_default().push(pull);
    }
    groups.iter().filter_map(|(registry, pulls)| one(case, registry, pulls)).collect()
}

/// One registry that several workloads miss is one fault; an empty name stands for every registry.
fn one(case: &Case, registry: &str, pulls: &[&Pull<'_>]) -> Option<Judgement> {
    let first = pulls.first()?;
    if case.may_hide_registry(registry) {
        return None;
    }
    let container = &first.container;
    let roots: BTreeSet<&Entity> = pulls.iter().map(|it| it.container.root).collect();
    let explains: Vec<Entity> = roots.into_iter().cloned().collect();
    let whom = match explains.len() {
        1 => container.root.to_string(),
        count => format!("{} and {} more", container.root, count - 1),
    };
    let mut proofs: Vec<Cite> = pulls.iter().take(2).flat_map(|it| it.cites.clone()).collect();
    let how = how(&first.said);
    let (subject, field, value, statement);
    if registry.is_empty() {
        let node = &container.pod.it.spec.node_name;
        subject = Entity::new("Node", "", node);
        (field, value) = (None, None);
        statement =
            format!("{whom} cannot start because {subject} reaches none of their registries.");
        proofs.extend(
            case.node(node).seen().map(|it| Cite::new(it.exhibit, format!("{subject} runs them"))),
        );
    } else {
        subject = container.root.clone();
        field = Some(container.field("image"));
        value = Some(container.spec.image.clone());
        statement =
            format!("{whom} cannot start because the registry {registry} cannot be used: {how}.");
    }
    Some(Judgement::Proven(Finding {
        subject,
        field,
        value,
        statement,
        proofs,
        doubts: Vec::new(),
        strength: if is_of_registry(&first.said) {
            Strength::Conclusive
        } else {
            Strength::Suggestive
        },
        explains,
    }))
}

/// Whether the runtime tells of a call to a registry. A deadline alone may be its own, or its disk's.
fn is_of_registry(said: &str) -> bool {
    ["Get \"", "Head \"", "dial ", "pinging ", "lookup ", "x509:"]
        .iter()
        .any(|it| said.contains(it))
}

/// What the runtime says of it, in our words.
fn how(said: &str) -> &'static str {
    if said.contains("no such host") || said.contains("name resolution") {
        "its name has no address"
    } else if said.contains("x509:") {
        "its certificate is not trusted"
    } else if said.contains("HTTP response to HTTPS client") {
        "it speaks HTTP without TLS"
    } else if said.contains("connection refused") {
        "nobody listens at its address"
    } else {
        "it does not answer"
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let (action, command) = if subject.kind == "Node" {
        (
            format!("Mend the name service or the way out of {subject}."),
            format!("kubectl describe node {}", subject.name),
        )
    } else {
        (
            format!(
                "Correct the registry's name in the source of {subject}, or mend the way from the nodes to it."
            ),
            kubectl::object("describe", subject, ""),
        )
    };
    vec![Remedy {
        action,
        command,
        risk: "low".to_owned(),
        reversible: true,
        verify: "The kubelet pulls the image at its next try, and the pod starts.".to_owned(),
    }]
}
