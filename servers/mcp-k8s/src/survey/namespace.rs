//! Everything in one namespace that a first look needs, read at once, and then what the first look makes worth reading.

use super::reading::{Desk, Reading};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::Body;
use futures::future::{BoxFuture, join_all};
use jiff::Timestamp;

/// Kinds of a namespace that need nothing but their translation.
const PLAIN: [&Resource; 14] = [
    &reads::SERVICES,
    &reads::CLAIMS,
    &reads::DEPLOYMENTS,
    &reads::STATEFUL_SETS,
    &reads::DAEMON_SETS,
    &reads::JOBS,
    &reads::CRON_JOBS,
    &reads::AUTOSCALERS,
    &reads::QUOTAS,
    &reads::LIMIT_RANGES,
    &reads::INGRESSES,
    &reads::NETWORK_POLICIES,
    &reads::SERVICE_ACCOUNTS,
    &reads::BUDGETS,
];

/// What to read of a namespace.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The namespace.
    pub(crate) namespace: &'a str,
    /// What happened before is old.
    pub(crate) since: Timestamp,
    /// The pod that was asked about.
    pub(crate) asked: Option<&'a str>,
    /// Kinds that were read already, for all namespaces.
    pub(crate) known: &'a [Resource],
}

/// Reads the namespace. The order is fixed, so that the same cluster gives the same testimony.
pub(crate) async fn read(desk: &Desk, place: Place<'_>) -> Vec<Reading> {
    let reach = Reach::Namespace(place.namespace);
    let is_new = |resource: &Resource| !place.known.contains(resource);
    let mut reads: Vec<BoxFuture<'_, Reading>> = Vec::new();
    reads.push(Box::pin(desk.pods(reach, place.since, place.asked)));
    if is_new(&reads::EVENTS) {
        reads.push(Box::pin(desk.events(reach, place.since)));
    }
    if is_new(&reads::ENDPOINT_SLICES) {
        reads.push(Box::pin(desk.endpoints(reach)));
    }
    reads.push(Box::pin(desk.replica_sets(reach)));
    reads.push(Box::pin(desk.config_maps(reach)));
    let plain = PLAIN.into_iter().filter(|resource| is_new(resource));
    reads.extend(plain.filter_map(|resource| desk.plain(resource, reach)));
    join_all(reads).await
}

/// Which further reads the facts of the first ones make worth it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worth {
    /// A claim waits: which volumes and classes there are.
    pub(crate) storage: bool,
    /// A webhook failed: which there are.
    pub(crate) webhooks: bool,
    /// Namespaces where a StatefulSet or DaemonSet lacks pods: what its revisions are.
    pub(crate) revisions: Vec<String>,
}

/// What is worth reading after these facts.
pub(crate) fn worth<'a>(facts: impl Iterator<Item = &'a Body>) -> Worth {
    let mut worth = Worth::default();
    for fact in facts {
        match fact {
            Body::Claim(claim) if claim.phase != "Bound" => worth.storage = true,
            Body::Event(event) if event.message.contains("failed calling webhook") => {
                worth.webhooks = true;
            }
            Body::Workload(workload)
                if workload.kind != "Deployment"
                    && (workload.ready < workload.desired
                        || workload.updated < workload.desired) =>
            {
                worth.revisions.push(workload.meta.namespace.clone());
            }
            _ => {}
        }
    }
    worth.revisions.sort();
    worth.revisions.dedup();
    worth
}

/// Reads what is worth it.
pub(crate) async fn read_further(desk: &Desk, worth: &Worth) -> Vec<Reading> {
    let mut wanted: Vec<Resource> = Vec::new();
    if worth.storage {
        wanted.extend([reads::VOLUMES, reads::STORAGE_CLASSES]);
    }
    if worth.webhooks {
        wanted.extend([reads::VALIDATING_WEBHOOKS, reads::MUTATING_WEBHOOKS]);
    }
    let mut reads: Vec<BoxFuture<'_, Reading>> = Vec::new();
    reads.extend(wanted.iter().filter_map(|it| desk.plain(it, Reach::Cluster)));
    for namespace in &worth.revisions {
        reads.push(Box::pin(desk.controller_revisions(Reach::Namespace(namespace))));
    }
    join_all(reads).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::event::Event;
    use evidence::fact::meta::Meta;
    use evidence::fact::storage::Claim;
    use evidence::fact::workload::Workload;

    #[test]
    fn a_healthy_namespace_makes_nothing_more_worth_reading() {
        let facts = [
            Body::Claim(Claim { phase: "Bound".to_owned(), ..Claim::default() }),
            Body::Workload(Workload {
                kind: "StatefulSet".to_owned(),
                desired: 2,
                ready: 2,
                updated: 2,
                ..Workload::default()
            }),
        ];
        assert_eq!(worth(facts.iter()), Worth::default());
    }

    #[test]
    fn what_waits_or_fails_makes_more_worth_reading() {
        let meta = Meta { namespace: "shop".to_owned(), ..Meta::default() };
        let message = r#"Internal error occurred: failed calling webhook "x""#.to_owned();
        let facts = [
            Body::Claim(Claim { phase: "Pending".to_owned(), ..Claim::default() }),
            Body::Event(Event { message, ..Event::default() }),
            Body::Workload(Workload {
                kind: "DaemonSet".to_owned(),
                meta,
                desired: 2,
                ready: 1,
                updated: 2,
                ..Workload::default()
            }),
        ];
        let wanted = Worth { storage: true, webhooks: true, revisions: vec!["shop".to_owned()] };
        assert_eq!(worth(facts.iter()), wanted);
    }
}
