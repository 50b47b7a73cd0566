//! A limit range gives a container that names no limit one below what it requests, so that its pods are invalid.

use super::since;
use crate::case::Case;
use crate::case::containers::pod_spec_path;
use crate::case::denials::Denial;
use crate::finding::{Cite, Finding, Strength};
use crate::quantity::thousandths;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::policy::LimitRange;
use evidence::fact::spec::Container;

/// What the API server says of a container's resources.
struct Below<'a> {
    init: bool,
    index: usize,
    resource: &'a str,
    request: &'a str,
    limit: &'a str,
}

pub(super) fn one(case: &Case, denial: &Denial) -> Option<Finding> {
    let said = below(&denial.said)?;
    let root = &denial.root;
    let workload = case.workload(root).seen()?;
    let containers = workload.it.template.containers.iter();
    let container = containers.filter(|it| it.init == said.init).nth(said.index)?;
    // One that names its limit itself has it from nobody.
    if container.limits.contains_key(said.resource) {
        return None;
    }
    let range = giver(case, root, &said)?;
    let name = range.meta.entity("LimitRange");
    let Container { name: of, .. } = container;
    let Below { resource, request, limit, .. } = said;
    let mut proofs = denial.cites.clone();
    proofs.push(Cite::new(
        range.exhibit,
        format!("{name} gives a container without a limit {limit} {resource}"),
    ));
    let mut subject = root.clone();
    let list = if said.init { "initContainers" } else { "containers" };
    let path = pod_spec_path(&root.kind);
    let mut field = format!("{path}.{list}[{of}].resources.limits.{resource}");
    let mut value = None;
    // Whoever came last did not fit what was there.
    if let (Some(set), Some(made)) = (since(range.it), case.template_made(root))
        && set > made
    {
        proofs.push(Cite::new(range.exhibit, format!("{name} is so since {set}")));
        (subject, field, value) = (name.clone(), "spec.limits".to_owned(), Some(limit.to_owned()));
    }
    Some(Finding {
        field: Some(field),
        value,
        statement: format!(
            "{root} lacks pods because {name} gives its container {of}, which names no limit, {limit} {resource}, below the {request} that it requests."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone()],
        subject,
    })
}

/// The one limit range of the namespace whose default is that limit.
fn giver<'a>(case: &'a Case, root: &Entity, said: &Below<'_>) -> Option<Seen<'a, LimitRange>> {
    let gives = |it: &Seen<'_, LimitRange>| {
        it.meta.namespace == root.namespace
            && it.it.limits.iter().any(|limits| {
                let given = limits.default.get(said.resource);
                limits.kind == "Container"
                    && given.is_some_and(|it| thousandths(it) == thousandths(said.limit))
            })
    };
    let mut givers = case.limit_ranges().filter(gives);
    let (one, None) = (givers.next()?, givers.next()) else { return None };
    Some(one)
}

/// `is invalid: spec.containers[0].resources.requests: Invalid value: "400m": must be less than or equal to cpu limit of 300m`
fn below(said: &str) -> Option<Below<'_>> {
    const LIST: &str = "ontainers[";
    let (_, rest) = said.split_once(" is invalid: ")?;
    let (before, rest) = rest.split_once(LIST)?;
    let (index, rest) = rest.split_once("].resources.requests: Invalid value: \"")?;
    let (request, rest) = rest.split_once("\": must be less than or equal to ")?;
    let (resource, rest) = rest.split_once(" limit of ")?;
    let limit = rest.split([',', ']', ' ']).next()?;
    // What stands between is of this one sentence.
    let plain = [index, request, resource].iter().all(|it| !it.contains([' ', ']']));
    let init = before.ends_with("spec.initC");
    if !plain || !(init || before.ends_with("spec.c")) {
        return None;
    }
    Some(Below { init, index: index.parse().ok()?, resource, request, limit })
}
