//! A CronJob was suspended, and what it brought last has grown too old for who needs it.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::finding::{Cite, Finding, Judgement, Strength};

pub(super) fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let outdated = case.outdated(complaint)?;
    let (root, subject) = (complaint.root().clone(), outdated.cron_job.meta.entity("CronJob"));
    let (of, suspended) = (outdated.of, outdated.suspended);
    let says = format!("{subject}: suspend is true since {suspended}");
    Some(Judgement::Proven(Finding {
        field: Some("spec.suspend".to_owned()),
        value: Some("true".to_owned()),
        statement: format!(
            "{root} is given what is of {of}, and too old, because {subject} starts no Job since it was suspended at {suspended}."
        ),
        proofs: vec![complaint.cite(), Cite::new(outdated.cron_job.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root, subject.clone()],
        subject,
    }))
}
