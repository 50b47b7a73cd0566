//! Which findings are root causes: the deepest that explain, one unless symptoms remain. Rules R6, R7 and R10.

use super::symptoms::{Gravity, Symptom};
use super::weigh::Term;
use super::{Found, impact, unread, weigh};
use crate::case::Case;
use crate::case::coincidence::is_coincidence;
use crate::failure_mode::{Category, Depth};
use crate::finding::Strength;
use evidence::entity::Entity;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Below this probability a finding is not named as a cause.
const ENOUGH: f64 = 0.5;

/// A root cause, and what it reaches.
#[derive(Debug)]
pub(super) struct Root<'a> {
    pub(super) found: &'a Found,
    pub(super) confidence: f64,
    /// Every object that it breaks, directly or through others.
    pub(super) reached: BTreeSet<Entity>,
}

/// A finding that may be a cause.
pub(super) struct Candidate<'a> {
    pub(super) found: &'a Found,
    pub(super) reached: BTreeSet<Entity>,
    pub(super) terms: Vec<Term>,
    pub(super) log_odds: f64,
}

/// The root causes of these symptoms: of what is down before what only was amiss, the most probable first.
pub(super) fn of<'a>(case: &Case, symptoms: &[Symptom], found: &'a [Found]) -> Vec<Root<'a>> {
    let mut candidates = candidates(case, symptoms, found);
    let mut open: BTreeSet<&Entity> = symptoms.iter().map(|it| &it.entity).collect();
    let mut roots: Vec<Root<'a>> = Vec::new();
    loop {
        let rivals: Vec<&Candidate<'a>> = candidates
            .iter()
            .filter(|it| symptoms.is_empty() || it.reached.iter().any(|it| open.contains(it)))
            .collect();
        let Some(best) = best(case, &rivals) else { break };
        let others: Vec<f64> =
            rivals.iter().filter(|it| competes(best, it)).map(|it| it.log_odds).collect();
        let beside = rivals.iter().filter(|it| stands_beside(best, it));
        let mut named: Vec<&'a Found> = vec![best.found];
        // What its best explanation does not carry stays unexplained; a weaker one would only mislead.
        for candidate in std::iter::once(&best).chain(beside) {
            let (found, reached) = (candidate.found, candidate.reached.clone());
            open.retain(|entity| !reached.contains(*entity));
            let confidence = weigh::probability(candidate.log_odds, &others);
            if confidence >= ENOUGH || !case.rules.abstain {
                roots.push(Root { found, confidence: weigh::told(confidence), reached });
            }
            named.push(found);
        }
        // What merely fits adds nothing to a cause that is named for the same object.
        let is_told = |it: &Candidate<'_>, found: &Found| {
            let merely_fits = it.found.finding.strength == Strength::Suggestive;
            std::ptr::eq(it.found, found)
                || merely_fits && it.found.finding.subject == found.finding.subject
        };
        candidates.retain(|it| !named.iter().any(|found| is_told(it, found)));
        if open.is_empty() {
            break;
        }
    }
    // What is down matters more than what only was amiss, however sure its cause.
    let gravest = |root: &Root<'_>| -> Option<Gravity> {
        let reached = symptoms.iter().filter(|it| root.reached.contains(&it.entity));
        reached.map(|it| it.gravity).max()
    };
    roots.sort_by(|left, right| {
        let sure = right.confidence.partial_cmp(&left.confidence).unwrap_or(Ordering::Equal);
        gravest(right).cmp(&gravest(left)).then(sure)
    });
    roots
}

/// Findings that explain a symptom; where there is none, those that stand without.
pub(super) fn candidates<'a>(
    case: &Case,
    symptoms: &[Symptom],
    found: &'a [Found],
) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for found in found {
        let reached = impact::reach(case, &found.finding.explains, symptoms);
        let explained = symptoms.iter().filter(|it| reached.contains(&it.entity)).count();
        let stands = symptoms.is_empty() && found.mode.stands_alone;
        // What only restates a symptom, and merely fits, proves nothing.
        let restates =
            found.mode.depth == Depth::Symptom && found.finding.strength == Strength::Suggestive;
        if case.rules.abstain && (restates || unread::may_hold(case, found)) {
            continue;
        }
        if is_link(found, &reached, symptoms) && case.rules.deepest {
            continue;
        }
        if explained > 0 || stands {
            let unseen = case.gaps().next().is_some();
            let terms = weigh::terms(found, explained == symptoms.len(), unseen);
            let log_odds = weigh::log_odds(&terms);
            candidates.push(Candidate { found, reached, terms, log_odds });
        }
    }
    candidates
}

/// Whether a finding says no more than that something fails because something else does, which shows that by itself and
/// stays unexplained: a link of a chain whose beginning is not known.
fn is_link(found: &Found, reached: &BTreeSet<Entity>, symptoms: &[Symptom]) -> bool {
    let subject = &found.finding.subject;
    found.mode.depth == Depth::Symptom
        && !reached.contains(subject)
        && symptoms.iter().any(|it| it.entity == *subject)
}

fn best<'a, 'b>(case: &Case, rivals: &[&'b Candidate<'a>]) -> Option<&'b Candidate<'a>> {
    let (mut best, rest) = rivals.split_first().map(|(first, rest)| (*first, rest))?;
    for rival in rest {
        if beats(case, rival, best) {
            best = rival;
        }
    }
    Some(best)
}

/// Whether `left` is the better explanation.
fn beats(case: &Case, left: &Candidate<'_>, right: &Candidate<'_>) -> bool {
    let chance = |it: &Candidate<'_>| is_coincidence(&it.found.finding);
    if chance(left) != chance(right) {
        return chance(right);
    }
    if case.rules.deepest {
        match (outranks(left, right), outranks(right, left)) {
            (true, false) => return true,
            (false, true) => return false,
            _ => {}
        }
        let restates = |it: &Candidate<'_>| it.found.mode.depth == Depth::Symptom;
        if restates(left) != restates(right) {
            return restates(right);
        }
    }
    let strength = left.found.finding.strength.cmp(&right.found.finding.strength);
    let odds = left.log_odds.partial_cmp(&right.log_odds).unwrap_or(Ordering::Equal);
    let reach = left.reached.len().cmp(&right.reached.len());
    let depth = left.found.mode.depth.cmp(&right.found.mode.depth);
    // Ids only make the order total, so that the same case gives the same report.
    let id = right.found.mode.id.cmp(left.found.mode.id);
    strength.then(odds).then(reach).then(depth).then(id) == Ordering::Greater
}

/// Whether `left` is the cause behind `right`, and not much worse proven: what merely fits is not behind what a component says.
fn outranks(left: &Candidate<'_>, right: &Candidate<'_>) -> bool {
    let strength = left.found.finding.strength;
    causes(left, right)
        && (strength >= right.found.finding.strength || strength > Strength::Suggestive)
}

/// Whether what `left` is about breaks what `right` is about.
fn causes(left: &Candidate<'_>, right: &Candidate<'_>) -> bool {
    let (cause, effect) = (&left.found.finding, &right.found.finding);
    cause.subject != effect.subject && left.reached.contains(&effect.subject)
}

fn is_conclusive(it: &Candidate<'_>) -> bool {
    it.found.finding.strength == Strength::Conclusive
}

/// Whether the kubelet names `other` as well as `best` for the same workload, so that to mend one of them leaves the other:
/// a Secret that is missing, and an image that is.
fn stands_beside(best: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    let of_start = |it: &Candidate<'_>| {
        matches!(it.found.mode.category, Category::Configuration | Category::Image)
            && it.found.mode.depth != Depth::Symptom
    };
    !std::ptr::eq(best, other)
        && [best, other].into_iter().all(|it| is_conclusive(it) && of_start(it))
        && best.found.mode.id != other.found.mode.id
        && other.found.finding.explains.iter().any(|it| best.found.finding.explains.contains(it))
}

/// Whether `other` is another explanation of what `best` explains, rather than a part of it.
fn competes(best: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    // What two components each say of what failed is true of both.
    let both = is_conclusive(best) && is_conclusive(other);
    // What merely fits and is about the same object speaks for it.
    let merely_fits = |it: &Candidate<'_>| it.found.finding.strength == Strength::Suggestive;
    let agrees = best.found.finding.subject == other.found.finding.subject
        && (merely_fits(best) || merely_fits(other));
    !std::ptr::eq(best, other)
        && !is_coincidence(&other.found.finding)
        && !causes(best, other)
        && other.found.mode.depth != Depth::Symptom
        && !both
        && !agrees
        && other.found.finding.explains.iter().any(|it| best.found.finding.explains.contains(it))
}
