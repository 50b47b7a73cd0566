//! Certificates that were renewed, and that servers which read them once do not show yet.

use super::Case;
use super::complaints::Complaint;
use super::containers::Running;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::meta::condition;
use evidence::fact::object::Object;
use evidence::fact::pod::State;
use jiff::Timestamp;

/// A server that still shows the certificate of before.
#[derive(Clone, Debug)]
pub struct Outlived<'a> {
    /// The workload that serves.
    pub server: Entity,
    /// One of its containers, which has run since before the renewal.
    pub container: Running<'a>,
    /// Since when it runs.
    pub started: Timestamp,
    /// It mounts no other Secret from which it could have a certificate.
    pub only: bool,
    /// cert-manager's Certificate.
    pub certificate: Seen<'a, Object>,
    /// From when the new one holds.
    pub renewed: Timestamp,
    /// Until when the new one holds.
    pub until: Timestamp,
    /// Who says that the one that is shown has expired: its clients, or itself.
    pub complaints: Vec<Complaint<'a>>,
}

impl Case {
    /// Servers of which it is said now that their certificate has expired, although the Certificate behind the one Secret
    /// that they can have it from holds, and was renewed after they had started.
    pub fn outlived_certificates(&self) -> Vec<Outlived<'_>> {
        let mut outlived = Vec::new();
        for certificate in self.certificates().filter(|it| it.meta.deleted.is_none()) {
            let time = |field: &str| -> Option<Timestamp> {
                certificate.it.fields.get(field).and_then(|it| it.parse().ok())
            };
            let ready = condition(&certificate.it.conditions, "Ready");
            let (Some(renewed), Some(until), Some(secret)) = (
                time("status.notBefore"),
                time("status.notAfter"),
                certificate.it.fields.get("spec.secretName"),
            ) else {
                continue;
            };
            if until <= self.as_of || ready.is_none_or(|it| it.status != "True") {
                continue;
            }
            let namespace = &certificate.meta.namespace;
            for (server, _, complaints) in self.refused_servers(namespace, secret) {
                let Some((container, started)) = self.started_before(&server, secret, renewed)
                else {
                    continue;
                };
                if self.has_other_certificate(&container, secret) {
                    continue;
                }
                outlived.push(Outlived {
                    server,
                    only: secrets(&container).all(|it| it == secret),
                    container,
                    started,
                    certificate,
                    renewed,
                    until,
                    complaints,
                });
            }
        }
        outlived
    }

    /// A container of a workload that mounts a Secret and has run since before a moment; none where one has started since.
    fn started_before(
        &self,
        server: &Entity,
        secret: &str,
        moment: Timestamp,
    ) -> Option<(Running<'_>, Timestamp)> {
        let mut found = None;
        for container in self.all_containers().filter(|it| it.root == server && !it.spec.init) {
            if !secrets(&container).any(|it| it == secret) {
                continue;
            }
            let Some(State::Running { since: Some(started) }) = container.status.state else {
                continue;
            };
            if started >= moment {
                return None;
            }
            found = found.or(Some((container, started)));
        }
        found
    }

    /// Whether a container mounts the Secret of another Certificate, too: then nobody knows which one it shows.
    fn has_other_certificate(&self, container: &Running<'_>, secret: &str) -> bool {
        let namespace = &container.pod.meta.namespace;
        self.certificates().any(|it| {
            let named = it.it.fields.get("spec.secretName").filter(|it| *it != secret);
            it.meta.namespace == *namespace
                && named.is_some_and(|named| secrets(container).any(|it| it == named))
        })
    }
}

/// The Secrets that a container mounts.
fn secrets<'a>(container: &Running<'a>) -> impl Iterator<Item = &'a str> {
    let mounted = container.mounted().filter_map(|it| it.volume).map(|it| &it.object);
    mounted.filter(|it| it.kind == "Secret").map(|it| it.name.as_str())
}
