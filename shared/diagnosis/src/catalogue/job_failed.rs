//! A Job gave up.

use crate::case::Case;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::workload::Job;
use evidence::report::Remedy;
use std::slice;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-07",
    title: "a Job gave up",
    category: Category::Delivery,
    proves: "the Job's Failed condition is True; its pods' exit codes and logs tell why",
    refutes: "a later run of the same CronJob succeeded, or a later Job that does the same",
    confused_with: &["RUN-10", "CFG-02"],
    depth: Depth::Symptom,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.jobs().filter_map(|job| one(case, job)).collect()
}

fn one(case: &Case, job: Seen<'_, Job>) -> Option<Judgement> {
    let failure = condition(&job.it.conditions, "Failed").filter(|it| it.status == "True")?;
    let name = job.meta.entity("Job");
    let subject = case.root_of(&job.meta, "Job");
    if let Some(later) = case.made_good(job) {
        let later_name = later.meta.entity("Job");
        let says = format!("{later_name} succeeded");
        return Some(Judgement::Refuted(Refutation {
            why: format!("{name} failed, and {later_name} made it good later."),
            proofs: vec![Cite::new(later.exhibit, says)],
            subject,
        }));
    }
    let mut proofs = vec![Cite::quoting(
        job.exhibit,
        format!("{name}: failed, {}", failure.reason),
        &failure.message,
    )];
    let (mut codes, mut heard) = (Vec::new(), false);
    for pod in case.pods().filter(|pod| pod.meta.owner.as_ref() == Some(&name)) {
        heard |=
            case.logs().any(|log| log.namespace == pod.meta.namespace && log.pod == pod.meta.name);
        let ended =
            case.containers().find(|it| it.pod.exhibit == pod.exhibit).and_then(|it| it.ended());
        let Some(ended) = ended.filter(|it| it.exit_code != 0) else { continue };
        if !codes.contains(&ended.exit_code) {
            codes.push(ended.exit_code);
            let says =
                format!("{} ended with exit code {}", pod.meta.entity("Pod"), ended.exit_code);
            proofs.push(Cite::quoting(pod.exhibit, says, &ended.message));
        }
    }
    let how = match failure.reason.as_str() {
        "DeadlineExceeded" => "it did not finish within its deadline".to_owned(),
        "BackoffLimitExceeded" => match codes.first() {
            Some(code) => format!("its pods failed more often than allowed, with exit code {code}"),
            None => "its pods failed more often than allowed".to_owned(),
        },
        _ => "its controller gave it up".to_owned(),
    };
    let blames = blames(case, &subject);
    // Its pods say that they wait for something else, or may say so where nobody could hear them: that it gave up merely
    // tells what came of that.
    let unseen = case.failed_to_look("Pod", slice::from_ref(&job.meta.namespace));
    let unheard = !codes.is_empty() && !heard && case.asked_for_logs();
    let strength = if blames.is_empty() && !unseen && !unheard {
        Strength::Strong
    } else {
        Strength::Suggestive
    };
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{name} failed because {how}."),
        proofs,
        doubts: blames,
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// Where the pods' last words say that something else did not answer.
fn blames(case: &Case, subject: &Entity) -> Vec<Cite> {
    let complaints = case.complaints().into_iter();
    let blames = complaints.filter(|it| it.root() == subject && it.said.is_unreachable());
    let barred = case.lingering_namespaces().flat_map(|it| case.barred_from(&it.meta.name));
    let barred = barred.filter(|(root, _)| root == subject).map(|(_, cite)| cite);
    blames.map(|it| it.cite()).chain(barred).take(1).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Read the logs of the last pod of {subject}, mend what they tell, and run it again."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The next run completes.".to_owned(),
    }]
}
