//! A certificate was renewed in time, and a server that read the old one at its start still shows it.

use crate::case::Case;
use crate::case::certificates::cite_ready;
use crate::case::complaints::Complaint;
use crate::case::outlived::Outlived;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::report::Remedy;

/// What the statement says of the pods, by which the remedy knows it.
const SHOW: &str = "still show the certificate of before";

pub(super) fn all(case: &Case) -> Vec<Judgement> {
    case.outlived_certificates().into_iter().map(one).collect()
}

fn one(outlived: Outlived<'_>) -> Judgement {
    let subject = outlived.server;
    let certificate = outlived.certificate.meta.entity("Certificate");
    let (renewed, until, started) = (outlived.renewed, outlived.until, outlived.started);
    let pod = outlived.container.pod;
    let ran = format!(
        "{}: container {} has run since {started}",
        pod.meta.entity("Pod"),
        outlived.container.spec.name
    );
    let holds = format!("holds from {renewed} until {until}");
    let mut proofs: Vec<Cite> = outlived.complaints.iter().take(2).map(Complaint::cite).collect();
    proofs.push(cite_ready(outlived.certificate, &holds));
    proofs.push(Cite::new(pod.exhibit, ran));
    let mut explains = vec![subject.clone()];
    for complaint in &outlived.complaints {
        if !explains.contains(complaint.root()) {
            explains.push(complaint.root().clone());
        }
    }
    Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!(
            "Pods of {subject} {SHOW} {certificate} was renewed at {renewed}, which has expired: they read it only at their start."
        ),
        proofs,
        doubts: Vec::new(),
        strength: if outlived.only { Strength::Conclusive } else { Strength::Strong },
        explains,
        subject,
    })
}

/// What to do where the finding is of a certificate.
pub(super) fn remedy(finding: &Finding) -> Option<Remedy> {
    if !finding.statement.contains(SHOW) {
        return None;
    }
    let subject = &finding.subject;
    let (kind, name) = (subject.kind.to_lowercase(), &subject.name);
    Some(Remedy {
        action: format!(
            "Restart {subject}, so that it reads the certificate that is there; then have it, or a reloader, follow the next renewal."
        ),
        command: format!("kubectl -n {} rollout restart {kind}/{name}", subject.namespace),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its clients no longer say that the certificate has expired.".to_owned(),
    })
}
