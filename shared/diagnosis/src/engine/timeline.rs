//! What happened when, as far as it bears on the causes.

use super::answer::Answer;
use super::change::Changed;
use super::exhibits::Exhibits;
use super::roots::Root;
use super::symptoms::Symptom;
use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::report::Moment;
use jiff::Timestamp;

/// Entries shown.
const MOST: usize = 12;

pub(super) fn of(
    case: &Case,
    roots: &[(Root<'_>, Option<Changed>)],
    symptoms: &[Symptom],
    answer: &Answer,
    exhibits: &mut Exhibits<'_>,
) -> Vec<Moment> {
    let mut moments: Vec<(Timestamp, String, Entity, Vec<Cite>)> = Vec::new();
    for (root, change) in roots {
        if let Some(change) = change
            && let Some(at) = change.when
        {
            let what = format!("{} ({})", change.what, change.actor);
            moments.push((at, what, root.found.finding.subject.clone(), change.cites.clone()));
        }
        for proof in &root.found.finding.proofs {
            let Some(Body::Event(event)) = case.body(proof.exhibit) else { continue };
            let Some(at) = event.first.or(event.last) else { continue };
            let what = format!("{} ({} times)", event.reason, event.count.max(1));
            moments.push((at, what, event.subject.clone(), vec![proof.clone()]));
        }
    }
    for symptom in symptoms {
        if let Some(since) = symptom.since {
            moments.push((
                since,
                symptom.what.clone(),
                symptom.entity.clone(),
                symptom.cites.clone(),
            ));
        }
    }
    for told in &answer.moments {
        moments.push((told.at, told.what.clone(), told.entity.clone(), told.cites.clone()));
    }
    moments.sort_by(|left, right| (left.0, &left.2, &left.1).cmp(&(right.0, &right.2, &right.1)));
    moments.dedup_by(|later, first| later.0 == first.0 && later.1 == first.1 && later.2 == first.2);
    // The latest matter most.
    let latest = moments.len().saturating_sub(MOST);
    moments
        .into_iter()
        .skip(latest)
        .map(|(at, what, entity, cites)| Moment {
            at,
            what,
            entity,
            source: cites.first().map(|it| server(case, it)).unwrap_or_default(),
            evidence: exhibits.ids(&cites),
        })
        .collect()
}

fn server(case: &Case, cite: &Cite) -> String {
    case.exhibits
        .get(cite.exhibit)
        .and_then(|it| case.calls.get(it.call))
        .map(|it| it.server.clone())
        .unwrap_or_default()
}
