//! All connections of a client's pool are in use for longer than its callers wait, or nothing of it moves at all.

mod answers_no_more;
mod stands_still;

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::kubectl;
use evidence::fact::metric::Signal;
use evidence::question::Question;
use evidence::report::Remedy;
use jiff::Timestamp;

pub(super) static MODE: FailureMode = FailureMode {
    id: "RUN-20",
    title: "its pool of connections is exhausted, or it stands still",
    category: Category::Runtime,
    proves: "a container's log repeats now that no connection of its pool became free in time, and it says nothing against the server; or it runs and writes no more, and since then its broker closed its connection because it missed its heartbeats; or it answered for long and answers its own probe no more, and nothing that it lives by was seen to change",
    refutes: "it cannot reach the server, or the server refuses: then the pool is only where that shows; or it has come again",
    confused_with: &["DEP-04", "RUN-11", "DEP-05"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_brokers_of_silent()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let said = complaints.iter().filter_map(|it| one(case, &complaints, it));
    let measured = case.used_up(&[Signal::PoolWaiting], |hurt| {
        format!("{} waits for connections of its own pool: {}.", hurt.entity, hurt.told.says())
    });
    let still = stands_still::judge(case).chain(answers_no_more::judge(case));
    one_each(said.chain(measured).chain(still))
}

fn one(case: &Case, complaints: &[Complaint<'_>], complaint: &Complaint<'_>) -> Option<Judgement> {
    if complaint.said != Said::PoolExhausted {
        return None;
    }
    let (container, subject) = (&complaint.container, complaint.root().clone());
    let deeper = complaints.iter().any(|it| {
        *it.root() == subject
            && (it.said.is_unreachable()
                || matches!(
                    it.said,
                    // Statements that wait keep their connections.
                    Said::Cancelled
                        | Said::Locked
                        | Said::TooManyConnections { .. }
                        | Said::Unauthenticated { .. }
                        | Said::TlsFailed { .. }
                        | Said::OtherProtocol { .. }
                        | Said::NoneBehind { .. }
                        | Said::Reset { .. }
                ))
    });
    // Statements that the database says wait for a lock keep connections.
    let waits = case.database_of(complaint).is_some_and(|service| {
        let database = case.behind(service);
        complaints.iter().any(|it| it.said == Said::Locked && *it.root() == database)
    });
    // Who waits for a server that nobody is behind waits for a connection, too.
    let down = case.services().any(|it| {
        case.leads_nowhere(it).is_some()
            && case
                .clients_of(&it.it.meta.namespace, &it.it.meta.name)
                .any(|client| client.meta.entity(&client.kind) == subject)
    });
    if deeper || waits || down {
        return None;
    }
    // A pool that lately became larger is not exhausted by that, nor by what was done about it.
    let before = |at: Timestamp| complaint.since.is_some_and(|since| at <= since);
    let resized = case.resized_pool(container).filter(|it| it.grown != Some(true) && before(it.at));
    if let Some(resized) = resized {
        let setting = resized.setting;
        let from = match setting.subject == subject {
            true => "since its size was changed".to_owned(),
            false => format!("since its size was changed in {}", setting.subject),
        };
        return Some(Judgement::Proven(Finding {
            field: setting.field,
            value: setting.value,
            statement: format!(
                "{subject} fails because its pool of connections is exhausted {from}."
            ),
            proofs: vec![complaint.cite(), setting.cite],
            doubts: Vec::new(),
            // That it was made smaller is only supposed where its sizes are not known.
            strength: match resized.grown {
                Some(_) => Strength::Strong,
                None => Strength::Suggestive,
            },
            explains: vec![subject],
            subject: setting.subject,
        }));
    }
    let slow = Cite::new(
        container.pod.exhibit,
        "a server that answers slowly keeps connections as long; its own metrics would tell",
    );
    Some(Judgement::Proven(Finding {
        field: None,
        value: None,
        statement: format!("{subject} fails because its pool of connections is exhausted."),
        proofs: vec![complaint.cite()],
        doubts: vec![slow],
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    if let Some(remedies) = stands_still::remedy(finding) {
        return remedies;
    }
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Look at how long queries take and for connections that {subject} does not give back, before its pool is made larger."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its log no longer says that it waits for a connection.".to_owned(),
    }]
}
