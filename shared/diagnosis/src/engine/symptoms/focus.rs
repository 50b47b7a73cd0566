//! Which symptoms the question is about: those of what was asked about, and of what it hangs together with.

use super::{Symptom, is_ready};
use crate::case::Case;
use crate::case::delivery::Trouble;
use crate::case::touching::MAKING;
use crate::engine::whereabouts;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::pod::Pod;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// The kubelet's longest pause before it starts a container again, and how many shorter ones come first.
/// See `MaxContainerBackOff` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet.go>.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
const SHORT_PAUSES: u32 = 6;

/// What crashes for less may have begun with what was reported: it is noticed late, and restarts are few.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The symptoms in the scope. Where one object was asked about and something connected with it is wrong, what is wrong
/// elsewhere is another question.
pub(super) fn of(case: &Case, symptoms: Vec<Symptom>) -> Vec<Symptom> {
    let scoped = symptoms.into_iter().filter(|it| is_in_scope(case, &it.entity)).collect();
    let mut scoped: Vec<Symptom> = whereabouts::near(case, scoped);
    // What was so long before is not what was reported, where anything else may be.
    if scoped.iter().any(|it| !is_older(case, &it.entity)) {
        scoped.retain(|it| !is_older(case, &it.entity));
    }
    // What nobody has missed since it was made is not, either.
    if scoped.iter().any(|it| case.is_news(it.since)) {
        scoped.retain(|it| !is_leftover(case, it));
    }
    let Some(asked) = case.asked_object() else { return scoped };
    let root = case.meta_of(&asked).map_or(asked.clone(), |meta| case.root_of(meta, &asked.kind));
    let near = connected(case, root, &scoped);
    if !scoped.iter().any(|it| near.contains(&it.entity)) {
        return scoped; // What ails it may lie in a place that nothing connects with it.
    }
    scoped.into_iter().filter(|it| near.contains(&it.entity)).collect()
}

/// Whether a Job gave up, or a workload crashes, for much longer than what was reported can have lasted. The kubelet starts a
/// container that crashes at most every five minutes, so that the number of restarts tells how long at least.
pub(super) fn is_older(case: &Case, entity: &Entity) -> bool {
    let Some(lasted) = case.lasted.filter(|_| case.rules.used) else { return false };
    if case.asked_object().as_ref() == Some(entity) {
        return false;
    }
    if entity.kind == "Job" {
        let mut jobs = case.jobs().filter(|it| it.meta.entity("Job") == *entity);
        let failed = jobs.find_map(|it| condition(&it.it.conditions, "Failed")?.since);
        return failed.is_some_and(|at| case.as_of.duration_since(at) > lasted * 3);
    }
    let lasted = lasted.max(DAY);
    let restarts = |it: &Pod| it.containers.iter().map(|it| it.restarts).max().unwrap_or(0);
    let mut failing = case.pods_of(entity).filter(|it| !is_ready(it.it)).peekable();
    failing.peek().is_some()
        && failing.all(|pod| {
            let pauses = i32::try_from(restarts(pod.it).saturating_sub(SHORT_PAUSES));
            PAUSE * pauses.unwrap_or(i32::MAX) > lasted * 3
        })
}

/// Whether a workload that nobody asks about and nobody can call never came up, since it was made more than a day ago: the
/// preview of a branch that was given up.
fn is_leftover(case: &Case, symptom: &Symptom) -> bool {
    let Symptom { entity, since, .. } = symptom;
    let Some(workload) = case.workload(entity).seen().filter(|_| case.rules.used) else {
        return false;
    };
    let (Some(made), Some(since)) = (workload.it.meta.created, *since) else { return false };
    let called = !case.looked("Service", &entity.namespace)
        || case.services_before(workload.it).next().is_some();
    since.duration_since(made) <= MAKING
        && !case.is_news(Some(since))
        && !called
        && !case.asks_about(&entity.kind, &entity.name)
}

/// Nodes and other objects without a namespace serve every namespace.
fn is_in_scope(case: &Case, entity: &Entity) -> bool {
    let namespaces = &case.scope.namespaces;
    namespaces.is_empty()
        || entity.namespace.is_empty()
        || namespaces.contains(&entity.namespace)
        || is_delivered_here(case, entity)
        || leads_here(case, entity)
}

/// A route of another namespace that sends requests to a Service of one that was asked about.
fn leads_here(case: &Case, entity: &Entity) -> bool {
    case.gateway_routes().filter(|it| it.meta.entity(&it.kind) == *entity).any(|route| {
        let mut backends = route.it.fields.iter().filter(|(path, _)| path.contains("backendRefs["));
        backends.any(|(path, value)| {
            path.ends_with("].namespace") && case.scope.namespaces.contains(value)
        })
    })
}

/// What was not delivered into a namespace that was asked about. How that does which was, shows there.
fn is_delivered_here(case: &Case, entity: &Entity) -> bool {
    case.undelivered().iter().any(|it| {
        case.concerns_scope(it) && it.trouble != Trouble::Health && it.entity() == *entity
    })
}

/// `asked`, and every object with a symptom that hangs together with it, directly or through others.
fn connected(case: &Case, asked: Entity, symptoms: &[Symptom]) -> BTreeSet<Entity> {
    let mut near = BTreeSet::from([asked]);
    loop {
        let next: Vec<Entity> = symptoms
            .iter()
            .map(|it| &it.entity)
            .filter(|it| !near.contains(*it))
            .filter(|it| near.iter().any(|near| joined(case, near, it)))
            .cloned()
            .collect();
        if next.is_empty() {
            return near;
        }
        near.extend(next);
    }
}

/// Whether two objects hang together: a Service with what is behind it and with who calls it, a node or a claim with the
/// pods that need it.
fn joined(case: &Case, one: &Entity, other: &Entity) -> bool {
    leads_to(case, one, other) || leads_to(case, other, one)
}

fn leads_to(case: &Case, from: &Entity, to: &Entity) -> bool {
    match from.kind.as_str() {
        "Service" => {
            let Some(service) = case.service(&from.namespace, &from.name).seen() else {
                return false;
            };
            let behind = case.workloads_behind(service.it).map(|it| it.meta.entity(&it.kind));
            let pods = case.selected_by(service.it).map(|pod| case.root_of(&pod.meta, "Pod"));
            let callers = case.clients_of(&from.namespace, &from.name);
            let mut callers = callers.map(|it| it.meta.entity(&it.kind));
            behind.chain(pods).any(|it| it == *to)
                || callers.any(|it| it == *to)
                || case.unreached(to).iter().any(|it| it.service.exhibit == service.exhibit)
        }
        // A pod that waits for a node may wait for this one.
        "Node" => case.pods_of(to).any(|pod| {
            pod.spec.node_name == from.name
                || (pod.spec.node_name.is_empty() && pod.phase == "Pending")
        }),
        "Ingress" => case.ingresses().any(|it| {
            it.meta.entity("Ingress") == *from
                && to.kind == "Service"
                && it.it.routes.iter().any(|route| route.service == to.name)
        }),
        "Job" | "CronJob" => case.waits_for(to).contains(from),
        "PersistentVolumeClaim" => case.mounters(from).contains(to),
        "HorizontalPodAutoscaler" => case
            .autoscalers()
            .any(|it| it.meta.entity("HorizontalPodAutoscaler") == *from && it.target == *to),
        "APIService" => case.missed_apis().iter().any(|missed| {
            missed.api.meta.entity("APIService") == *from
                && missed.broken.iter().any(|(entity, _)| entity == to)
        }),
        _ => !case.hurts_of(from).is_empty() && case.calls_of(from).contains(to),
    }
}
