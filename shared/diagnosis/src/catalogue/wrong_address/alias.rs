//! A Service that stands for a name outside was given another one, and nobody finds an address for it since.

use crate::case::Case;
use crate::case::resolving::Unresolved;
use crate::case::touching::toucher;
use crate::case::words::said::Said;
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use std::collections::BTreeMap;

const FIELD: &str = "spec.externalName";

pub(super) fn judge(case: &Case) -> Vec<Judgement> {
    let unknown = |said: &Said| matches!(said, Said::NameNotFound { name: Some(_) });
    let unresolved = case.unresolved();
    let unresolved: Vec<_> = unresolved.iter().filter(|it| unknown(&it.complaint.said)).collect();
    // Where other names are not found either, it is the name service, or what it asks.
    let others = case.complaints().iter().filter(|it| unknown(&it.said)).count();
    if others > unresolved.len() || unresolved.iter().any(|it| it.service.kind != "ExternalName") {
        return Vec::new();
    }
    let mut aliases: BTreeMap<usize, Vec<&Unresolved<'_>>> = BTreeMap::new();
    for one in unresolved {
        aliases.entry(one.service.exhibit).or_default().push(one);
    }
    aliases.into_values().filter_map(|callers| one(case, &callers)).collect()
}

fn one(case: &Case, callers: &[&Unresolved<'_>]) -> Option<Judgement> {
    let service = callers.first()?.service;
    let touch = toucher(&service.it.meta, FIELD)?;
    let at = touch.at.filter(|at| service.it.meta.created.is_some_and(|made| *at > made))?;
    let begins = callers.iter().filter_map(|it| it.complaint.since).min();
    if !case.is_news(Some(at)) || begins.is_some_and(|begins| begins < at) {
        return None; // It was set long before, and served since; or was amiss before that.
    }
    let (subject, name) = (service.it.meta.entity("Service"), &service.it.external_name);
    let mut explains: Vec<Entity> = callers.iter().map(|it| it.complaint.root().clone()).collect();
    explains.sort();
    explains.dedup();
    let mut proofs: Vec<Cite> = callers.iter().take(3).map(|it| it.complaint.cite()).collect();
    let says = format!("{subject} stands for {name}, as {} set it at {at}", touch.manager);
    proofs.push(Cite::new(service.exhibit, says));
    Some(Judgement::Proven(Finding {
        field: Some(FIELD.to_owned()),
        value: Some(name.clone()),
        statement: format!(
            "Who calls {subject} finds no address: it stands for {name} since it was changed."
        ),
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains,
        subject,
    }))
}
