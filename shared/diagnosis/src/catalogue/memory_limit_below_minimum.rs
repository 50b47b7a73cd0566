//! A container's memory limit is less than its runtime needs to start it.

use crate::case::Case;
use crate::case::containers::Running;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use crate::quantity;
use evidence::fact::pod::State;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "OOM-00",
    title: "its memory limit is too low to start it",
    category: Category::Configuration,
    proves: "the runtime says `container init was OOM-killed (memory limit too low?)` about a container or its sandbox",
    refutes: "the container starts, and is killed later: then its program needs more than the limit",
    confused_with: &["RUN-01", "CNI-01"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Said by runc, in `libcontainer/process_linux.go`, and by CRI-O, which knows before: `set memory limit %d too low;
/// should be at least %d`.
fn says_too_low(said: &str) -> bool {
    said.contains("container init was OOM-killed")
        || said.contains("set memory limit ") && said.contains(" too low; should be at least ")
}

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let limit = container.spec.limits.get("memory")?;
    let cite = said(container).or_else(|| said_of_sandbox(case, container))?;
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: container {name} may use {limit} of memory");
    Some(Judgement::Proven(Finding {
        field: Some(container.field("resources.limits.memory")),
        value: Some(limit.clone()),
        statement: format!(
            "Container {name} of {subject} cannot be started because its memory limit of {limit} is less than the container runtime itself needs for that."
        ),
        proofs: vec![cite, Cite::new(container.pod.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// What the container's own state says.
fn said(container: &Running<'_>) -> Option<Cite> {
    if matches!(container.status.state, Some(State::Running { .. })) {
        return None;
    }
    let waiting = container.waiting().map(|(_, message)| message);
    let ended = container.ended().map(|it| it.message.as_str());
    let message = waiting.into_iter().chain(ended).find(|it| says_too_low(it))?;
    let says = format!(
        "{}: container {} does not start",
        container.pod.meta.entity("Pod"),
        container.spec.name
    );
    Some(Cite::quoting(container.pod.exhibit, says, message))
}

/// What the kubelet says of the pod's sandbox, whose limit is that of all containers together: the smallest is blamed.
fn said_of_sandbox(case: &Case, container: &Running<'_>) -> Option<Cite> {
    let found = case
        .sandboxless()
        .into_iter()
        .find(|it| it.pod.exhibit == container.pod.exhibit && says_too_low(it.said))?;
    let limits = |name: &str| {
        quantity::thousandths(
            container
                .pod
                .it
                .spec
                .containers
                .iter()
                .find(|it| it.name == name)?
                .limits
                .get("memory")?,
        )
    };
    let own = limits(&container.spec.name)?;
    let others = container.pod.it.spec.containers.iter().filter_map(|it| limits(&it.name));
    (others.min() == Some(own)).then_some(found.cite)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Raise the memory limit of {subject}; it is probably a slip of the unit, such as m for Mi."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The container starts.".to_owned(),
    }]
}
