//! Which change brought a fault, and who made it: rule R8.
//!
//! The API server's `managedFields` know the program and the time; who ran it is known only to its audit log.

mod values;

use crate::case::Case;
use crate::case::touching::toucher;
use crate::finding::{Cite, Finding};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::{Meta, Touch};
use evidence::fact::workload::Revision;
use jiff::Timestamp;

/// A change, with the facts that show it.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) what: String,
    pub(super) when: Option<Timestamp>,
    pub(super) actor: String,
    pub(super) via: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) cites: Vec<Cite>,
}

/// The change behind a finding, where the subject and its field show one.
pub(super) fn behind(case: &Case, finding: &Finding) -> Option<Changed> {
    if !case.rules.attribution {
        return None;
    }
    let field = finding.field.as_deref()?;
    let subject = &finding.subject;
    let meta = case.meta_of(subject)?;
    let exhibit = exhibit_of(case, subject)?;
    let touch = if field == "metadata.name" { maker(meta) } else { toucher(meta, field) };
    let revision = revised(case, subject, field);
    if touch.is_none() && revision.is_none() {
        return None;
    }
    let created = meta.created;
    let before = revision.as_ref().and_then(|it| it.before.clone());
    let after = revision.as_ref().map(|it| it.after.clone()).or_else(|| finding.value.clone());
    let touched = touch.and_then(|it| it.at);
    let when = revision.as_ref().and_then(|it| it.at).or(touched);
    let is_new = before.is_none() && revision.is_none() && within_seconds(created, when);
    let what = match (&revision, is_new) {
        (Some(revision), _) => {
            format!("{subject}: {field} changed in revision {}", revision.number)
        }
        (None, true) => format!("{subject} was created with this {}", last_part(field)),
        // The time is that of whatever its manager set last, which need not be this.
        (None, false) => format!("{subject}: {field} was last touched"),
    };
    let (actor, via) = match touch {
        Some(touch) => (touch.manager.clone(), via(touch)),
        None => ("unknown".to_owned(), String::new()),
    };
    let mut cites = Vec::new();
    if let Some(touch) = touch {
        let at = touch.at.map(|at| format!(" at {at}")).unwrap_or_default();
        cites.push(Cite::new(
            exhibit,
            format!("{subject}: {field} is managed by {}{at}", touch.manager),
        ));
    }
    if let Some(revision) = revision {
        cites.push(revision.cite);
    }
    Some(Changed { what, when, actor, via, before, after, cites })
}

/// Who made the object, which nobody has renamed since.
fn maker(meta: &Meta) -> Option<&Touch> {
    let of_making = |it: &&Touch| it.subresource.is_empty() && within_seconds(meta.created, it.at);
    meta.touches.iter().filter(of_making).min_by_key(|it| it.at)
}

fn via(touch: &Touch) -> String {
    match touch.subresource.as_str() {
        "" => touch.operation.clone(),
        subresource => format!("{} of {subresource}", touch.operation),
    }
}

fn last_part(field: &str) -> &str {
    field.rsplit_once('.').map_or(field, |(_, last)| last)
}

/// A program stamps a new object within the second of its making, or a little after.
fn within_seconds(created: Option<Timestamp>, touched: Option<Timestamp>) -> bool {
    match (created, touched) {
        (Some(created), Some(touched)) => touched.duration_since(created).as_secs().abs() <= 5,
        _ => false,
    }
}

/// A difference between a workload's newest revision that has it and the one before.
struct Revised {
    number: u64,
    at: Option<Timestamp>,
    before: Option<String>,
    after: String,
    cite: Cite,
}

fn revised(case: &Case, subject: &Entity, field: &str) -> Option<Revised> {
    let revisions = case.revisions_of(subject);
    let mut newer: Option<(Seen<'_, Revision>, String)> = None;
    for revision in revisions {
        // A container that an older revision lacks had nothing there.
        let value = match (values::at(&revision, field), &newer) {
            (Some(value), _) => value,
            (None, Some(_)) => "none".to_owned(),
            (None, None) => return None,
        };
        match &newer {
            None => newer = Some((revision, value)),
            Some((_, now)) if *now == value => newer = Some((revision, value)),
            Some((changed, now)) => {
                let entity = changed.meta.entity(&changed.kind);
                return Some(Revised {
                    number: changed.number.unwrap_or_default(),
                    at: case.revised_at(*changed),
                    before: Some(value.clone()),
                    after: now.clone(),
                    cite: Cite::new(
                        changed.exhibit,
                        format!("{entity}: {} went from {value} to {now}", last_part(field)),
                    ),
                });
            }
        }
    }
    None
}

fn exhibit_of(case: &Case, entity: &Entity) -> Option<usize> {
    // Slices are known together, by their Service.
    if let Some(slice) = case.written_slice(entity) {
        return Some(slice.exhibit);
    }
    case.index
        .iter()
        .find(|(key, at)| {
            key.entity == *entity
                && !matches!(
                    case.body(**at),
                    Some(Body::Event(_) | Body::Log(_) | Body::Endpoints(_) | Body::Measure(_))
                )
        })
        .map(|(_, at)| *at)
}
