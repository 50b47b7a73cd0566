//! Whether a workload was told, by its newest revision, to speak TLS to a Service to which it did not before, or the other
//! way round.

use super::Case;
use super::complaints::Complaint;
use super::peers::peers_in;
use super::words::said::{Said, Tls};
use crate::finding::Cite;
use evidence::fact::spec::EnvVar;
use evidence::fact::workload::Revision;

/// A variable whose scheme was changed.
#[derive(Clone, Debug)]
pub struct Rescheme<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is now.
    pub value: &'a str,
    /// The revision that changed it.
    pub cite: Cite,
}

impl Case {
    /// The variable by which a workload names whom it does not understand, where its newest revision changed nothing of it
    /// but the scheme.
    pub fn rescheme<'a>(&'a self, complaint: &Complaint<'a>) -> Option<Rescheme<'a>> {
        if !matches!(complaint.said, Said::TlsFailed { why: Tls::NotSpoken, .. }) {
            return None;
        }
        let service = self.complained_of(complaint)?;
        let (newest, before) = self.two_newest(complaint.root())?;
        let name = complaint.container.spec.name.as_str();
        if complaint.container.spec.env != env(newest.it, name) {
            return None; // A pod of before says nothing of what the newest revision changed.
        }
        for variable in env(newest.it, name) {
            let Some((scheme, rest)) = written(variable) else { continue };
            let then = env(before.it, name).iter().find(|it| it.name == variable.name);
            let Some((scheme_then, rest_then)) = then.and_then(written) else { continue };
            let value = variable.value.as_deref().unwrap_or_default();
            let names_it = peers_in(value).iter().any(|it| {
                let named = self.service_of(it, complaint.namespace());
                named.is_some_and(|it| it.exhibit == service.exhibit)
            });
            if names_it && scheme != scheme_then && rest == rest_then {
                let number = newest.number.unwrap_or_default();
                let name = variable.name.as_str();
                let says = format!(
                    "revision {number} changed {name} from {scheme_then}:// to {scheme}://"
                );
                return Some(Rescheme { name, value, cite: Cite::new(newest.exhibit, says) });
            }
        }
        None
    }
}

fn env<'a>(revision: &'a Revision, container: &str) -> &'a [EnvVar] {
    let found = revision.template.containers.iter().find(|it| it.name == container);
    found.map(|it| it.env.as_slice()).unwrap_or_default()
}

/// The scheme of an address, where it is one of HTTP's, and what follows.
fn written(variable: &EnvVar) -> Option<(&str, &str)> {
    let (scheme, rest) = variable.value.as_deref()?.split_once("://")?;
    matches!(scheme, "http" | "https").then_some((scheme, rest))
}
