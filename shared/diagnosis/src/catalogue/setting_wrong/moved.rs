//! A mount that the newest revision put elsewhere, while the program looks where it was.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::finding::{Cite, Finding, Judgement, Strength};

/// A file is missing that was under a mount of the revision before.
pub(super) fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let moved = case.moved(complaint)?;
    let (container, root) = (&complaint.container, complaint.root());
    let (volume, then, file) = (&moved.then.volume, &moved.then.path, &moved.file);
    let number = moved.before.it.number.unwrap_or_default();
    let pod = container.pod.meta.entity("Pod");
    let is = match &moved.now {
        Some(path) => {
            format!("is mounted at {path} since its newest revision, and no longer at {then}")
        }
        None => format!("is no longer mounted at {then} since its newest revision"),
    };
    Some(Judgement::Proven(Finding {
        field: Some(container.field("volumeMounts")),
        value: moved.now,
        statement: format!("{root} does not find {file} because its volume {volume} {is}."),
        proofs: vec![
            complaint.cite(),
            Cite::new(container.pod.exhibit, format!("{pod}: nothing is mounted at {then}")),
            Cite::new(
                moved.before.exhibit,
                format!("revision {number} mounted volume {volume} at {then}"),
            ),
        ],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![root.clone()],
        subject: root.clone(),
    }))
}
