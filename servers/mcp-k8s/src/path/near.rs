//! What stands near where a selector matches no pod: the workload that has none just now, or labels that nearly fit.

use super::backends::labels;
use evidence::fact::Body;
use std::collections::BTreeMap;

/// Neighbours that are named.
const MOST: usize = 2;

/// In words, the nearest first. `bodies` are the workloads and pods of the namespace.
pub(crate) fn to(selector: &BTreeMap<String, String>, bodies: &[Body]) -> Vec<String> {
    let mut near: Vec<((usize, usize), String)> = Vec::new();
    for body in bodies {
        let (own, desired) = match body {
            Body::Workload(it) => (&it.template_labels, Some((it.desired, it.ready))),
            Body::Pod(it) if it.meta.owner.is_none() => (&it.meta.labels, None),
            _ => continue,
        };
        let equal = selector.iter().filter(|(key, value)| own.get(*key) == Some(*value)).count();
        let asked = |key: &&String| selector.contains_key(*key);
        let shared: BTreeMap<String, String> = own
            .iter()
            .filter(|(key, _)| asked(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let entity = body.entity();
        let (kind, name) = (&entity.kind, &entity.name);
        if equal == selector.len() {
            let wants = desired.map(|(desired, _)| format!(", and wants {desired} pods"));
            near.push((
                (0, 0),
                format!("{kind} {name} has these labels{}", wants.unwrap_or_default()),
            ));
        } else if !shared.is_empty() {
            // A label of another value is nearer than one that is not there.
            let differs = selector.len() * 2 - equal - shared.len();
            let slip = shared.iter().map(|(key, value)| {
                strsim::osa_distance(
                    value,
                    selector.get(key).map(String::as_str).unwrap_or_default(),
                )
            });
            near.push(((differs, slip.sum()), format!("{kind} {name} has {}", labels(&shared))));
        }
    }
    near.sort();
    let best = near.first().map(|(distance, _)| *distance);
    let near = near.into_iter().filter(|(distance, _)| Some(*distance) == best);
    near.take(MOST).map(|(_, says)| says).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::workload::Workload;

    #[test]
    fn a_workload_of_the_same_key_is_near_and_one_that_fits_is_nearer() {
        let own = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let workload = |name: &str, pairs: &[(&str, &str)]| {
            let mut it = Workload { kind: "Deployment".into(), ..Workload::default() };
            it.meta.name = name.into();
            it.template_labels = own(pairs);
            Body::Workload(it)
        };
        let selector = own(&[("app", "web")]);
        let other = workload("other", &[("tier", "db")]);
        let odd = workload("odd", &[("app", "wbe"), ("tier", "db")]);
        let same = workload("same", &[("app", "web"), ("tier", "db")]);
        assert_eq!(to(&selector, std::slice::from_ref(&other)), Vec::<String>::new());
        assert_eq!(to(&selector, &[other, odd.clone()]), ["Deployment odd has app=wbe"]);
        let fits = "Deployment same has these labels, and wants 0 pods";
        assert_eq!(to(&selector, &[odd, same]), [fits]);
    }
}
