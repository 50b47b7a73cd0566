//! How far a fault reaches: from what it breaks to what depends on that.

use super::symptoms::Symptom;
use crate::case::Case;
use crate::case::delivery::{Trouble, Undelivered};
use crate::case::sandboxes::is_before_its_containers;
use evidence::entity::Entity;
use evidence::fact::pod::{Ended, Pod, State};
use evidence::fact::workload::Autoscaler;
use std::collections::BTreeSet;

/// Who waits for whom is followed this far beyond what shows a symptom.
const HOPS: u32 = 2;

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
        "PersistentVolumeClaim" => awaits_consumer(case, entity, reached),
        "Namespace" | "APIService" | "HorizontalPodAutoscaler" => served(case, entity, reached),
        _ => {
            // What an operator or a CronJob made, where the fault is in that.
            let made_by = case.meta_of(entity).map(|meta| case.root_of(meta, &entity.kind));
            if made_by.is_some_and(|it| it != *entity && reached.contains(&it)) {
                return true;
            }
            if unwell(case, entity, reached) {
                return true;
            }
            let below = || {
                case.pods_of(entity).any(|pod| {
                    let node = &pod.spec.node_name;
                    let on_node = reached.contains(&Entity::new("Node", "", node))
                        && may_be_the_nodes(case, pod.it)
                        && (case.is_ready_node(node) || !case.fails_elsewhere(entity, node));
                    let mounts = pod.it.spec.volumes.iter().any(|it| {
                        let name =
                            Entity::new(&it.object.kind, &pod.meta.namespace, &it.object.name);
                        reached.contains(&name)
                    });
                    on_node || mounts
                })
            };
            let reaches = |it: Vec<Entity>| it.iter().any(|it| reached.contains(it));
            // Who calls what is slow or fails is slow or fails with it.
            let called = || {
                !case.hurts_of(entity).is_empty()
                    && case.calls_of(entity).iter().any(|it| reached.contains(it))
            };
            // Each costs more than the one before it.
            below()
                || reaches(case.waits_for(entity))
                || pulls(case, entity, reached)
                || called()
                || reaches(case.rests_on(entity))
                || (case.rules.shared_dependency && waits(case, entity, reached, HOPS))
                || (case.rules.shared_dependency && is_passed_on(case, entity, reached))
                || (case.rules.shared_dependency && is_held_up(case, entity, reached))
        }
    }
}

/// Whether a claim is not bound because its class waits until its pod has a node, and that has none.
fn awaits_consumer(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    let Some(claim) = case.claim(&entity.namespace, &entity.name).seen() else { return false };
    let class = match &claim.it.class {
        Some(class) => case.storage_class(class).seen(),
        None => case.storage_classes().find(|it| it.it.default),
    };
    let waits = class.is_some_and(|it| it.it.waits_for_consumer);
    let mounters = case.mounters(entity);
    waits && !mounters.is_empty() && mounters.iter().all(|it| reached.contains(it))
}

/// Whether a GitOps tool says of it that what it delivered is not well, and it delivered what is broken.
fn unwell(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    let health = |it: &Undelivered<'_>| it.trouble == Trouble::Health && it.entity() == *entity;
    case.undelivered().iter().any(health)
        && reached.iter().any(|it| {
            let meta = case.meta_of(it);
            meta.and_then(|meta| case.delivered_by(meta)).is_some_and(|by| by == *entity)
        })
}

/// Whether an aggregated API is answered for by what is broken, or an autoscaler scales that or measures through it.
fn served(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    let name = |autoscaler: &Autoscaler| autoscaler.meta.entity("HorizontalPodAutoscaler");
    case.autoscalers().any(|it| name(it.it) == *entity && reached.contains(&it.target))
        || case.missed_apis().iter().any(|missed| {
            let api = missed.api.meta.entity("APIService");
            let down = reached.contains(&missed.service)
                || reached.iter().any(|it| case.answers_for(it, missed));
            let breaks = missed.broken.iter().any(|(broken, _)| broken == entity);
            (api == *entity && down) || (breaks && reached.contains(&api))
        })
        || case.silent_apis().iter().any(|(silent, workload)| {
            silent.api.meta.entity("APIService") == *entity
                && reached.contains(&workload.meta.entity(&workload.kind))
        })
}

/// Whether a node may be to blame for how its pod does. Where its kubelet works, a pod that waits for its image or its
/// configuration, or whose program ends by itself, has a fault of its own.
pub(crate) fn may_be_the_nodes(case: &Case, pod: &Pod) -> bool {
    if !case.is_ready_node(&pod.spec.node_name) {
        return true;
    }
    let killed = |ended: &Ended| matches!(ended.exit_code, 137 | 143);
    pod.reason == "Evicted"
        || is_before_its_containers(pod)
        || pod.containers.iter().any(|status| match &status.state {
            Some(State::Terminated(ended)) => killed(ended),
            Some(State::Waiting { reason, .. }) if reason != "CrashLoopBackOff" => false,
            _ => status.last.as_ref().is_some_and(killed),
        })
}

/// Whether its logs say that it could not reach a Service of what is broken, behind which nobody is ready; or one of what
/// waits for that in turn, which shows by no symptom where it works in another namespace than was asked about.
fn waits(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>, hops: u32) -> bool {
    case.unreached(entity).into_iter().any(|it| {
        let service = it.service.meta.entity("Service");
        let mut behind = case.workloads_behind(it.service.it).map(|it| it.meta.entity(&it.kind));
        case.leads_nowhere(it.service).is_some()
            && (reached.contains(&service)
                || behind.any(|it| {
                    reached.contains(&it) || hops > 0 && waits(case, &it, reached, hops - 1)
                }))
    })
}

/// Whether what it calls answers that it reaches nothing behind itself, and waits for what is broken. That shows by no
/// symptom where it works in another namespace than was asked about.
fn is_passed_on(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    case.relays_of(entity).into_iter().any(|service| {
        let behind = case.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind));
        behind.take(1).any(|it| reached.contains(&it) || waits(case, &it, reached, 0))
    })
}

/// Whether it waits in vain for what serves and calls a store that is broken, or may call it, where the store says so
/// itself: that answers nobody while it waits.
fn is_held_up(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    let stores: Vec<&Entity> = reached.iter().filter(|it| case.runs_store(it)).collect();
    if stores.is_empty() {
        return false;
    }
    let complaints = case.complaints();
    let says_so = complaints.iter().any(|it| stores.contains(&it.root()));
    let silent = complaints.iter().filter(|it| it.root() == entity && it.waits_in_vain());
    silent.filter_map(|it| case.complained_of(it)).any(|service| {
        let mut behind = case.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind));
        behind.any(|it| {
            case.calls_of(&it).iter().any(|it| stores.contains(&it))
                || says_so && case.hides_its_stores(&it)
        })
    })
}

/// Whether its image comes from a registry of the cluster behind which nobody is ready, and that is broken.
fn pulls(case: &Case, entity: &Entity, reached: &BTreeSet<Entity>) -> bool {
    case.registries_missed_by(entity).into_iter().any(|service| {
        let mut behind = case.workloads_behind(service.it);
        case.leads_nowhere(service).is_some()
            && (reached.contains(&service.meta.entity("Service"))
                || behind.any(|it| reached.contains(&it.meta.entity(&it.kind))))
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
