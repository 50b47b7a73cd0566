//! A cache or a broker uses as much memory as it may, and takes no more.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::disputes::Dispute;
use crate::case::words::said::Said;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::entity::Entity;
use evidence::fact::meta::Touch;
use evidence::report::Remedy;
use std::cmp::Reverse;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DEP-08",
    title: "it is full and takes no writes",
    category: Category::Dependency,
    proves: "clients' logs repeat now, in Redis' own words, that its memory is used up, or a broker's log or a client of it tells of its memory alarm",
    refutes: "the container itself was ended for lack of memory",
    confused_with: &["RUN-01", "DEP-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// What a broker's alarm comes to.
const BLOCKED: &str = "Nobody can publish because";

fn is_full(said: &Said) -> bool {
    matches!(said, Said::CacheFull { .. })
}

fn judge(case: &Case) -> Vec<Judgement> {
    let disputes = case.disputes(is_full);
    let complaints = case.complaints();
    let mut alarms: Vec<Finding> = complaints.iter().filter_map(|it| alarm(case, it)).collect();
    // What the broker says of itself tells more than what its clients are told.
    alarms.sort_by_key(|it| Reverse(it.strength));
    disputes.iter().filter_map(|it| one(case, it)).chain(joined(alarms)).collect()
}

/// A broker whose messages and connections take as much memory as it may use, so that it takes no more of them.
fn alarm(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    if complaint.said != Said::MemoryAlarm {
        return None;
    }
    let (subject, proofs) = case.alarmed(complaint)?;
    let mut explains = vec![subject.clone(), complaint.root().clone()];
    explains.dedup();
    let own = subject == *complaint.root();
    let strength = if own { Strength::Strong } else { Strength::Suggestive };
    Some(Finding {
        field: None,
        value: None,
        statement: format!(
            "{BLOCKED} {subject} takes no messages: it uses as much memory as it may."
        ),
        proofs,
        doubts: Vec::new(),
        strength,
        explains,
        subject,
    })
}

fn one(case: &Case, dispute: &Dispute<'_>) -> Option<Judgement> {
    let what = "holds as much as its maxmemory allows, and takes no writes";
    let charge = dispute.charge(what, Strength::Conclusive)?;
    let server = dispute.accused.as_ref()?;
    let retuned = case.retuned(server, dispute.began()).filter(|it| may_limit(it.touch));
    if retuned.is_none() || is_limited_by_words(case, server) {
        return Some(charge);
    }
    Some(case.since_retuned(dispute, charge))
}

/// Whether what was changed of a ConfigMap may hold how much memory is allowed: a file of settings, and no script or list of
/// users.
fn may_limit(touch: &Touch) -> bool {
    let mut changed = touch.fields.iter().filter_map(|it| it.strip_prefix("data."));
    changed.any(|it| it.ends_with(".conf") || it.to_ascii_lowercase().contains("maxmemory"))
}

/// Whether a server's own command says how much memory is allowed: it goes before its files.
fn is_limited_by_words(case: &Case, server: &Entity) -> bool {
    case.workload(server).seen().is_some_and(|it| {
        let containers = it.it.template.containers.iter();
        let mut words = containers.flat_map(|it| it.command.iter().chain(&it.args));
        words.any(|it| it.contains("--maxmemory"))
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.statement.starts_with(BLOCKED) {
        return vec![Remedy {
            action: format!(
                "Find which queue of {subject} grows and let it be read or purged; give {subject} more memory where all are read, or take back what gave it less."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "Its log says that the alarm is cleared, and clients publish.".to_owned(),
        }];
    }
    if subject.kind == "ConfigMap" {
        return vec![Remedy {
            action: format!(
                "Take back the last change of {subject} in its source, if it lowered maxmemory or changed its policy, and start the server again."
            ),
            command: kubectl::object("get", subject, "-o yaml"),
            risk: "medium".to_owned(),
            reversible: true,
            verify: "Clients write again.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Give {subject} a maxmemory-policy that evicts, or more memory, and find the keys that grew."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "Clients write again.".to_owned(),
    }]
}
