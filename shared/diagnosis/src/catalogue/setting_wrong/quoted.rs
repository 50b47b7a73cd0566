//! A setting that the newest revision changed, and whose value the errors of the log name.

use crate::case::Case;
use crate::case::quoted::Quoted;
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.quoted().iter().map(one))
}

fn one(quoted: &Quoted<'_>) -> Judgement {
    let Quoted { container, name, value, before, .. } = quoted;
    let root = container.root.clone();
    let number = before.it.number.unwrap_or_default();
    let pod = container.pod.meta.entity("Pod");
    let has = format!("{pod}: {name} is {value}");
    let had = format!("revision {number} had {name} otherwise");
    Judgement::Proven(Finding {
        field: Some(quoted.field.clone()),
        value: Some(value.clone()),
        statement: format!(
            "{root} fails because of its {name}, which its newest revision changed: its errors name the new value."
        ),
        proofs: vec![
            quoted.cite.clone(),
            Cite::new(container.pod.exhibit, has),
            Cite::new(before.exhibit, had),
        ],
        doubts: vec![Cite::new(container.pod.exhibit, "what the error itself says is not known")],
        strength: Strength::Strong,
        explains: vec![root.clone()],
        subject: root,
    })
}
