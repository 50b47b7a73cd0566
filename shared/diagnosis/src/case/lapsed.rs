//! Certificates of Ingresses that have run out without cert-manager: who comes to the door tells its controller so, by the
//! alert of TLS, and Secrets are never read.

use super::Case;
use super::complaints::Complaint;
use super::containers::repository;
use super::words::tls::is_to_upstream;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::network::Ingress;
use evidence::question::Question;

/// A Secret that clients of a door say has expired.
#[derive(Clone, Debug)]
pub struct Lapsed<'a> {
    /// The Secret.
    pub secret: Entity,
    /// Those that serve with it.
    pub ingresses: Vec<Seen<'a, Ingress>>,
    /// What the controller was told.
    pub complaint: Complaint<'a>,
    /// Whether no other certificate can be meant: that of every Ingress is known, and there is no other.
    pub only: bool,
}

impl Case {
    /// The one that is meant: the only one, or the only one of those that were asked about.
    pub fn lapsed(&self) -> Option<Lapsed<'_>> {
        let complaint = self.told_at_a_door()?;
        let all: Vec<Seen<'_, Ingress>> = self.ingresses().collect();
        let every = self.secrets_of(&all);
        let asked = |it: &Ingress| {
            let places = &self.scope.namespaces;
            places.is_empty() || places.contains(&it.meta.namespace)
        };
        let here: Vec<Seen<'_, Ingress>> = all.into_iter().filter(|it| asked(it.it)).collect();
        let secrets = self.secrets_of(&here);
        let [secret] = secrets.as_slice() else { return None };
        let serves = |it: &Seen<'_, Ingress>| {
            it.meta.namespace == secret.namespace && it.it.tls_secrets.contains(&secret.name)
        };
        Some(Lapsed {
            secret: secret.clone(),
            ingresses: here.into_iter().filter(serves).collect(),
            complaint,
            only: every.len() == 1 && self.looked("Ingress", ""),
        })
    }

    /// Whose certificates a door serves.
    pub fn ask_for_lapsed(&self) -> Option<Question> {
        self.told_at_a_door()?;
        Some(Question::Objects { kind: "Ingress".to_owned(), namespace: String::new() })
    }

    /// What a controller of Ingresses was told by who came to it, not by those behind it. Istio's image is also that of the
    /// proxies beside programs, who come to each other.
    fn told_at_a_door(&self) -> Option<Complaint<'_>> {
        let mut told = self.told_expired().into_iter();
        told.find(|it| {
            self.is_of_controller(it.log.it)
                && !repository(&it.container.spec.image).contains("istio")
                && !is_to_upstream(&it.line.text)
        })
    }

    /// The Secrets that Ingresses serve with, each once, but for those of cert-manager: it tells of them itself.
    fn secrets_of(&self, ingresses: &[Seen<'_, Ingress>]) -> Vec<Entity> {
        let mut secrets: Vec<Entity> = Vec::new();
        for ingress in ingresses {
            let named = ingress.it.tls_secrets.iter();
            secrets.extend(named.map(|it| Entity::new("Secret", &ingress.meta.namespace, it)));
        }
        secrets.sort();
        secrets.dedup();
        secrets.retain(|it| !self.is_managed(it));
        secrets
    }

    /// Whether cert-manager writes a Secret.
    pub(super) fn is_managed(&self, secret: &Entity) -> bool {
        self.certificates().any(|it| {
            let written = it.it.fields.get("spec.secretName");
            it.meta.namespace == secret.namespace && written == Some(&secret.name)
        })
    }
}
