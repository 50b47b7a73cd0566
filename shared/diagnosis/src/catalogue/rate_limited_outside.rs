//! Something outside of the cluster takes no more of a workload's requests.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::peers::Meant;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-11",
    title: "something outside of the cluster takes no more of its requests",
    category: Category::Dependency,
    proves: "a container's log repeats now that a host which is no Service answers 429",
    refutes: "the host is a Service: then something inside limits it",
    confused_with: &["IMG-04", "DEP-04"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    one_each(complaints.iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::RateLimited { peer: Some(peer) } = &complaint.said else { return None };
    let Meant::Elsewhere = case.meant(peer, complaint.namespace()) else { return None };
    let subject = complaint.root().clone();
    let says = format!("{} is no Service of the cluster", peer.host);
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "{subject} fails because {}, outside of the cluster, takes no more of its requests.",
            peer.host
        ),
        proofs: vec![complaint.cite(), Cite::new(complaint.log.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Let {subject} ask less often: keep answers, wait as long as the answer says, share one client; or have the limit raised."
        ),
        command: format!(
            "kubectl -n {} logs {}/{} --tail=100",
            subject.namespace,
            subject.kind.to_lowercase(),
            subject.name
        ),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says 429.".to_owned(),
    }]
}
