//! Certificates of cert-manager that Ingresses, Gateways and workloads use and that are not there or have run out.
//!
//! Secrets are never read; what cert-manager says of its own Certificates tells of them.

use super::Case;
use super::complaints::Complaint;
use super::containers::repository;
use super::words::said::{Said, Tls};
use super::words::tls::is_told_expired;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Log;
use evidence::fact::meta::condition;
use evidence::fact::network::Ingress;
use evidence::fact::object::Object;
use evidence::question::Question;
use jiff::{SignedDuration, Timestamp};

/// How long a first certificate may take: a challenge over HTTP is answered within minutes.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// Reasons of a Certificate's `Ready` by which there is nothing to serve with, from cert-manager's
/// `internal/controller/certificates/policies/constants.go`.
const NOTHING: [&str; 5] =
    ["DoesNotExist", "MissingData", "InvalidKeyPair", "InvalidCertificate", "Expired"];

/// A certificate that keeps clients away.
#[derive(Clone, Debug)]
pub struct Bad<'a> {
    /// The Certificate.
    pub certificate: Seen<'a, Object>,
    /// The Ingress, the Gateway or the workload that serves with it.
    pub used_by: Entity,
    /// Where that stands.
    pub user: usize,
    /// Who says so: clients of a workload.
    pub clients: Vec<Complaint<'a>>,
    /// What ails it: `has expired`, `was never issued`.
    pub ailment: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl Case {
    /// An Ingress that serves a host, and the one Secret with which all do that serve it.
    pub fn served_with(&self, host: &str) -> Option<(Seen<'_, Ingress>, Entity)> {
        let serves = |it: &Ingress| it.routes.iter().any(|route| route.host == host);
        let mut found: Option<(Seen<'_, Ingress>, Entity)> = None;
        for ingress in self.ingresses().filter(|it| serves(it.it)) {
            for name in &ingress.it.tls_secrets {
                let secret = Entity::new("Secret", &ingress.meta.namespace, name);
                if found.as_ref().is_some_and(|(_, known)| *known != secret) {
                    return None;
                }
                found = Some((ingress, secret));
            }
        }
        found
    }

    /// cert-manager's Certificates.
    pub fn certificates(&self) -> impl Iterator<Item = Seen<'_, Object>> {
        self.objects()
            .filter(|it| it.api_version.starts_with("cert-manager.io/") && it.kind == "Certificate")
    }

    /// Certificates that have expired or were never issued, for each that is used. One that cannot be renewed, but still
    /// holds, breaks nothing yet.
    pub fn bad_certificates(&self) -> Vec<Bad<'_>> {
        let mut bad = Vec::new();
        for certificate in self.certificates().filter(|it| it.meta.deleted.is_none()) {
            let Some((ailment, since)) = self.ailment(certificate.it) else { continue };
            let Some(secret) = certificate.it.fields.get("spec.secretName") else { continue };
            let namespace = &certificate.meta.namespace;
            for (used_by, user) in self.users_of_secret(namespace, secret) {
                let (ailment, clients) = (ailment.clone(), Vec::new());
                bad.push(Bad { certificate, used_by, user, ailment, since, clients });
            }
            for (used_by, user, clients) in self.refused_servers(namespace, secret) {
                let ailment = ailment.clone();
                bad.push(Bad { certificate, used_by, user, ailment, since, clients });
            }
        }
        bad
    }

    fn ailment(&self, certificate: &Object) -> Option<(String, Option<Timestamp>)> {
        let ready = condition(&certificate.conditions, "Ready");
        let until = certificate.fields.get("status.notAfter").and_then(|it| it.parse().ok());
        if let Some(until) = until {
            let until: Timestamp = until;
            return (until <= self.as_of).then(|| (format!("expired at {until}"), Some(until)));
        }
        let ready =
            ready.filter(|it| it.status == "False" && NOTHING.contains(&it.reason.as_str()))?;
        let age = certificate.meta.created.map(|created| self.as_of.duration_since(created));
        if self.rules.current_state && age.is_some_and(|age| age < GRACE) {
            return None;
        }
        Some((format!("is not there ({})", ready.reason), ready.since))
    }

    /// The Ingresses and Gateways of a namespace that serve with a Secret.
    fn users_of_secret(&self, namespace: &str, secret: &str) -> Vec<(Entity, usize)> {
        let mut users = Vec::new();
        for ingress in self.ingresses().filter(|it| it.meta.namespace == namespace) {
            if ingress.it.tls_secrets.iter().any(|it| it == secret) {
                users.push((ingress.meta.entity("Ingress"), ingress.exhibit));
            }
        }
        for gateway in self.gateways().filter(|it| it.meta.namespace == namespace) {
            let named = format!("certificateRefs[{secret}].name");
            if gateway.it.fields.keys().any(|it| it.ends_with(&named)) {
                users.push((gateway.meta.entity("Gateway"), gateway.exhibit));
            }
        }
        users
    }

    /// The workloads that mount a Secret and whose certificate clients do not accept. Without such clients nobody knows
    /// what the Secret is mounted for.
    pub(super) fn refused_servers(
        &self,
        namespace: &str,
        secret: &str,
    ) -> Vec<(Entity, usize, Vec<Complaint<'_>>)> {
        let secret = Entity::new("Secret", namespace, secret);
        let mounters = self.mounters(&secret);
        if mounters.is_empty() {
            return Vec::new();
        }
        let mut servers = Vec::new();
        for dispute in self.disputes(is_expired) {
            let Some(server) = dispute.accused.filter(|it| mounters.contains(it)) else { continue };
            let Some(seen) = self.workload(&server).seen() else { continue };
            servers.push((server, seen.exhibit, dispute.complaints));
        }
        // What its clients answered it says itself. A line that names nobody means the one of those whom it calls that may be
        // meant, where there is just one.
        let told = self.told_expired().into_iter().map(|it| (it.root().clone(), it));
        let nameless = self.complaints().into_iter().filter_map(|it| {
            if !is_expired(&it.said) || it.said.peer().is_some() {
                return None;
            }
            let called = self.calls_of(it.root()).into_iter();
            let mut called = called.filter(|it| mounters.contains(it));
            let only = called.next().filter(|_| called.next().is_none());
            only.map(|server| (server, it))
        });
        for (server, complaint) in told.chain(nameless).filter(|it| mounters.contains(&it.0)) {
            if let Some((_, _, said)) = servers.iter_mut().find(|it| it.0 == server) {
                said.push(complaint);
            } else if let Some(seen) = self.workload(&server).seen() {
                servers.push((server, seen.exhibit, vec![complaint]));
            }
        }
        servers
    }

    /// Who is told by others that its own certificate has expired.
    pub(super) fn told_expired(&self) -> Vec<Complaint<'_>> {
        // Few logs have such a line, and what all of them complain of is read several times.
        if !self.logs().any(|log| log.it.lines.iter().any(|it| is_told_expired(&it.text))) {
            return Vec::new();
        }
        let mut told = self.complaints();
        told.retain(|it| it.said == Said::OwnCertificateExpired);
        told
    }

    /// What would tell of certificates: worth asking where cert-manager is at work for an Ingress.
    pub fn ask_about_certificates(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for ingress in self.ingresses().filter(|it| !it.it.tls_secrets.is_empty()) {
            let annotations = &ingress.meta.annotations;
            if annotations.keys().any(|it| it.starts_with("cert-manager.io/")) {
                let namespace = ingress.meta.namespace.clone();
                questions.push(all("certificates.cert-manager.io", namespace));
            }
        }
        for dispute in self.disputes(is_expired) {
            let accused = dispute.accused.map(|it| it.namespace);
            questions.extend(accused.map(|it| all("certificates.cert-manager.io", it)));
        }
        for complaint in self.told_expired() {
            let namespace = complaint.root().namespace.clone();
            questions.push(all("certificates.cert-manager.io", namespace));
        }
        // Who should have issued them.
        for bad in self.bad_certificates() {
            let kind = bad.certificate.it.fields.get("spec.issuerRef.kind");
            questions.push(match kind.map(String::as_str) {
                Some("ClusterIssuer") => all("clusterissuers.cert-manager.io", String::new()),
                _ => all("issuers.cert-manager.io", bad.certificate.meta.namespace.clone()),
            });
        }
        questions
    }
}

impl Case {
    /// Whether a log is of a controller of Ingresses: others quote what they were told, too.
    pub(super) fn is_of_controller(&self, log: &Log) -> bool {
        let pod = self.pod(&Entity::new("Pod", &log.namespace, &log.pod)).seen();
        pod.is_some_and(|pod| {
            let mut containers = pod.it.spec.containers.iter();
            containers.any(|it| it.name == log.container && serves_ingresses(&it.image))
        })
    }

    /// Whether cert-manager says that a Secret has held a good certificate since.
    pub(super) fn was_issued(&self, namespace: &str, secret: &str, since: Timestamp) -> bool {
        self.certificates().any(|it| {
            let names = it.it.fields.get("spec.secretName").is_some_and(|it| it == secret);
            let ready = condition(&it.it.conditions, "Ready");
            it.meta.namespace == namespace
                && names
                && ready.is_some_and(|it| it.status == "True" && it.since >= Some(since))
        })
    }
}

/// Whether an image is that of a controller whose words about Secrets are known: Traefik, Istio, and those that call
/// themselves after what they serve, as `registry.k8s.io/ingress-nginx/controller`.
pub fn serves_ingresses(image: &str) -> bool {
    let image = repository(image);
    ["traefik", "ingress", "istio"].iter().any(|it| image.contains(it))
}

fn is_expired(said: &Said) -> bool {
    matches!(said, Said::TlsFailed { why: Tls::Expired, .. })
}

fn all(kind: &str, namespace: String) -> Question {
    Question::Objects { kind: kind.to_owned(), namespace }
}

/// Cites what cert-manager says of a certificate that is bad.
pub fn cite(bad: &Bad<'_>) -> Cite {
    cite_ready(bad.certificate, &bad.ailment)
}

/// Cites what cert-manager says of a certificate: `what` comes after its name.
pub fn cite_ready(certificate: Seen<'_, Object>, what: &str) -> Cite {
    let entity = certificate.meta.entity("Certificate");
    let said = condition(&certificate.it.conditions, "Ready").map(|it| it.message.as_str());
    Cite::quoting(certificate.exhibit, format!("{entity} {what}"), said.unwrap_or_default())
}
