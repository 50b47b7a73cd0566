//! How far a fault reaches: from what it breaks to what depends on that.

use super::symptoms::Symptom;
use crate::case::Case;
use evidence::entity::Entity;
use std::collections::BTreeSet;

/// `broken`, and every object with a symptom that follows from it: pods' workloads behind claims and nodes, Services
/// before workloads, Ingresses before Services.
pub(super) fn reach(case: &Case, broken: &[Entity], symptoms: &[Symptom]) -> BTreeSet<Entity> {
    let mut reached: BTreeSet<Entity> = broken.iter().cloned().collect();
    loop {
        let next: Vec<Entity> = symptoms
            .iter()
            .map(|symptom| &symptom.entity)
            .filter(|entity| !reached.contains(entity) && follows(case, entity, &reached))
            .cloned()
            .collect();
        if next.is_empty() {
            return reached;
        }
        reached.extend(next);
    }
}

/// Whether what is wrong with `entity` follows from what is wrong with `reached`.
fn follows(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    match entity.kind.as_str() {
        "Service" => {
            let Some(service) = case.service(&entity.namespace, &entity.name).seen() else {
                return false;
            };
            let mut behind = case
                .workloads_behind(&service)
                .map(|it| it.meta.entity(&it.kind))
                .chain(case.selected_by(&service).map(|pod| case.root_of(&pod.meta, "Pod")))
                .peekable();
            behind.peek().is_some() && behind.all(|workload| reached.contains(&workload))
        }
        "Node" => false,
        "PersistentVolumeClaim" => false,
        _ => {
            let below = case.pods_of(entity).any(|pod| {
                let on_node = reached.contains(&Entity::new("Node", "", &pod.spec.node_name));
                let mounts = pod.it.spec.volumes.iter().any(|it| {
                    let name = Entity::new(&it.object.kind, &pod.meta.namespace, &it.object.name);
                    reached.contains(&name)
                });
                on_node || mounts
            });
            let rests = case.rests_on(entity).iter().any(|it| reached.contains(it));
            below || rests || (case.rules.shared_dependency && waits(case, entity, reached))
        }
    }
}

/// Whether its logs say that it could not reach a Service of what is broken, behind which nobody is ready.
fn waits(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    case.unreached(entity).into_iter().any(|it| {
        let service = it.service.meta.entity("Service");
        let mut behind = case.workloads_behind(it.service.it);
        case.leads_nowhere(it.service).is_some()
            && (reached.contains(&service)
                || behind.any(|workload| reached.contains(&workload.meta.entity(&workload.kind))))
    })
}

/// One sentence that counts what is broken.
pub(super) fn statement(symptoms: &[&Symptom]) -> String {
    match symptoms {
        [] => "nothing else is known to suffer".to_owned(),
        [one] => format!("{}: {}", one.entity, one.what),
        [first, rest @ ..] => {
            let more = if rest.len() == 1 { "1 more object" } else { "more objects" };
            let count = if rest.len() == 1 { String::new() } else { format!("{} ", rest.len()) };
            format!("{}: {}; {count}{more} affected", first.entity, first.what)
        }
    }
}
