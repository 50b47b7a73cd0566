//! The server was started with other settings shortly before: it speaks TLS otherwise than some of its clients do since then.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::disputes::Dispute;
use crate::finding::{Judgement, Strength};

/// How the accused fails its clients.
pub(super) const HOW: &str = "does not speak TLS as they do";

pub(super) fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let began = dispute.began();
    let retuned = case.retuned(dispute.accused.as_ref()?, began)?;
    // A client that was made anew since then, or has other settings itself, may have brought it.
    let is_new = |it: &Complaint<'_>| {
        case.template_made(it.root()).is_some_and(|made| made > retuned.at)
            || case.retuned(it.root(), began).is_some()
    };
    if dispute.complaints.iter().any(is_new) {
        return None;
    }
    let Judgement::Proven(finding) = dispute.charge(HOW, Strength::Strong)? else { return None };
    Some(Judgement::Proven(retuned.instead(finding)))
}
