//! Which kind a word of the user's means: `po`, `Pods`, `deployments.apps`, `applications.argoproj.io`.

use crate::kubernetes::connection::Kubernetes;
use crate::kubernetes::discovery::{Discovery, LASTS};
use crate::kubernetes::reads::TABLE;
use crate::kubernetes::resource::Resource;
use jiff::SignedDuration;
use readonly::refusal::Refusal;
use std::collections::BTreeSet;

/// A kind that was installed in the meantime is found after this, at the latest.
const NEWLY_INSTALLED: SignedDuration = SignedDuration::from_secs(30);
/// The longest word: a DNS-1123 subdomain.
const LONGEST: usize = 253;
/// How many neighbours of an unknown word are named.
const NEAREST: usize = 3;

/// What a word of the user's means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This kind.
    Kind(Resource),
    /// Something that is never read, and why.
    Unreadable(&'static str),
    /// Nothing that is served; these are its nearest neighbours, the nearest first.
    Unknown(Vec<String>),
    /// Nothing that is served by the groups that answered; whether those that did not serve it, nobody knows.
    Unanswered {
        /// These did not answer, as `metrics.k8s.io/v1beta1`.
        groups: Vec<String>,
        /// The nearest neighbours among what is served.
        near: Vec<String>,
    },
}

impl Kubernetes {
    /// What `word` means: `po`, `pod`, `Pods`, `deployments.apps`, `Deployment.v1.apps`. The kinds of the table cost no request.
    pub async fn resolve(&self, word: &str) -> Result<Meaning, Refusal> {
        let word = Word::of(word);
        if word.name.is_empty() {
            return Ok(Meaning::Unknown(Vec::new()));
        }
        if let Some(meaning) = word.in_table() {
            return Ok(meaning);
        }
        if let Some(meaning) = word.served(self.discover_within(LASTS).await?.as_ref()) {
            return Ok(meaning);
        }
        let discovery = self.discover_within(NEWLY_INSTALLED).await?;
        if let Some(meaning) = word.served(&discovery) {
            return Ok(meaning);
        }
        let (near, groups) = (word.nearest(&discovery), word.unanswered(&discovery));
        if groups.is_empty() {
            return Ok(Meaning::Unknown(near));
        }
        Ok(Meaning::Unanswered { groups, near })
    }
}

/// A word in lower case, taken apart: `deployment`, and `apps` or `v1.apps`, or nothing.
struct Word {
    name: String,
    qualifier: String,
}

impl Word {
    fn of(word: &str) -> Self {
        let lower: String = word.trim().to_lowercase().chars().take(LONGEST).collect();
        let (name, qualifier) = lower.split_once('.').unwrap_or((&lower, ""));
        Word { name: name.to_owned(), qualifier: qualifier.to_owned() }
    }

    fn in_table(&self) -> Option<Meaning> {
        if matches!(self.name.as_str(), "secret" | "secrets") {
            return Some(Meaning::Unreadable("Secrets are never read"));
        }
        let read = TABLE.iter().find(|read| {
            let resource = &read.resource;
            (read.short_names.contains(&self.name.as_str()) || self.names(resource, ""))
                && self.version_in(resource, &[resource.version.as_ref()]).is_some()
        })?;
        Some(Meaning::Kind(read.resource.clone()))
    }

    fn served(&self, discovery: &Discovery) -> Option<Meaning> {
        for kind in &discovery.kinds {
            let named = self.names(&kind.resource, &kind.singular)
                || kind.short_names.iter().any(|short| short.eq_ignore_ascii_case(&self.name));
            if !named {
                continue;
            }
            let versions: Vec<&str> = kind.versions.iter().map(String::as_str).collect();
            let Some(version) = self.version_in(&kind.resource, &versions) else {
                continue;
            };
            if kind.resource.is_secret() {
                return Some(Meaning::Unreadable("Secrets are never read"));
            }
            if !kind.verbs.iter().any(|verb| verb == "list" || verb == "get") {
                return Some(Meaning::Unreadable("it can be neither listed nor read"));
            }
            let version = version.to_owned().into();
            return Some(Meaning::Kind(Resource { version, ..kind.resource.clone() }));
        }
        None
    }

    fn names(&self, resource: &Resource, singular: &str) -> bool {
        [resource.plural.as_ref(), resource.kind.as_ref(), singular]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&self.name))
    }

    /// The version that the qualifier asks for, the first of `versions` unless it says; none if it means another group.
    fn version_in<'a>(&self, resource: &Resource, versions: &[&'a str]) -> Option<&'a str> {
        let group = resource.group.as_ref();
        if self.is_group(group) {
            return versions.first().copied();
        }
        let (version, rest) = self.qualifier.split_once('.').unwrap_or((&self.qualifier, ""));
        versions.iter().find(|known| **known == version && rest == group).copied()
    }

    /// The groups that did not answer and could serve it.
    fn unanswered(&self, discovery: &Discovery) -> Vec<String> {
        let could = |stale: &&String| {
            let (group, version) = stale.split_once('/').unwrap_or((stale, ""));
            self.is_group(group) || self.qualifier == format!("{version}.{group}")
        };
        discovery.stale.iter().filter(could).cloned().collect()
    }

    /// Whether the qualifier leaves this group open.
    fn is_group(&self, group: &str) -> bool {
        // `argoproj` is enough for `argoproj.io`, as it is for kubectl.
        let begins = group.strip_prefix(&self.qualifier).is_some_and(|rest| rest.starts_with('.'));
        self.qualifier.is_empty() || self.qualifier == group || begins
    }

    /// The kinds with the most similar names.
    fn nearest(&self, discovery: &Discovery) -> Vec<String> {
        // A third of the letters wrong is still a slip of the pen.
        let tolerated = (self.name.chars().count() / 3).clamp(1, 4);
        let mut near = BTreeSet::new();
        for kind in &discovery.kinds {
            let resource = &kind.resource;
            let plural = resource.plural.as_ref();
            for name in [plural, &resource.kind.to_lowercase(), kind.singular.as_str()] {
                let distance = strsim::osa_distance(&self.name, name);
                if distance <= tolerated && !resource.is_secret() {
                    near.insert((distance, resource.to_string()));
                }
            }
        }
        let mut names: Vec<String> = Vec::new();
        for (_, name) in near {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.truncate(NEAREST);
        names
    }
}
