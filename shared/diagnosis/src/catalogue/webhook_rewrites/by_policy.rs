//! A policy of Kyverno gave a workload or its pod an image that is not there, and says so in an annotation.

use crate::case::Case;
use crate::case::pulls::{Pull, registry_of, says_not_found, says_refused};
use crate::finding::{Cite, Finding, Judgement, Strength, joined};
use evidence::entity::Entity;
use evidence::fact::meta::Meta;

/// Where Kyverno writes down what its mutating policies did: a line for each rule, `RULE.POLICY.kyverno.io: replaced PATH`
/// (`GenerateAnnotationPatches` of Kyverno 1.6, by its own test).
const PATCHES: &str = "policies.kyverno.io/last-applied-patches";

/// The policies that rewrote an image which then does not come.
pub(super) fn all(case: &Case) -> Vec<Judgement> {
    joined(case.pulls().into_iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, pull: Pull<'_>) -> Option<Finding> {
    if !says_not_found(&pull.said) && !says_refused(&pull.said) {
        return None;
    }
    // A mirror that hands out others' images lacks this one: then the name may be wrong, and the policy right.
    let registry = registry_of(&pull.container.spec.image);
    let mut running = case.all_containers().filter(|it| it.status.ready);
    if running.any(|it| registry_of(&it.spec.image) == registry) {
        return None;
    }
    let (root, pod) = (pull.container.root.clone(), pull.container.pod);
    let workload = case.workload(&root).seen();
    let noted = [(pod.meta.entity("Pod"), &pod.it.meta, pod.exhibit)].into_iter();
    let noted = noted.chain(workload.map(|it| (root.clone(), &it.it.meta, it.exhibit)));
    let (whose, policy, exhibit) = noted
        .filter_map(|(whose, meta, exhibit)| Some((whose, policy_of(meta)?, exhibit)))
        .next()?;
    let subject = Entity::new("ClusterPolicy", "", policy);
    let image = &pull.container.spec.image;
    let mut proofs = pull.cites;
    proofs
        .push(Cite::new(exhibit, format!("{whose}: {subject} replaced the image of a container")));
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{root} cannot start because {subject} gives it the image {image}, which its registry does not hand out."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    })
}

/// The one policy that replaced an image, by its name.
fn policy_of(meta: &Meta) -> Option<&str> {
    let mut named = meta.annotations.get(PATCHES)?.lines().filter_map(|line| {
        let (rule, done) = line.split_once(".kyverno.io: ")?;
        let replaced =
            done.strip_prefix("replaced /")?.contains("ontainers/") && done.ends_with("/image");
        // A rule's name has no dots.
        let (_, policy) = rule.split_once('.')?;
        let is_name = policy.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        (replaced && is_name).then_some(policy)
    });
    let first = named.next()?;
    named.all(|it| it == first).then_some(first)
}
