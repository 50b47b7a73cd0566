//! What a survey writes down: facts with their sources, where it looked, and one gap for what failed in one way.

use super::reading::{Reading, Trouble};
use crate::server::NAME;
use clients::kubernetes::rbac;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use evidence::fact::{Body, Fact};
use evidence::testimony::{Gap, Look, Testimony};
use mcp::failure::{Code, Failure};
use std::collections::BTreeMap;

/// What a survey has written down so far.
#[derive(Default)]
pub(crate) struct Record {
    /// Facts, looks and sources.
    pub(crate) testimony: Testimony,
    failed: Vec<(String, Resource, Trouble)>,
    answered: bool,
}

impl Record {
    /// Writes down all that a read brought.
    pub(crate) fn add(&mut self, reading: Reading) {
        let namespace = reading.namespace.clone();
        self.add_looked(reading, [namespace]);
    }

    /// Writes down what a read brought that counts as having looked in these namespaces.
    pub(crate) fn add_looked(
        &mut self,
        reading: Reading,
        namespaces: impl IntoIterator<Item = String>,
    ) {
        self.answered |= reading.source.is_some();
        let complete = reading.trouble.is_none();
        for namespace in namespaces.into_iter().filter(|_| reading.is_look) {
            let kind = reading.resource.kind.to_string();
            self.testimony.looks.push(Look { kind, namespace, complete });
        }
        if let Some(trouble) = reading.trouble {
            self.failed.push((reading.namespace, reading.resource, trouble));
        }
        if let Some(source) = reading.source {
            self.testimony.sources.push(source);
            let position = self.testimony.sources.len() - 1;
            let facts = reading.bodies.into_iter().map(|body| Fact { source: position, body });
            self.testimony.facts.extend(facts);
        }
    }

    /// Notes that something was read that is no list.
    pub(crate) fn seen(&mut self) {
        self.answered = true;
    }

    /// Writes down a look that is no list of one kind.
    pub(crate) fn look(&mut self, look: Look) {
        self.testimony.looks.push(look);
    }

    /// Writes down something that was not looked at, for a reason of its own.
    pub(crate) fn gap(&mut self, what: String, why: String, remedy: String) {
        self.testimony.gaps.push(Gap { server: NAME.to_owned(), what, why, remedy });
    }

    /// What was seen so far.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.testimony.facts.iter().map(|fact| &fact.body)
    }

    /// What was denied, as `shop: list pods (403)`.
    pub(crate) fn denied(&self) -> Vec<String> {
        let denied = self.failed.iter().filter(|(_, _, trouble)| trouble.code == Code::Forbidden);
        let each = denied.map(|(namespace, resource, _)| {
            let place = if namespace.is_empty() { "cluster" } else { namespace };
            format!("{place}: list {resource} (403)")
        });
        each.collect()
    }

    /// Why what was seen is not all there is, what was denied left out.
    pub(crate) fn incomplete(&self) -> Option<String> {
        let failed = self.failed.iter().filter(|(_, _, trouble)| trouble.code != Code::Forbidden);
        let failed = failed.map(|(_, resource, trouble)| format!("{resource}: {}", trouble.why));
        let gaps = self.testimony.gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.why));
        let all: Vec<String> = failed.chain(gaps).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Why nothing at all could be read; none where something could.
    pub(crate) fn failure(&self) -> Option<Failure> {
        if self.answered {
            return None;
        }
        // What is said of pods is understood best.
        let of_pods = self.failed.iter().find(|(_, resource, _)| *resource == reads::PODS);
        let (_, _, trouble) = of_pods.or(self.failed.first())?;
        let hint = match trouble.code {
            Code::Forbidden => "`inquest rbac k8s` prints the rights that are needed".to_owned(),
            Code::Unauthorized => "renew the credentials of the kubeconfig".to_owned(),
            _ => "`inquest doctor` shows what is reachable".to_owned(),
        };
        let retryable = matches!(trouble.code, Code::Unreachable | Code::Timeout | Code::Throttled);
        Some(Failure { code: trouble.code, message: trouble.why.clone(), retryable, hint })
    }

    /// The testimony. What failed in the same way in the same place is one gap.
    pub(crate) fn into_testimony(mut self) -> Testimony {
        let mut alike: BTreeMap<(String, String), Vec<(Resource, Trouble)>> = BTreeMap::new();
        for (namespace, resource, trouble) in std::mem::take(&mut self.failed) {
            let way = match trouble.code {
                // The server's sentence names the kind, so that it differs for each.
                Code::Forbidden => "403".to_owned(),
                code => format!("{code} {}", trouble.why),
            };
            alike.entry((namespace, way)).or_default().push((resource, trouble));
        }
        for ((namespace, _), failed) in alike {
            self.testimony.gaps.extend(gap_of(&namespace, &failed));
        }
        self.testimony.gaps.sort();
        self.testimony.gaps.dedup();
        self.testimony.looks = merged(std::mem::take(&mut self.testimony.looks));
        self.testimony
    }
}

/// One look for each place: complete where one of them was.
fn merged(mut looks: Vec<Look>) -> Vec<Look> {
    looks.sort();
    // Of two at the same place the incomplete one comes first.
    looks.dedup_by(|later, earlier| {
        let same = later.kind == earlier.kind && later.namespace == earlier.namespace;
        earlier.complete |= same && later.complete;
        same
    });
    looks
}

fn gap_of(namespace: &str, failed: &[(Resource, Trouble)]) -> Option<Gap> {
    let (_, trouble) = failed.first()?;
    let kinds: Vec<String> =
        failed.iter().map(|(resource, _)| resource.plural.to_string()).collect();
    let place = match namespace {
        "" => "of the whole cluster".to_owned(),
        namespace => format!("in namespace {namespace}"),
    };
    let remedy = match trouble.code {
        Code::Forbidden => {
            let role = if namespace.is_empty() { "ClusterRole" } else { "Role" };
            let rules: Vec<String> = failed.iter().map(|(it, _)| rbac::rule_for(it)).collect();
            format!("add to a {role} of this identity: {}", rules.join(", "))
        }
        Code::Unauthorized => "renew the credentials of the kubeconfig".to_owned(),
        Code::TooLarge => "narrow the question to one workload".to_owned(),
        _ => "ask again; `inquest doctor` shows what is reachable".to_owned(),
    };
    Some(Gap {
        server: NAME.to_owned(),
        what: format!("{} {place}", kinds.join(", ")),
        why: trouble.why.clone(),
        remedy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::reach::Reach;
    use clients::kubernetes::reads::{NODES, PODS, SERVICES};

    fn denied(resource: &Resource, reach: Reach<'_>) -> Reading {
        let why = format!("{resource} is forbidden");
        let trouble = Some(Trouble { code: Code::Forbidden, why });
        Reading { trouble, ..Reading::of(resource, reach) }
    }

    #[test]
    fn what_is_denied_in_one_place_is_one_gap_with_the_rights_that_lack() {
        let mut record = Record::default();
        record.add(denied(&PODS, Reach::Namespace("shop")));
        record.add(denied(&SERVICES, Reach::Namespace("shop")));
        record.add(denied(&NODES, Reach::Cluster));
        let gaps = record.into_testimony().gaps;
        assert_eq!(gaps.len(), 2);
        assert_eq!(gaps[0].what, "nodes of the whole cluster");
        assert_eq!(gaps[1].what, "pods, services in namespace shop");
        assert!(gaps[1].remedy.contains("resources: [services]"), "{}", gaps[1].remedy);
    }

    #[test]
    fn a_denied_list_is_an_incomplete_look_and_never_an_empty_one() {
        let mut record = Record::default();
        record.add(denied(&PODS, Reach::Namespace("shop")));
        let look = Look { kind: "Pod".to_owned(), namespace: "shop".to_owned(), complete: false };
        assert_eq!(record.into_testimony().looks, [look]);
    }

    #[test]
    fn where_nothing_was_answered_the_survey_fails() {
        let mut record = Record::default();
        record.add(denied(&PODS, Reach::Cluster));
        assert_eq!(record.failure().map(|failure| failure.code), Some(Code::Forbidden));
    }
}
