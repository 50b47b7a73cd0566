//! Most requests to a workload go to one of its pods, which is used up.

use crate::case::Case;
use crate::case::measured::{Told, brought};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::numbers::worded;
use crate::seen::Seen;
use evidence::fact::metric::Signal;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "PERF-05",
    title: "one of its pods gets most of the requests",
    category: Category::Performance,
    proves: "one pod of a Deployment gets one and a half times its even share of the requests or more and uses up its CPU limit, the others use little of theirs, and it answers slowly or not since then",
    refutes: "its pods get even shares; or the others are used up as well",
    confused_with: &["RUN-04", "PERF-01"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// So many times its even share is uneven: of two pods, three quarters of all requests.
const UNEVEN: f64 = 1.5;
/// Less than this is even.
const EVEN: f64 = 1.2;
/// A pod that uses so much of its CPU limit is used up, ...
const FULL: f64 = 0.9;
/// ... and others that use no more than this could take over.
const IDLE: f64 = 0.6;

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.told(Signal::LoadOfEven).iter().filter_map(|it| one(case, it)))
}

fn one(case: &Case, share: &Told<'_>) -> Option<Judgement> {
    let root = &share.root;
    // The members of a StatefulSet have parts of their own.
    let workload = case.workload(root).seen().filter(|it| it.kind == "Deployment")?;
    let ailing = case.ailing();
    let hurt = ailing.iter().find(|it| it.entity == *root)?;
    let pod = &share.measure.it.subject;
    let cpu = case.told_of(Signal::CpuUseOfLimit, root);
    let (own, others): (Vec<&Told<'_>>, Vec<&Told<'_>>) =
        cpu.iter().partition(|it| it.measure.it.subject == *pod);
    let full = own.into_iter().find(|it| it.now >= FULL)?;
    if share.now < EVEN {
        return Some(Judgement::Refuted(Refutation {
            subject: root.clone(),
            why: format!("The pods of {root} get even shares of the requests: {}.", share.says()),
            proofs: vec![share.cite()],
        }));
    }
    // Of a pod, the container that serves may be any: all that are measured have room.
    let most = others.iter().map(|it| it.now).reduce(f64::max)?;
    if share.now < UNEVEN || most > IDLE || !brought(share.reading.since, hurt.since) {
        return None;
    }
    let proofs = vec![share.cite(), full.cite(), hurt.told.cite()];
    let says = format!(
        "{root} {} because one of its pods gets {} times its even share of the requests and is used up ({} of its CPU limit), while the others use {} at most",
        hurt.does(),
        share.in_words(),
        full.in_words(),
        worded::value(Signal::CpuUseOfLimit, most)
    );
    Some(Judgement::Proven(finding(case, workload, says, proofs)?))
}

/// What spreads the requests is to blame, and where its settings keep callers at one pod, they are.
fn finding(
    case: &Case,
    workload: Seen<'_, Workload>,
    says: String,
    mut proofs: Vec<Cite>,
) -> Option<Finding> {
    let root = workload.meta.entity(&workload.kind);
    let mut services = case.services_before(workload.it).peekable();
    let first = *services.peek()?;
    let sticky = services.find(|it| it.sticky);
    let service = sticky.unwrap_or(first);
    let subject = service.it.meta.entity("Service");
    let why = match sticky {
        Some(_) => "keeps each caller at one pod",
        None => "spreads connections, and callers keep theirs",
    };
    if sticky.is_some() {
        proofs.push(Cite::new(service.exhibit, format!("{subject}: sessionAffinity is ClientIP")));
    }
    Some(Finding {
        field: sticky.map(|_| "spec.sessionAffinity".to_owned()),
        value: sticky.map(|_| "ClientIP".to_owned()),
        statement: format!("{says}: {subject} {why}."),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root, subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let action = match &finding.field {
        Some(field) => format!(
            "Set {field} of {subject} to None in its source, if callers need not stay at one pod."
        ),
        None => format!(
            "Have callers of {subject} spread their requests: a headless Service with balancing in the client, a mesh, or connections that end after a while."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::within(subject, "top pods --containers"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Its pods get about the same number of requests, and it answers as fast as before."
            .to_owned(),
    }]
}
