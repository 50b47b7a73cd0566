//! An init container does not end, and the containers after it never start.

use crate::case::Case;
use crate::case::commands::hosts;
use crate::case::containers::Running;
use crate::case::peers::Meant;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::pod::State;
use evidence::report::Remedy;
use jiff::SignedDuration;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CFG-06",
    title: "its init container waits and does not end",
    category: Category::Configuration,
    proves: "an init container has run for minutes while the pod is pending; what it waits for is missing or has nobody ready",
    refutes: "it is a sidecar, which is meant to run on",
    confused_with: &["CFG-05", "RUN-11", "NET-05", "CTL-07"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// An init container may take this long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

fn judge(case: &Case) -> Vec<Judgement> {
    one_each(case.containers().filter_map(|container| one(case, &container)))
}

fn one(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let Some(State::Running { since: Some(since) }) = container.status.state else { return None };
    let (root, spec) = (container.root, container.spec);
    let ran = case.as_of.duration_since(since);
    if !spec.init || spec.sidecar || container.pod.it.phase != "Pending" || ran < PATIENCE {
        return None;
    }
    // Its log names a Service that nobody is behind: that is told by the mode for dependencies.
    if case.unreached(root).iter().any(|it| case.leads_nowhere(it.service).is_some()) {
        return None;
    }
    // So is a wait for a Job that gave up: by CTL-07.
    if case.job_waited_for(container).is_some() {
        return None;
    }
    // A wait for what refuses, or for a schema, is told by the modes for those.
    let told = case.words_of(container).is_some_and(|log| {
        case.said_in(log).any(|(said, _)| {
            matches!(
                said,
                Said::Unauthenticated { .. }
                    | Said::TooManyConnections { .. }
                    | Said::TlsFailed { .. }
                    | Said::MigrationFailed
                    | Said::OutOfSpace { .. }
            )
        })
    });
    if told {
        return None;
    }
    let (name, minutes) = (&spec.name, ran.as_mins());
    let pod = container.pod.meta.entity("Pod");
    let says = format!("{pod}: init container {name} has run for {minutes} minutes");
    let mut proofs = vec![Cite::new(container.pod.exhibit, says)];
    if let Some(log) = case.words_of(container)
        && let Some(line) = log.it.lines.last()
    {
        let says = format!("init container {name} wrote this last");
        proofs.push(Cite::quoting(log.exhibit, says, &line.text));
    }
    let awaited = awaited(case, container, &mut proofs);
    let waits = match &awaited {
        Some((_, how)) => format!(", waiting for {how}"),
        None => String::new(),
    };
    let field = if spec.command.is_empty() { "args" } else { "command" };
    let strength = if awaited.is_some() { Strength::Strong } else { Strength::Suggestive };
    let (subject, field) = match awaited {
        Some((object, _)) if object != *root => (object, None),
        _ => (root.clone(), Some(container.field(field))),
    };
    Some(Judgement::Proven(Finding {
        field,
        value: None,
        statement: format!(
            "{root} cannot start because its init container {name} has run for {minutes} minutes{waits}."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject,
    }))
}

/// The Service that its command names, where that is missing or has nobody ready behind it: what to mend, and how it is.
fn awaited(
    case: &Case,
    container: &Running<'_>,
    proofs: &mut Vec<Cite>,
) -> Option<(Entity, String)> {
    let (spec, namespace) = (container.spec, &container.pod.meta.namespace);
    let hosts = hosts(spec, namespace);
    for host in &hosts {
        let Some(service) = case.service_of(&host.peer, namespace) else { continue };
        let behind = case.workloads_behind(service.it).next();
        // It is not there for itself, whatever its command is told.
        if behind.is_some_and(|it| it.meta.entity(&it.kind) == *container.root) {
            continue;
        }
        if let Some(cite) = case.leads_nowhere(service) {
            proofs.push(cite);
            let object = service.meta.entity("Service");
            let how = format!("{object}, which has nobody ready behind it");
            return Some((behind.map_or(object, |it| it.meta.entity(&it.kind)), how));
        }
    }
    let object = hosts.iter().filter(|it| it.sure).find_map(|host| {
        match case.meant(&host.peer, namespace) {
            Meant::Absent(object) => Some(object),
            _ => None,
        }
    })?;
    let how = format!("{object}, which does not exist");
    let says = format!("the command of init container {} names {object}", spec.name);
    proofs.push(Cite::new(container.pod.exhibit, says));
    let Some(before) = case.waited_for_another(container, &object) else {
        return Some((object, how));
    };
    proofs.push(before);
    Some((container.root.clone(), how))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: match subject.kind.as_str() {
            "Service" => format!("Restore {subject} from its source, or wait for another name."),
            _ => format!("Mend {subject}, and give the wait an end that fails loudly."),
        },
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The init container ends, and the pod starts.".to_owned(),
    }]
}
