//! A program takes for its own setting what the kubelet tells it of a Service.

use crate::case::Case;
use crate::case::containers::{Running, pod_spec_path};
use crate::case::links::Linked;
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let failing = case.containers().filter(|it| case.fails_by_ending(it).is_some());
    one_each(failing.filter_map(|container| {
        let linked = case.linked(&container)?;
        Some(one(case, &container, linked))
    }))
}

fn one(case: &Case, container: &Running<'_>, linked: Linked<'_>) -> Judgement {
    let Linked { service, variable, value, cite } = linked;
    let root = container.root;
    let name = service.meta.entity("Service");
    let mut proofs = vec![cite];
    proofs.push(Cite::new(service.exhibit, format!("{name} gives pods {variable}={value}")));
    let says = format!("{}: {variable} is not set", container.pod.meta.entity("Pod"));
    proofs.push(Cite::new(container.pod.exhibit, says));
    // Whoever came last took a name that was in use.
    let (mut subject, mut field) =
        (root.clone(), format!("{}.enableServiceLinks", pod_spec_path(&root.kind)));
    if let (Some(made), Some(template)) = (service.meta.created, case.template_made(root))
        && made > template
    {
        proofs.push(Cite::new(service.exhibit, format!("{name} is there since {made}")));
        (subject, field) = (name.clone(), "metadata.name".to_owned());
    }
    Judgement::Proven(Finding {
        field: Some(field),
        value: None,
        statement: format!(
            "{root} fails because of the name of {name}: for it the kubelet sets {variable} to {value}, which the program takes for its own setting."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone()],
        subject,
    })
}
