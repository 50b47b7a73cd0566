//! What changed in the time that is looked at, and who changed it, as the objects' own `managedFields` tell.

use super::{Answer, Told, is_asked_about};
use crate::case::Case;
use crate::finding::Cite;
use evidence::fact::Body;
use evidence::fact::meta::{Meta, Touch};

/// Changes told.
const MOST: usize = 10;
/// Parts of Kubernetes that touch objects as a consequence, never on their own account.
const CONTROLLERS: [&str; 4] =
    ["kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver"];

pub(super) fn answer(case: &Case) -> Answer {
    let mut moments: Vec<Told> = Vec::new();
    for (key, exhibit) in &case.index {
        let Some(body) = case.body(*exhibit) else { continue };
        if is_consequence(body) || !is_asked_about(case, &key.entity) {
            continue;
        }
        let Some(meta) = case.meta_of(&key.entity) else { continue };
        moments.extend(
            meta.touches.iter().filter_map(|touch| told(case, meta, touch, *exhibit, body)),
        );
    }
    moments.sort_by(|left, right| {
        (left.at, &left.entity, &left.what).cmp(&(right.at, &right.entity, &right.what))
    });
    moments.dedup();
    let count = moments.len();
    let moments = moments.split_off(count.saturating_sub(MOST));
    let since = case.window.start;
    let sentence = match (count, moments.last()) {
        (1, Some(last)) => format!("One change since {since}: {} {}.", last.entity, last.what),
        (_, Some(last)) => {
            format!(
                "{count} changes since {since}, the last of them: {} {}.",
                last.entity, last.what
            )
        }
        (_, None) => match case.asked_object() {
            Some(asked) => {
                format!("No change of {asked} since {since} shows in what could be read.")
            }
            None => format!("No change since {since} shows in what could be read."),
        },
    };
    Answer { sentence, moments }
}

fn told(case: &Case, meta: &Meta, touch: &Touch, exhibit: usize, body: &Body) -> Option<Told> {
    let at = touch.at.filter(|at| (case.window.start..=case.as_of).contains(at))?;
    let is_status = touch.subresource == "status";
    if is_status || CONTROLLERS.contains(&touch.manager.as_str()) {
        return None;
    }
    let entity = body.entity();
    let made = meta.created.is_some_and(|created| at.duration_since(created).as_secs().abs() <= 5);
    let done = match (made, touch.subresource.as_str()) {
        (true, _) => "was created",
        (false, "scale") => "was scaled",
        (false, _) => "was changed",
    };
    let what = format!("{done} by {}", touch.manager);
    let says = match touch.fields.as_slice() {
        [] => format!("{entity} {what} at {at}"),
        [first] => format!("{entity} {what} at {at}: {first}"),
        [first, rest @ ..] => {
            format!("{entity} {what} at {at}: {first} and {} more fields", rest.len())
        }
    };
    Some(Told { at, what, entity, cites: vec![Cite::new(exhibit, says)] })
}

/// Objects that others make: pods, revisions, events, endpoints and logs.
fn is_consequence(body: &Body) -> bool {
    matches!(
        body,
        Body::Pod(_) | Body::Revision(_) | Body::Event(_) | Body::Endpoints(_) | Body::Log(_)
    )
}
