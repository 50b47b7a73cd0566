//! A CronJob starts nothing, or what it started never ends.

mod outdated;
mod rescheduled;

use crate::case::Case;
use crate::case::news::Turn;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::pod::{ContainerStatus, Pod, State};
use evidence::fact::spec::Container;
use evidence::fact::workload::CronJob;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CTL-08",
    title: "it does not run, or a sidecar keeps its run from ending",
    category: Category::Delivery,
    proves: "the CronJob is suspended and was asked about, or that it was suspended is the only thing that was changed where users report a trouble that no log shows, or takes old indices away and no shard is left, or was suspended after its last run brought what somebody who is served by its program or its claim calls too old by now, or was given another schedule since its last run, by which that day is none of its days, where what each day brings is missed, its controller refuses its schedule or waits for a run that goes on for long or past its next start, or a run's own container has ended while a sidecar goes on",
    refutes: "it ran since, or another one took over from it",
    confused_with: &["CTL-07"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// A sidecar may take this long to notice that it is alone.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// What the names of containers that merely accompany have in them.
const SIDECARS: [&str; 7] = ["proxy", "sidecar", "envoy", "agent", "daprd", "fluent", "collector"];

/// What programs are called that take old things away.
const HOUSEKEEPING: [&str; 9] = [
    "curator",
    "cleanup",
    "clean-up",
    "cleaner",
    "retention",
    "purge",
    "prune",
    "housekeep",
    "delete_indices",
];

fn judge(case: &Case) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for cron_job in case.cron_jobs() {
        judgements.extend(
            suspended(case, cron_job)
                .or_else(|| neglected(case, cron_job))
                .or_else(|| refused(case, cron_job))
                .or_else(|| in_the_way(case, cron_job)),
        );
    }
    for pod in case.pods().filter(|it| it.phase == "Running" && it.meta.deleted.is_none()) {
        judgements.extend(accompanied(case, pod));
    }
    judgements.extend(case.complaints().iter().filter_map(|it| outdated::one(case, it)));
    judgements.extend(rescheduled::one(case));
    judgements.extend(case.judge_coincidence(Turn::Rest));
    one_each(judgements)
}

fn suspended(case: &Case, cron_job: Seen<'_, CronJob>) -> Option<Judgement> {
    let subject = cron_job.meta.entity("CronJob");
    if !case.misses_suspended(cron_job) {
        return None;
    }
    if let Some(successor) = case.successor(cron_job) {
        let why = format!("{} took over from it", successor.meta.entity("CronJob"));
        let proofs = vec![Cite::new(successor.exhibit, why.clone())];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    }
    let proofs = vec![Cite::new(cron_job.exhibit, format!("{subject}: suspend is true"))];
    let statement = format!("{subject} starts no Job because it is suspended.");
    Some(proven(subject, ("spec.suspend", "true"), statement, proofs, Strength::Conclusive))
}

/// What its controller says that it cannot do.
fn refused(case: &Case, cron_job: Seen<'_, CronJob>) -> Option<Judgement> {
    let subject = cron_job.meta.entity("CronJob");
    let event = case.refusal_to_schedule(cron_job)?;
    let says = format!("{subject}: {}, {} times", event.reason, event.count.max(1));
    let proofs = vec![Cite::quoting(event.exhibit, says, &event.message)];
    let (field, why) = match event.reason.as_str() {
        "UnknownTimeZone" => ("spec.timeZone", "its time zone is not known"),
        "TooManyMissedTimes" => ("spec.startingDeadlineSeconds", "it missed too many starts"),
        "MissSchedule" => {
            ("spec.startingDeadlineSeconds", "it comes later to its start than its deadline allows")
        }
        _ => ("spec.schedule", "its schedule cannot be read"),
    };
    let statement = format!("{subject} starts no Job because {why}.");
    let value = if field == "spec.schedule" { cron_job.schedule.as_str() } else { "" };
    Some(proven(subject, (field, value), statement, proofs, Strength::Conclusive))
}

/// It kept in bounds what a search cluster holds, is suspended, and by now no shard is left.
fn neglected(case: &Case, cron_job: Seen<'_, CronJob>) -> Option<Judgement> {
    let meta = &cron_job.it.meta;
    if !cron_job.suspended || !keeps_house(cron_job.it) || case.successor(cron_job).is_some() {
        return None;
    }
    let complaints = case.complaints();
    let mut full = complaints
        .iter()
        .filter(|it| it.said == Said::NoShardLeft && it.namespace() == meta.namespace.as_str());
    let first = full.next()?;
    let mut explains = vec![first.root().clone()];
    explains.extend(full.map(|it| it.root().clone()));
    let subject = meta.entity("CronJob");
    let since = cron_job.last_scheduled.map(|at| format!(" since {at}")).unwrap_or_default();
    let says = format!("{subject}: suspend is true, and it has not run{since}");
    let statement = format!(
        "{} may open no further shard because {subject}, which takes old indices away, is suspended and has not run{since}.",
        first.root()
    );
    let proofs = vec![first.cite(), Cite::new(cron_job.exhibit, says)];
    let judgement = proven(subject, ("spec.suspend", "true"), statement, proofs, Strength::Strong);
    let Judgement::Proven(mut finding) = judgement else { return None };
    finding.explains.extend(explains);
    Some(Judgement::Proven(finding))
}

/// Whether a CronJob bears in its name, its image or its command that it takes old things away.
fn keeps_house(cron_job: &CronJob) -> bool {
    let containers = &cron_job.template.containers;
    let words =
        containers.iter().flat_map(|it| it.command.iter().chain(&it.args).chain([&it.image]));
    let mut words = words.chain([&cron_job.meta.name]).map(|it| it.to_ascii_lowercase());
    words.any(|word| HOUSEKEEPING.iter().any(|sign| word.contains(sign)))
}

/// An earlier run goes on, and its concurrency policy allows no other one beside it. Why that goes on may lie deeper.
fn in_the_way(case: &Case, cron_job: Seen<'_, CronJob>) -> Option<Judgement> {
    let subject = cron_job.meta.entity("CronJob");
    let (job, event) = case.run_in_the_way(cron_job)?;
    let name = job.meta.entity("Job");
    let started = job.started.or(job.it.meta.created)?;
    let refusal = match event {
        Some(event) => {
            let says = format!("{subject}: {}, {} times", event.reason, event.count.max(1));
            Cite::quoting(event.exhibit, says, &event.message)
        }
        None => {
            let says = format!("{subject} is to start each day, and allows one run at a time");
            Cite::quoting(cron_job.exhibit, says, &cron_job.schedule)
        }
    };
    let proofs = vec![refusal, Cite::new(job.exhibit, format!("{name} has run since {started}"))];
    let statement = format!(
        "{subject} starts no Job because {name} has run since {started}, and it allows one at a time."
    );
    let field = ("spec.concurrencyPolicy", cron_job.concurrency.as_str());
    Some(proven(subject, field, statement, proofs, Strength::Suggestive))
}

/// A container that has done its work, and one that goes on beside it.
fn accompanied(case: &Case, pod: Seen<'_, Pod>) -> Option<Judgement> {
    let owner = pod.it.meta.owner.as_ref().filter(|it| it.kind == "Job")?;
    let subject = case.root_of(&pod.it.meta, "Pod");
    let mains = || pod.it.containers.iter().filter(|it| !it.init);
    let done = mains()
        .find(|it| ended_well(it).is_some_and(|at| case.as_of.duration_since(at) >= PATIENCE))?;
    let runs = |it: &&ContainerStatus| matches!(it.state, Some(State::Running { .. }));
    let job = case.job(owner).seen();
    let asked = job.map(|it| it.it.template.containers.as_slice()).unwrap_or_default();
    let accompanies = |it: &&ContainerStatus| {
        let injected =
            !asked.is_empty() && !asked.iter().any(|spec: &Container| spec.name == it.name);
        injected || SIDECARS.iter().any(|word| it.name.contains(word))
    };
    if !mains().filter(runs).all(|it| accompanies(&it)) {
        return None; // Another container of its own still works.
    }
    let sidecar = mains().find(|it| runs(it) && accompanies(it))?;
    let says = format!(
        "{}: container {} has ended with exit code 0, container {} runs on",
        pod.meta.entity("Pod"),
        done.name,
        sidecar.name
    );
    let statement = format!(
        "{owner} never ends because its sidecar {} runs on after container {} has done its work.",
        sidecar.name, done.name
    );
    let proofs = vec![Cite::new(pod.exhibit, says)];
    let field = format!(
        "{}.containers[{}]",
        crate::case::containers::pod_spec_path(&subject.kind),
        sidecar.name
    );
    Some(proven(subject, (&field, ""), statement, proofs, Strength::Strong))
}

fn ended_well(status: &ContainerStatus) -> Option<jiff::Timestamp> {
    match &status.state {
        Some(State::Terminated(ended)) if ended.exit_code == 0 => ended.finished,
        _ => None,
    }
}

fn proven(
    subject: Entity,
    (field, value): (&str, &str),
    statement: String,
    proofs: Vec<Cite>,
    strength: Strength,
) -> Judgement {
    Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value: Some(value.to_owned()).filter(|it| !it.is_empty()),
        statement,
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    let field = finding.field.as_deref().unwrap_or_default();
    let action = match field {
        "spec.suspend" => format!("Ask who suspended {subject} and why; then let it run again."),
        "spec.concurrencyPolicy" => format!(
            "Find out why the run of {subject} does not end, give it activeDeadlineSeconds, and remove it."
        ),
        "spec.schedule" | "spec.timeZone" | "spec.startingDeadlineSeconds" => {
            format!("Correct {field} of {subject} in its source.")
        }
        _ => format!(
            "Make the sidecar of {subject} an init container with restartPolicy Always, or leave it out."
        ),
    };
    vec![Remedy {
        action,
        command: kubectl::within(subject, "get cronjobs,jobs,pods"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The next run starts and completes.".to_owned(),
    }]
}
