//! Workloads whose pods are all ready, and whose logs say now, again and again, that they cannot do their work.

use super::workloads::is_ready;
use super::{Gravity, Symptom};
use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::news::Turn;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use evidence::entity::Entity;
use std::collections::BTreeSet;

pub(super) fn find(case: &Case, symptoms: &mut Vec<Symptom>) {
    let counted: BTreeSet<Entity> = symptoms.iter().map(|it| it.entity.clone()).collect();
    for complaint in case.complaints().iter().filter(|it| is_symptom(case, it)) {
        let entity = complaint.root().clone();
        if counted.contains(&entity) {
            // What its ready pods miss is another thing than why it gets no new ones.
            symptoms.extend(silent(case, complaint));
            continue;
        }
        if symptoms.iter().any(|it| it.entity == entity) {
            continue;
        }
        let what = format!("its log keeps saying that {}", complaint.said.words());
        let cites = vec![complaint.cite()];
        let since = complaint.since;
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
    for misissued in case.misissued() {
        let entity = misissued.container.root.clone();
        if symptoms.iter().any(|it| it.entity == entity) {
            continue;
        }
        let what = "its log keeps saying that tokens are of another issuer".to_owned();
        let (since, cites) = (misissued.since, vec![misissued.cite]);
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
    for still in case.standing_still() {
        let entity = still.container.root.clone();
        if symptoms.iter().any(|it| it.entity == entity) {
            continue;
        }
        let what = format!("it runs and writes nothing, and {} hears nothing of it", still.broker);
        let (since, cites) = (Some(still.since), still.proofs);
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
    for quoted in case.quoted() {
        let entity = quoted.container.root.clone();
        if symptoms.iter().any(|it| it.entity == entity) {
            continue;
        }
        let what = format!("its errors name its {}, which is new", quoted.name);
        let since = quoted.line.last;
        let cites = vec![quoted.cite];
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
}

/// Errors that a log repeats since something was changed, where nothing else shows what users report.
pub(super) fn find_unknown(case: &Case, symptoms: &mut Vec<Symptom>) {
    if !symptoms.is_empty() {
        return;
    }
    let Some(coincidence) = case.coincidence() else { return };
    let idle = match coincidence.news.turn {
        Turn::Rest => Some("it starts nothing any more"),
        Turn::Stop => Some("it has no pods any more"),
        _ => None,
    };
    if let Some(what) = idle {
        let (entity, since) = (coincidence.news.subject.clone(), Some(coincidence.news.at));
        let (what, cites) = (what.to_owned(), vec![coincidence.news.cite.clone()]);
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
    for follower in &coincidence.followers {
        let entity = follower.root.clone();
        let what = "its log repeats an error that no rule explains".to_owned();
        let (since, cites) = (follower.since, vec![follower.cite.clone()]);
        symptoms.push(Symptom { entity, what, since, gravity: Gravity::Light, cites });
    }
}

/// A Service with ready pods that does not answer a workload whose own count shows something else.
fn silent(case: &Case, complaint: &Complaint<'_>) -> Option<Symptom> {
    let (Said::TimedOut { .. } | Said::NoRoute { .. }) = complaint.said else { return None };
    let service = case.complained_of(complaint)?;
    let meta = &service.meta;
    case.endpoints(&meta.namespace, &meta.name).seen().filter(|it| it.ready > 0)?;
    let what = format!("it does not answer {}", complaint.root());
    let cites = vec![complaint.cite()];
    let (entity, since) = (meta.entity("Service"), complaint.since);
    Some(Symptom { entity, what, since, gravity: Gravity::Light, cites })
}

/// Whether a complaint shows that the workload itself cannot do its work.
pub(crate) fn is_symptom(case: &Case, complaint: &Complaint<'_>) -> bool {
    let root = complaint.root();
    let job = matches!(root.kind.as_str(), "Job" | "CronJob");
    !complaint.fails
        && !job
        && (hurts(complaint)
            || case.novelty(complaint).is_some()
            || case.moved(complaint).is_some()
            || case.outdated(complaint).is_some()
            // Peers go away; one that the mesh makes do so does it every time.
            || case.plain_call(complaint).is_some())
        && case.pods_of(root).all(|pod| pod.meta.deleted.is_some() || is_ready(&pod))
}

fn hurts(complaint: &Complaint<'_>) -> bool {
    let image = &complaint.container.spec.image;
    let serves = Store::of_image(image).is_some();
    match &complaint.said {
        // A server that turns somebody away does its work; who is turned away has the symptom.
        Said::Unauthenticated { .. }
        | Said::Forbidden { .. }
        | Said::TooManyConnections { .. }
        | Said::TlsFailed { .. }
        | Said::OtherProtocol { .. }
        | Said::NoneBehind { .. }
        | Said::ReadOnly { .. }
        | Said::CacheFull { .. }
        | Said::Locked
        | Said::Cancelled
        | Said::NoSuchDatabase { .. }
        | Said::NoSuchTable { .. }
        | Said::NoSuchThing { .. }
        | Said::QuorumLost { .. } => !serves,
        Said::Refused { peer }
        | Said::TimedOut { peer }
        | Said::NoRoute { peer }
        | Said::Unreached { peer } => !serves || peer.is_some(),
        Said::NameNotFound { .. }
        | Said::ResolverFailed { .. }
        | Said::RateLimited { peer: Some(_) }
        | Said::Unpaid { peer: Some(_) }
        | Said::OutOfSpace { .. }
        | Said::PermissionDenied { path: Some(_) }
        | Said::ReadOnlyFiles { .. }
        | Said::NoTemporaryDirectory { .. }
        | Said::TooManyFiles
        | Said::NoAddressAvailable { .. }
        | Said::OutOfMemory { .. }
        | Said::Flagged { .. }
        | Said::NoShardLeft
        | Said::IndexFull
        | Said::PublishersBlocked
        | Said::MemoryAlarm
        | Said::SecretExpired
        | Said::OwnCertificateExpired
        | Said::Stuck { .. }
        | Said::TokenTooEarly
        | Said::PoolExhausted => true,
        // One message after the other is tried again somewhen.
        Said::PutBack { .. } => !complaint.line.moves,
        // What is old may be meant to be; peers go away, files are looked for in vain, and programs throw what they catch: that is no harm by itself.
        Said::Reset { .. }
        | Said::Outdated { .. }
        | Said::RateLimited { peer: None }
        | Said::Unpaid { peer: None }
        | Said::PermissionDenied { path: None }
        | Said::MissingFile { .. }
        | Said::MissingVariable { .. }
        | Said::AddressInUse { .. }
        | Said::MigrationFailed
        | Said::BadCookieSecret
        | Said::DevelopmentServer
        | Said::OwnException { .. } => false,
    }
}
