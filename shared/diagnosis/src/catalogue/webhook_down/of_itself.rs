//! A webhook that must agree to its own pods: once they are all gone, none of them can be made again.

use crate::case::Case;
use crate::case::denials::{Denial, between};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::policy::{Webhook, Webhooks};
use evidence::fact::workload::Workload;

/// A configuration that asks a webhook about the pods that should answer for it.
pub(super) struct OfItself<'a> {
    /// The workload behind the webhook's Service, which has nobody ready and is refused pods by the webhook.
    pub(super) workload: Entity,
    /// The configuration, where it was seen and asks about that namespace.
    pub(super) configuration: Option<Seen<'a, Webhooks>>,
    /// Where that was seen.
    pub(super) cites: Vec<Cite>,
}

/// Whether a webhook at a Service keeps all pods behind that from being made.
pub(super) fn find<'a>(case: &'a Case, hook: &str, service: &Entity) -> Option<OfItself<'a>> {
    let seen = case.service(&service.namespace, &service.name).seen()?;
    let mut behind = case.workloads_behind(seen.it);
    let workload: Seen<'_, Workload> = behind.next().filter(|_| behind.next().is_none())?;
    let entity = workload.meta.entity(&workload.kind);
    let denials = case.denials();
    let refused = |it: &&Denial| {
        let by = between(&it.said, "failed calling webhook \"", "\"");
        it.root == entity && by == Some(hook)
    };
    let denial = denials.iter().find(refused).filter(|_| workload.ready == 0)?;
    let mut cites = denial.cites.clone();
    let configuration = case.configuration_of(hook, Some(service));
    let asks = |it: &Webhook| {
        let home = case.namespaces().find(|it| it.meta.name == service.namespace);
        // The API server puts this label on every namespace.
        let mut labels = home.map(|it| it.it.meta.labels.clone()).unwrap_or_default();
        labels.insert("kubernetes.io/metadata.name".to_owned(), service.namespace.clone());
        it.name == hook && it.fails_closed && it.namespaces.matches(&labels)
    };
    let configuration = configuration.filter(|it| it.it.hooks.iter().any(asks));
    if let Some(seen) = configuration {
        let name = seen.meta.entity(&seen.kind);
        let says = format!("{name} asks {hook} about pods of namespace {}", service.namespace);
        cites.push(Cite::new(seen.exhibit, says));
    }
    Some(OfItself { workload: entity, configuration, cites })
}
