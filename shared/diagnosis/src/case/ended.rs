//! Certificates of Ingresses that ended, as the controller that serves with them says itself, with the host and the time.

use super::Case;
use super::words::secret::ended;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::fact::network::Ingress;
use evidence::question::Question;
use jiff::Timestamp;

/// A Secret whose certificate ended, by a controller's own words.
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    /// The Secret.
    pub secret: Entity,
    /// The Ingress that serves its host with it.
    pub ingress: Seen<'a, Ingress>,
    /// When the certificate ended.
    pub at: Timestamp,
    /// Where the controller says so.
    pub cite: Cite,
    /// Whether nobody knows of an Ingress that serves the host with another Secret, and everybody was looked at.
    pub only: bool,
}

impl Case {
    /// Every one that a controller tells of now. Of a host that is served with more than one Secret nobody knows which is
    /// meant, and cert-manager tells of its own ones itself.
    pub fn ended(&self) -> Vec<Ended<'_>> {
        let mut all: Vec<Ended<'_>> = Vec::new();
        for (log, line, host, at) in self.told_ended() {
            let Some((ingress, secret)) = self.served_with(&host) else { continue };
            let places = &self.scope.namespaces;
            let asked = places.is_empty() || places.contains(&secret.namespace);
            let known = all.iter().any(|it| it.secret == secret);
            if !asked || known || self.is_managed(&secret) || is_read_later(log.it, line, &secret) {
                continue;
            }
            let says = format!("the certificate for {host} ended at {at}");
            let cite = Cite::quoting(log.exhibit, says, &line.text);
            let only = self.looked("Ingress", "");
            all.push(Ended { secret, ingress, at, cite, only });
        }
        all
    }

    /// Which Secrets the hosts are served with, and whether cert-manager writes them.
    pub fn ask_for_ended(&self) -> Vec<Question> {
        let all =
            |kind: &str| Question::Objects { kind: kind.to_owned(), namespace: String::new() };
        if self.told_ended().is_empty() {
            return Vec::new();
        }
        let mut questions = vec![all("Ingress")];
        questions.extend(self.ended().into_iter().map(|it| Question::Objects {
            kind: "certificates.cert-manager.io".to_owned(),
            namespace: it.secret.namespace,
        }));
        questions
    }

    /// What controllers say of hosts whose certificate had ended when they said so, the last first.
    fn told_ended(&self) -> Vec<(Seen<'_, Log>, &Line, String, Timestamp)> {
        let mut told = Vec::new();
        for log in self.logs().filter(|it| self.is_of_controller(it.it)) {
            for line in log.it.lines.iter().rev() {
                let Some(said) = line.last.filter(|it| *it >= self.window.start) else { continue };
                let Some((host, at)) = ended(&line.text) else { continue };
                if at <= said {
                    told.push((log, line, host, at));
                }
            }
        }
        told
    }
}

/// Whether ingress-nginx says later that it read the Secret anew (`syncSecret` of its `store`).
fn is_read_later(log: &Log, line: &Line, secret: &Entity) -> bool {
    let key = format!("\"{}/{}", secret.namespace, secret.name);
    log.lines.iter().any(|it| {
        let read = ["pdating secret in local store", "dding secret to local store"]
            .iter()
            .any(|sign| it.text.contains(sign));
        let names = |(_, rest): (&str, &str)| rest.starts_with(['"', '\\']);
        read && it.last > line.last && it.text.split_once(&key).is_some_and(names)
    })
}
