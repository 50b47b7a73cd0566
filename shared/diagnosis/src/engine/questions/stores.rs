//! The logs of stores that may tell why somebody says nothing: that of those are told of who are not ready, and turns them
//! away; that of those who do not answer, and stands still.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::Running;
use crate::case::words::store::Store;
use crate::case::words::turned_away::TELL;
use evidence::entity::Entity;
use evidence::question::Question;
use std::collections::BTreeSet;

/// Stores whose logs are read for this: who calls more of them than that is rare.
const MOST_STORES: usize = 3;

pub(super) fn questions(case: &Case, unproven: &BTreeSet<Entity>) -> Vec<Question> {
    if unproven.is_empty() {
        return Vec::new();
    }
    let is_asked = |it: &Running<'_>| {
        [false, true].iter().any(|before| case.was_asked(&it.ask_for_log(*before)))
    };
    let fails = |it: &Running<'_>| !it.spec.init && !it.status.ready && unproven.contains(it.root);
    let complaints = case.complaints();
    let heard: BTreeSet<&Entity> = complaints.iter().map(Complaint::root).collect();
    let unanswering: BTreeSet<Entity> = unanswering(case, &complaints, unproven);
    let mut told: Vec<Entity> = Vec::new();
    let quiet = case.containers().filter(|it| {
        let asked = fails(it) || !it.spec.init && unanswering.contains(it.root);
        asked && is_asked(it) && !heard.contains(it.root)
    });
    for quiet in quiet {
        let mut stores = stores_of(case, &quiet);
        if stores.is_empty()
            && unanswering.contains(quiet.root)
            && case.hides_its_stores(quiet.root)
        {
            stores = TELL
                .iter()
                .flat_map(|it| case.stores(*it))
                .map(|it| it.it.meta.entity(&it.it.kind))
                .collect();
        }
        for store in stores {
            if !told.contains(&store) {
                told.push(store);
            }
        }
    }
    told.truncate(MOST_STORES);
    let log = |store: &Entity| {
        let mut all = case.all_containers().filter(|it| it.root == store && it.runs());
        let own = all.find(|it| Store::of_image(&it.spec.image).is_some())?;
        Some(own.ask_for_log(false))
    };
    told.iter().filter_map(log).collect()
}

/// What serves, and does not answer those whose trouble nothing explains.
fn unanswering(
    case: &Case,
    complaints: &[Complaint<'_>],
    unproven: &BTreeSet<Entity>,
) -> BTreeSet<Entity> {
    let silent = complaints.iter().filter(|it| it.waits_in_vain() && unproven.contains(it.root()));
    silent.filter_map(|it| case.complained_of(it)).map(|it| case.behind(it)).collect()
}

/// The workloads behind the Services that a container is told of, and that say whom they turn away.
fn stores_of(case: &Case, quiet: &Running<'_>) -> Vec<Entity> {
    let services = case.called_by(quiet).into_iter();
    let stores = services.filter(|it| TELL.iter().any(|store| case.is_store(it.it, *store)));
    stores.map(|it| case.behind(it)).filter(|it| it.kind != "Service").collect()
}
