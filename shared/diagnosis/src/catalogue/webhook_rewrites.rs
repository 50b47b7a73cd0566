//! A mutating webhook gives pods another spec than their template, and what it gave them is at fault.

mod by_policy;

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::spec::Container;
use evidence::question::Question;
use evidence::report::Remedy;
use std::collections::BTreeMap;

pub(super) static MODE: FailureMode = FailureMode {
    id: "ADM-10",
    title: "an admission webhook gives its pods another spec than its template",
    category: Category::Admission,
    proves: "a pod that fails differs from its template in the field that fails, and one mutating webhook is asked about new pods; or a policy noted that it replaced an image that then does not come",
    refutes: "the pod is as its template says, or a VerticalPodAutoscaler or a LimitRange made the difference",
    confused_with: &["CTL-10", "IMG-01", "RUN-01"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    let kind = "MutatingWebhookConfiguration";
    if case.looked(kind, "") || !case.containers().any(|it| rewritten(case, &it).is_some()) {
        return Vec::new();
    }
    vec![Question::Objects { kind: kind.to_owned(), namespace: String::new() }]
}

fn judge(case: &Case) -> Vec<Judgement> {
    let by_hook = case.containers().filter_map(|container| one(case, &container));
    one_each(by_hook.chain(by_policy::all(case)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let change = rewritten(case, container)?;
    let namespace = container.pod.meta.namespace.as_str();
    let hooks = case.mutating_hooks(namespace);
    // Of several, nothing here tells which it was: only the API server's audit log does.
    let [(hook, _)] = hooks.as_slice() else { return None };
    let (root, pod) = (container.root, container.pod.meta.entity("Pod"));
    let subject = hook.meta.entity(&hook.kind);
    let (field, template, given) = (&change.field, &change.template, &change.given);
    let says = |value: &str| format!("container {} has {field} {value}", container.spec.name);
    let proofs = vec![
        Cite::new(container.pod.exhibit, format!("{pod}: {}", says(given))),
        Cite::new(change.exhibit, format!("its template: {}", says(template))),
        Cite::new(hook.exhibit, format!("{subject} is asked about new pods of {namespace}")),
    ];
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "Pods of {root} fail because {subject} gives them {field} {given}, where their template says {template}."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject,
    }))
}

/// A field that fails, and in which a pod differs from the revision that it was made from.
struct Rewritten {
    field: String,
    template: String,
    given: String,
    exhibit: usize,
}

fn rewritten(case: &Case, container: &Running<'_>) -> Option<Rewritten> {
    let meta = &container.pod.it.meta;
    let resized = meta.touches.iter().any(|it| it.subresource == "resize");
    if resized || meta.annotations.contains_key("vpaUpdates") {
        return None;
    }
    let owner = meta.owner.as_ref().filter(|it| it.kind == "ReplicaSet")?;
    let revision = case.revision(owner).seen()?;
    let template =
        revision.it.template.containers.iter().find(|it| it.name == container.spec.name)?;
    let (field, template, given) = at_fault(container, template)?;
    Some(Rewritten { field, template, given, exhibit: revision.exhibit })
}

/// The difference in the field that the container fails by.
fn at_fault(container: &Running<'_>, template: &Container) -> Option<(String, String, String)> {
    let waits = container.waiting().map(|(reason, _)| reason).unwrap_or_default();
    let spec = container.spec;
    if matches!(waits, "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName") {
        let differs = spec.image != template.image;
        return differs.then(|| ("image".into(), template.image.clone(), spec.image.clone()));
    }
    let unplaced = condition(&container.pod.it.conditions, "PodScheduled")
        .is_some_and(|it| it.status == "False" && it.message.contains("Insufficient"));
    if unplaced {
        return differing("resources.requests", &template.requests, &spec.requests);
    }
    let ended = container.ended()?;
    if ended.reason == "OOMKilled" {
        let only = |map: &BTreeMap<String, String>| {
            map.iter()
                .filter(|(key, _)| *key == "memory")
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        return differing("resources.limits", &only(&template.limits), &only(&spec.limits));
    }
    if ended.exit_code == 0 || !container.is_crash_looping() {
        return None;
    }
    for (field, ours, theirs) in
        [("command", &spec.command, &template.command), ("args", &spec.args, &template.args)]
    {
        if ours != theirs {
            return Some((field.to_owned(), theirs.join(" "), ours.join(" ")));
        }
    }
    None
}

/// A value that the template sets and the pod has otherwise. What a template leaves out, defaults fill in.
fn differing(
    list: &str,
    template: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
) -> Option<(String, String, String)> {
    template.iter().find_map(|(resource, asked)| {
        let got = given.get(resource).filter(|it| *it != asked)?;
        Some((format!("{list}.{resource}"), asked.clone(), got.clone()))
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject: &Entity = &finding.subject;
    if subject.kind == "ClusterPolicy" {
        return vec![Remedy {
            action: format!(
                "See whether the registry to which {subject} leads holds that image; else leave it out of the policy."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "A new pod asks for an image that is there.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Correct what the program behind {subject} changes, or narrow its namespaceSelector; then make the pods anew."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "A new pod is as its template says.".to_owned(),
    }]
}
