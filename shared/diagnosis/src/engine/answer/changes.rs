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
    for (entity, exhibit, meta) in case.metas() {
        let Some(body) = case.body(exhibit) else { continue };
        if is_consequence(body) || !is_asked_about(case, entity) {
            continue;
        }
        let touches = meta.touches.iter();
        moments.extend(touches.filter_map(|touch| told(case, meta, touch, exhibit, body)));
    }
    moments.sort_by(|left, right| {
        (left.at, &left.entity, &left.what).cmp(&(right.at, &right.entity, &right.what))
    });
    moments.dedup_by(|later, first| {
        (later.at, &later.entity, &later.what) == (first.at, &first.entity, &first.what)
    });
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
            // A change elsewhere may be the cause, and is told with it.
            None => match case.scope.namespaces.as_slice() {
                [] => format!("No change since {since} shows in what could be read."),
                [only] => {
                    format!(
                        "No change in namespace {only} since {since} shows in what could be read."
                    )
                }
                several => format!(
                    "No change in namespaces {} since {since} shows in what could be read.",
                    several.join(", ")
                ),
            },
        },
    };
    Answer { sentence, moments }
}

fn told(case: &Case, meta: &Meta, touch: &Touch, exhibit: usize, body: &Body) -> Option<Told> {
    let at = touch.at.filter(|at| (case.window.start..=case.as_of).contains(at))?;
    if touch.subresource == "status" || CONTROLLERS.contains(&touch.manager.as_str()) {
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

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::case::Case;
    use crate::engine::symptoms::trial::case;
    use evidence::scope::{Scope, Window};

    #[test]
    fn that_nothing_changed_is_said_of_what_was_looked_at() {
        let as_of = "2026-11-21T12:00:00Z".parse().unwrap();
        let start = "2026-11-21T11:00:00Z".parse().unwrap();
        let said = |namespaces: &[&str]| {
            let namespaces = namespaces.iter().map(|it| (*it).to_owned()).collect();
            let scope = Scope { namespaces, ..Scope::default() };
            answer(&Case::open("what changed?", scope, as_of, Window { start, end: as_of }))
                .sentence
        };
        let since = "since 2026-11-21T11:00:00Z shows in what could be read.";
        assert_eq!(said(&[]), format!("No change {since}"));
        assert_eq!(said(&["shop"]), format!("No change in namespace shop {since}"));
        assert_eq!(said(&["shop", "pay"]), format!("No change in namespaces shop, pay {since}"));
    }

    #[test]
    fn a_change_is_told_once_and_only_where_something_was_changed() {
        let facts = r#"
- workload:
    kind: Deployment
    meta:
      namespace: shop
      name: web
      touches:
      - {manager: helm, at: "2026-11-21T11:30:00Z", fields: [spec.replicas]}
      - {manager: argocd-controller, at: "2026-11-21T11:59:00Z", subresource: status}
      - {manager: kubectl-annotate, at: "2026-11-21T11:58:00Z"}
- alert: {name: WebSlow, state: firing, labels: {namespace: shop, deployment: web}}
"#;
        let case = case(facts, None);
        let told: Vec<String> = answer(&case).moments.into_iter().map(|it| it.what).collect();
        assert_eq!(told, ["was changed by helm", "was changed by kubectl-annotate"]);
    }
}
