//! What was asked for beside a cause: what changed, which pods there are, what was logged.

mod changes;
mod pods;
mod words;

use crate::aim::Aim;
use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;
use jiff::Timestamp;

/// An answer: one sentence, and the moments and facts behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// The sentence; empty where nothing but a cause was asked for.
    pub(super) sentence: String,
    /// What carries it, the latest last.
    pub(super) moments: Vec<Told>,
}

/// One thing that the answer tells, and when it was.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) what: String,
    pub(super) entity: Entity,
    pub(super) cites: Vec<Cite>,
}

/// What the case's question wants to know beside a cause.
pub(super) fn of(case: &Case) -> Answer {
    match case.aim {
        Aim::Cause => Answer::default(),
        Aim::Changes => changes::answer(case),
        Aim::Pods => pods::answer(case),
        Aim::Logs => words::answer(case),
    }
}

/// Whether an object is part of what was asked about: in its namespaces, and the asked object itself or one below it.
pub(super) fn is_asked_about(case: &Case, entity: &Entity) -> bool {
    let namespaces = &case.scope.namespaces;
    let within = namespaces.is_empty()
        || namespaces.contains(&entity.namespace)
        || entity.kind == "Namespace" && namespaces.contains(&entity.name);
    let Some(asked) = case.asked_object().filter(|_| within) else { return within };
    let root =
        |it: &Entity| case.meta_of(it).map_or(it.clone(), |meta| case.root_of(meta, &it.kind));
    *entity == asked || root(entity) == root(&asked)
}
