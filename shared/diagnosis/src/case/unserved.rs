//! Ingresses that are not served with their certificate, as their controller's log says: the Secret is not there, or what
//! it holds is of no use.

use super::Case;
use super::words::secret;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::event::Log;
use evidence::fact::network::Ingress;
use std::collections::BTreeSet;

/// A Secret that an Ingress names for TLS and that its controller does not serve with.
#[derive(Clone, Debug)]
pub struct Unserved<'a> {
    /// The Ingress.
    pub ingress: Seen<'a, Ingress>,
    /// The name of the Secret.
    pub secret: String,
    /// Why not.
    pub lack: Lack,
    /// Where its controller says so.
    pub cites: Vec<Cite>,
}

/// Why a Secret does not serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is not there.
    Absent,
    /// It is there, and this is wrong with what it holds.
    Unfit(&'static str),
    /// One or the other: the controller does not say which.
    Either,
}

impl Unserved<'_> {
    /// What its Secret lacks, in a few words: `does not exist`.
    pub fn words(&self) -> String {
        match self.lack {
            Lack::Absent => "does not exist".to_owned(),
            Lack::Unfit(why) => format!("is of no use: {why}"),
            Lack::Either => "does not exist, or holds no certificate that can be used".to_owned(),
        }
    }
}

impl Case {
    /// Every one whose controller says so now. It counts only while the Ingress still names the Secret, and until
    /// cert-manager says that it has put it there.
    pub fn unserved(&self) -> Vec<Unserved<'_>> {
        let mut all: Vec<Unserved<'_>> = Vec::new();
        for log in self.logs().filter(|it| self.is_of_controller(it.it)) {
            for line in log.it.lines.iter().rev() {
                let Some(at) = line.last.filter(|it| *it >= self.window.start) else { continue };
                let Some((namespace, secret)) = secret::missing(&line.text) else { continue };
                if self.was_issued(&namespace, &secret, at) {
                    continue;
                }
                let ingress = self.ingresses().find(|it| {
                    it.meta.namespace == namespace && it.it.tls_secrets.contains(&secret)
                });
                let Some(ingress) = ingress else { continue };
                if all.iter().any(|it| it.ingress.exhibit == ingress.exhibit) {
                    continue;
                }
                let named = format!("Secret {namespace}/{secret}");
                let (lack, behind) = lack(log, &line.text, &namespace, &secret);
                let says = match lack {
                    Lack::Absent => format!("{named} does not exist"),
                    _ => format!("it has no certificate of {named}"),
                };
                let mut cites = vec![Cite::quoting(log.exhibit, says, &line.text)];
                cites.extend(behind);
                all.push(Unserved { ingress, secret, lack, cites });
            }
        }
        all
    }
}

/// What a controller says beside that it has no certificate of a Secret. What is wrong with a pair it says without the
/// Secret's name: that counts where it has no certificate of one Secret alone.
fn lack(log: Seen<'_, Log>, text: &str, namespace: &str, name: &str) -> (Lack, Option<Cite>) {
    let mut lines = log.it.lines.iter().rev();
    if !secret::says_unusable(text)
        || lines.any(|it| secret::says_absent(&it.text, namespace, name))
    {
        return (Lack::Absent, None);
    }
    let missing: BTreeSet<_> =
        log.it.lines.iter().filter_map(|it| secret::missing(&it.text)).collect();
    let mut unfit = log.it.lines.iter().rev().filter_map(|it| Some((it, secret::unfit(&it.text)?)));
    match unfit.next().filter(|_| missing.len() == 1) {
        Some((line, why)) => {
            let says = format!("a Secret that it read is of no use: {why}");
            (Lack::Unfit(why), Some(Cite::quoting(log.exhibit, says, &line.text)))
        }
        None => (Lack::Either, None),
    }
}
