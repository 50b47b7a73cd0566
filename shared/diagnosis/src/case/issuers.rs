//! Tokens of an issuer that those who are shown them do not expect, as their logs tell, and what was changed on one side.
//!
//! The sentences are those of `oidc/verify.go` and `oidc/oidc.go` of go-oidc, and of Keycloak's `TokenVerifier.java`.

use super::Case;
use super::containers::Running;
use super::peers::peers_in;
use super::retuned::{Retuned, Settings};
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Log;
use evidence::fact::network::Service;
use evidence::fact::workload::Workload;
use jiff::Timestamp;

/// How often it must have been said: once it is a token of somebody who came from elsewhere.
const REPEATED: u32 = 2;

/// What stands before the issuer that is expected, between both, and after the other.
const FORMS: [(&str, &str, &str); 4] = [
    ("id token issued by a different provider, expected \"", "\" got \"", "\""),
    ("did not match the issuer returned by provider, expected \"", "\" got \"", "\""),
    (
        "issuer URL provided to client (\"",
        "\") did not match the issuer URL returned by provider (\"",
        "\")",
    ),
    ("Invalid token issuer. Expected '", "', but was '", "'"),
];

/// Which side was changed, so that the two do not agree any more.
#[derive(Clone, Debug)]
pub enum Side<'a> {
    /// The issuer was started with other settings.
    Settings(Retuned<'a>),
    /// The issuer has a new template.
    Issuer,
    /// Who expects another one has a new template.
    Receiver,
}

/// Tokens that are refused for their issuer.
#[derive(Clone, Debug)]
pub struct Misissued<'a> {
    /// Who refuses them.
    pub container: Running<'a>,
    /// Who issues them.
    pub issuer: Entity,
    /// What was changed.
    pub side: Side<'a>,
    /// Since when they are refused, as far as the log reaches back.
    pub since: Option<Timestamp>,
    /// Where the log says so.
    pub cite: Cite,
}

impl Case {
    /// Programs that refuse again and again, until now, the tokens of an issuer of this cluster for its name, since one of
    /// the two was changed. Where none was, or both, nobody can tell who is wrong.
    pub fn misissued(&self) -> Vec<Misissued<'_>> {
        let mut found: Vec<Misissued<'_>> = Vec::new();
        for container in self.containers().filter(|it| !it.spec.init) {
            if found.iter().any(|it| it.container.root == container.root) {
                continue;
            }
            let log = self.log_now(&container).or_else(|| self.words_of(&container));
            found.extend(log.and_then(|log| self.misissued_in(container, log)));
        }
        found
    }

    fn misissued_in<'a>(
        &'a self,
        container: Running<'a>,
        log: Seen<'a, Log>,
    ) -> Option<Misissued<'a>> {
        let lines = || log.it.lines.iter().filter(|it| said(&it.text).is_some());
        let count: u32 = lines().map(|it| it.count.max(1)).sum();
        let last = lines().next_back().filter(|it| count >= REPEATED && self.is_said_now(it))?;
        let since = lines().filter_map(|it| it.first.or(it.last)).min();
        let (expected, got) = said(&last.text)?;
        let from = &container.pod.it.meta.namespace;
        let issuer = self.led_to(&got, from).or_else(|| self.led_to(&expected, from))?;
        let issuer = issuer.it.meta.entity(&issuer.it.kind);
        if issuer == *container.root {
            return None;
        }
        let settings = |root: &Entity| self.settings_of(root, since);
        let is_new = |root: &Entity| self.is_made_otherwise(root, since);
        let side = match (settings(&issuer), settings(container.root)) {
            // Whoever starts it with them changes its template, too.
            (Settings::Retuned(retuned), Settings::Same) if !is_new(container.root) => {
                Side::Settings(retuned)
            }
            (Settings::Same, Settings::Same) => match (is_new(&issuer), is_new(container.root)) {
                (true, false) => Side::Issuer,
                (false, true) => Side::Receiver,
                _ => return None,
            },
            _ => return None,
        };
        let pod = container.pod.meta.entity("Pod");
        let says = format!("{pod} expects another issuer of tokens, {count} times");
        let cite = Cite::quoting(log.exhibit, says, &last.text);
        Some(Misissued { container, issuer, side, since, cite })
    }

    /// Whether a workload was made lately, or has another template since lately, and that before a moment.
    fn is_made_otherwise(&self, root: &Entity, before: Option<Timestamp>) -> bool {
        let Some(workload) = self.workload(root).seen() else { return false };
        let made = workload.it.meta.created.filter(|it| self.is_news(Some(*it)));
        let turned = self.news_of_template(root, workload.it).map(|it| it.at);
        let in_time = |at: Timestamp| before.is_none_or(|before| at <= before);
        made.is_some_and(in_time) || turned.is_some_and(in_time)
    }

    /// The one workload to which an address leads, by an Ingress or as a Service.
    fn led_to(&self, url: &str, from: &str) -> Option<Seen<'_, Workload>> {
        let peers = peers_in(url);
        let peer = peers.first()?;
        let routed = self.ingresses().flat_map(|ingress| {
            let routes = ingress.it.routes.iter().filter(|it| it.host == peer.host);
            let namespace = ingress.it.meta.namespace.as_str();
            routes.filter_map(move |it| self.service(namespace, &it.service).seen())
        });
        let named = self.service_of(peer, from);
        let services: Vec<Seen<'_, Service>> = routed.chain(named).collect();
        let mut behind = services.iter().flat_map(|it| self.workloads_behind(it.it));
        let first = behind.next()?;
        behind.all(|it| it.exhibit == first.exhibit).then_some(first)
    }
}

/// The issuer that a line says is expected, and the one that it says came.
fn said(text: &str) -> Option<(String, String)> {
    // Logs in JSON write quotes with a backslash before.
    let text = text.replace("\\\"", "\"");
    FORMS.iter().find_map(|(before, between, after)| {
        let (_, rest) = text.split_once(before)?;
        let (expected, rest) = rest.split_once(between)?;
        let (got, _) = rest.split_once(after)?;
        let url = |it: &str| it.starts_with("http://") || it.starts_with("https://");
        let differ = url(expected) && url(got) && expected != got;
        differ.then(|| (expected.to_owned(), got.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn reads_which_issuer_was_expected_and_which_came() {
        for text in [
            r#"oidc: id token issued by a different provider, expected "https://id/a" got "http://id/a""#,
            r#"{"msg":"oidc: issuer did not match the issuer returned by provider, expected \"https://id/a\" got \"http://id/a\""}"#,
            r#"oidc: issuer URL provided to client ("https://id/a") did not match the issuer URL returned by provider ("http://id/a")"#,
            "Invalid token issuer. Expected 'https://id/a', but was 'http://id/a'",
        ] {
            let (expected, got) = said(text).unwrap_or_default();
            assert_eq!(
                (expected.as_str(), got.as_str()),
                ("https://id/a", "http://id/a"),
                "{text}"
            );
        }
        assert!(said("oidc: token is expired").is_none());
    }
}
