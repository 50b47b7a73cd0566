//! A hook that runs beside a container's start fails, and the kubelet kills the container for it.

use crate::case::Case;
use crate::case::containers::Running;
use crate::finding::{Cite, Finding, Judgement, Strength};

/// What the kubelet says of a hook after the start; `kuberuntime_container.go`.
const REASON: &str = "FailedPostStartHook";

/// The judgement, where the kubelet says so of a container that it has killed since, and that is not up.
pub(super) fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let ended = case.fails_by_ending(container).filter(|it| it.reason != "OOMKilled")?;
    if container.status.ready {
        return None;
    }
    let (subject, name) = (container.root.clone(), &container.spec.name);
    let pod = container.pod.meta.entity("Pod");
    let part = format!("{{{name}}}");
    let said = case.events_of(&pod, &[REASON]).filter(|it| it.field.ends_with(&part));
    let said = said.max_by_key(|it| it.last)?;
    let says = format!("{pod}: container {name}: {REASON}, {} times", said.count.max(1));
    Some(Judgement::Proven(Finding {
        field: Some(container.field("lifecycle")),
        value: None,
        statement: format!(
            "Container {name} of {subject} is killed at each start because its postStart hook fails; the hook runs beside the program, and not after it is up."
        ),
        proofs: vec![Cite::quoting(said.exhibit, says, &said.message), container.cite_end(ended)],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![subject.clone()],
        subject,
    }))
}
