//! A program was started with a setting that was changed just before, and complains of what that setting is called after: a
//! stream that is not there by `POSITIONS_STREAM`, or that nothing may be written by `DATABASE_READ_ONLY`.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::disputes::whom;
use crate::case::retuned::Retuned;
use crate::case::touching::changed_data;
use crate::case::words::names::{DATABASE, is_called_after};
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let mut findings: Vec<Finding> = Vec::new();
    for complaint in &complaints {
        let Some(retuned) = blamed(case, complaint) else { continue };
        let config = retuned.config.meta.entity("ConfigMap");
        let root = complaint.root().clone();
        match findings.iter_mut().find(|it| it.subject == config) {
            Some(known) if known.explains.contains(&root) => {}
            Some(known) => {
                known.proofs.push(complaint.cite());
                known.explains.push(root);
                known.statement = statement(&known.explains, &config, &retuned);
            }
            None => findings.push(found(complaint, &retuned, config)),
        }
    }
    findings.into_iter().map(Judgement::Proven).collect()
}

/// The settings that were changed before a program was started that now complains of just that.
fn blamed<'a>(case: &'a Case, complaint: &Complaint<'a>) -> Option<Retuned<'a>> {
    let words = named_after(&complaint.said)?;
    let retuned = case.retuned(complaint.root(), complaint.since)?;
    let field = changed_data(retuned.touch);
    is_called_after(field.strip_prefix("data.")?, words).then_some(retuned)
}

/// The words that stand in the name of a setting about what is complained of, one of them.
fn named_after(said: &Said) -> Option<&'static [&'static str]> {
    match said {
        Said::ReadOnly { .. } => Some(&["READ_ONLY", "READONLY", "REPLICA", "STANDBY"]),
        Said::NoSuchDatabase { .. } => Some(&DATABASE),
        Said::NoSuchTable { .. } => Some(&["TABLE", "SCHEMA", "VIEW"]),
        Said::NoSuchThing { what, .. } => Some(match *what {
            "stream" => &["STREAM", "SUBJECT"],
            "queue" => &["QUEUE", "QUEUES"],
            "topic" => &["TOPIC", "TOPICS"],
            "bucket" => &["BUCKET", "BUCKETS"],
            "keyspace" => &["KEYSPACE"],
            "collection" => &["COLLECTION"],
            "exchange" => &["EXCHANGE"],
            "vhost" => &["VHOST"],
            "index" => &["INDEX", "INDICES"],
            "consumer" | "consumer group" => &["CONSUMER", "GROUP", "DURABLE"],
            "subscription" => &["SUBSCRIPTION"],
            "realm" => &["REALM"],
            "namespace" => &["NAMESPACE"],
            "database" => &["DB", "DATABASE", "DBNAME"],
            "table" => &["TABLE", "SCHEMA"],
            "column" | "view" => &["TABLE", "SCHEMA", "VIEW"],
            "schema" | "catalog" => &DATABASE,
            "container" => &["CONTAINER"],
            _ => return None,
        }),
        _ => None,
    }
}

fn found(complaint: &Complaint<'_>, retuned: &Retuned<'_>, config: Entity) -> Finding {
    let explains = vec![complaint.root().clone()];
    let says = format!("{config} was changed by {} at {}", retuned.touch.manager, retuned.at);
    Finding {
        field: Some(changed_data(retuned.touch)),
        value: None,
        statement: statement(&explains, &config, retuned),
        proofs: vec![complaint.cite(), Cite::new(retuned.config.exhibit, says)],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject: config,
    }
}

fn statement(victims: &[Entity], config: &Entity, retuned: &Retuned<'_>) -> String {
    let fail = if victims.len() == 1 { "fails" } else { "fail" };
    format!(
        "{} {fail} because of {} of {config}, changed at {}: what that sets is what their logs complain of.",
        whom(victims),
        changed_data(retuned.touch),
        retuned.at
    )
}
