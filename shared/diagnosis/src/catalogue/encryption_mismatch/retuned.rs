//! The server was started with other settings shortly before: it speaks TLS otherwise than some of its clients do since then.

use crate::case::Case;
use crate::case::disputes::{Dispute, whom};
use crate::case::touching::changed_data;
use crate::finding::{Cite, Finding, Judgement, Strength};

pub(super) fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let accused = dispute.accused.as_ref()?;
    // Whoever was made anew since then may have brought it.
    let retuned = case.retuned(accused, dispute.began())?;
    let is_later = |it: &crate::case::complaints::Complaint<'_>| {
        case.template_made(it.root()).is_some_and(|made| made > retuned.at)
    };
    if dispute.complaints.iter().any(is_later) {
        return None;
    }
    let (config, at) = (retuned.config.meta.entity("ConfigMap"), retuned.at);
    let victims = dispute.victims();
    let fail = if victims.len() == 1 { "fails" } else { "fail" };
    let says = format!("{config} was changed by {} at {at}", retuned.touch.manager);
    let mut proofs = dispute.cites();
    proofs.push(Cite::new(retuned.config.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(changed_data(retuned.touch)),
        value: None,
        statement: format!(
            "{} {fail} because {accused} speaks TLS otherwise than they do since it was started with the settings of {config}, changed at {at}.",
            whom(&victims)
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: victims,
        subject: config,
    }))
}
