//! Admission webhooks: where they are configured, and which are asked about new pods.

use super::Case;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::policy::{Webhook, Webhooks};

impl Case {
    /// The configuration that has the webhook of this name at this Service, where it is known which. Two programs may
    /// call their webhooks alike.
    pub fn configuration_of(
        &self,
        hook: &str,
        service: Option<&Entity>,
    ) -> Option<Seen<'_, Webhooks>> {
        let is_it =
            |it: &Webhook| it.name == hook && (service.is_none() || it.service.as_ref() == service);
        self.webhooks().find(|it| it.it.hooks.iter().any(is_it))
    }

    /// The mutating webhooks that are asked about new pods of a namespace, with their configurations.
    pub fn mutating_hooks(&self, namespace: &str) -> Vec<(Seen<'_, Webhooks>, &Webhook)> {
        let labels =
            self.namespaces().find(|it| it.meta.name == namespace).map(|it| &it.it.meta.labels);
        let mut hooks = Vec::new();
        for webhooks in self.webhooks().filter(|it| it.kind == "MutatingWebhookConfiguration") {
            for hook in &webhooks.it.hooks {
                let here = labels.is_none_or(|labels| hook.namespaces.matches(labels));
                if here && is_asked_about_pods(hook) {
                    hooks.push((webhooks, hook));
                }
            }
        }
        hooks
    }
}

/// A rule reads `CREATE,UPDATE pods,services`.
fn is_asked_about_pods(hook: &Webhook) -> bool {
    hook.rules.iter().any(|rule| {
        let (operations, resources) = rule.split_once(' ').unwrap_or(("", rule));
        let makes = operations.split(',').any(|it| matches!(it, "CREATE" | "*"));
        makes && resources.split(',').any(|it| matches!(it, "pods" | "*" | "*/*"))
    })
}
