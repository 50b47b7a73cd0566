//! Whether our identity may do more than a reader needs: what a server asks before it lends its rights to others.

use crate::kubernetes::access::{ResourceRule, Rules};
use crate::kubernetes::connection::Kubernetes;
use crate::kubernetes::list::ListOptions;
use crate::kubernetes::reach::Reach;
use crate::kubernetes::reads::{
    CLUSTER_ROLE_BINDINGS, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, NODES, PODS, SECRETS,
    SERVICE_ACCOUNTS,
};
use crate::kubernetes::resource::Resource;
use futures::future::join_all;
use readonly::refusal::{Kind, Refusal};
use std::collections::BTreeSet;

/// Verbs that change nothing.
pub const READING: [&str; 3] = ["get", "list", "watch"];
/// To `get` one of these is to run a program, to reach any port, or to act as a node.
const TUNNELS: [&str; 6] =
    ["nodes/proxy", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"];
/// Namespaces whose own rights are asked for, one request each: a role for one namespace is seen nowhere else.
const MOST_NAMESPACES: usize = 100;
/// Rights that are named; who has more has an administrator's.
const MOST_NAMED: usize = 5;
/// As another user, everything that user may do.
const USERS: Resource = Resource::clusterwide("", "v1", "users", "User");

/// Asked one by one as well, as an authorizer outside RBAC decides without listing what it would allow.
const DANGERS: &[(&str, Resource, &str)] = &[
    ("create", PODS, ""),
    ("delete", PODS, ""),
    ("create", PODS, "exec"),
    ("get", PODS, "exec"),
    ("get", NODES, "proxy"),
    ("patch", NODES, ""),
    ("patch", DEPLOYMENTS, ""),
    ("update", CONFIG_MAPS, ""),
    ("create", SERVICE_ACCOUNTS, "token"),
    ("create", CLUSTER_ROLE_BINDINGS, ""),
    ("impersonate", USERS, ""),
];

/// What a server is for, as far as it bears on its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It has no need of Secrets.
    NoSecrets,
    /// It reads Secrets.
    Secrets,
}

/// Why a server does not answer with this identity.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It may do more than read, or read more than it needs.
    #[error("the identity may do more than a reader needs: {0}")]
    Overprivileged(String),
    /// Nobody told what it may do; it is asked again.
    #[error("what the identity may do could not be asked")]
    Unknown(#[source] Refusal),
}

/// Whether a server may answer others with this identity; and what it must then say with every answer.
///
/// An API server that refuses to tell is not one that is down: the first is said, the second is waited for.
///
/// # Errors
/// Where the identity may do too much, unless that is allowed, and where the API server does not answer.
pub async fn admit(
    kubernetes: &Kubernetes,
    needs: Needs,
    allow_overprivileged: bool,
) -> Result<Option<String>, Unfit> {
    let Excess { found, unchecked } = match excess(kubernetes, needs).await {
        Ok(excess) => excess,
        Err(Refusal { kind: Kind::Forbidden(_), .. }) => {
            return Ok(Some("whether this server's identity may write could not be checked: it may not ask about itself; \
                 grant it create on selfsubjectrulesreviews and selfsubjectaccessreviews".to_owned()));
        }
        Err(refusal) => return Err(Unfit::Unknown(refusal)),
    };
    if found.is_empty() {
        return Ok(unchecked);
    }
    let named = named(&found);
    match allow_overprivileged {
        true => Ok(Some(format!(
            "this server runs with --allow-overprivileged: its identity may do more than read: {named}"
        ))),
        false => Err(Unfit::Overprivileged(named)),
    }
}

/// What an identity may do and a reader need not.
#[derive(Debug)]
struct Excess {
    /// In words, sorted; empty where nothing was found.
    found: Vec<String>,
    /// Where nobody looked, in a sentence; none where all was looked at.
    unchecked: Option<String>,
}

/// Asks for all that the identity may do. A right that is found is one too many, whatever else could not be asked.
///
/// # Errors
/// Where nothing was found and the API server did not say all.
async fn excess(kubernetes: &Kubernetes, needs: Needs) -> Result<Excess, Refusal> {
    let home = kubernetes.rules(&kubernetes.cluster().namespace).await?;
    let mut found: BTreeSet<String> = beyond(&home, needs).into_iter().collect();
    if found.contains(EVERYTHING) {
        return Ok(Excess { found: concise(found), unchecked: None });
    }
    let (allowed, no_dangers) = dangers(kubernetes, needs, &home).await;
    found.extend(allowed);
    let elsewhere = elsewhere(kubernetes).await;
    found.extend(elsewhere.rules.iter().flat_map(|rules| beyond(rules, needs)));
    if let Some(refusal) = no_dangers.or(elsewhere.refused)
        && found.is_empty()
    {
        return Err(refusal);
    }
    let unchecked = elsewhere.cut.then(|| {
        format!(
            "what this server's identity may do was asked in {} namespaces; its rights in the others were not checked",
            elsewhere.rules.len() + 1
        )
    });
    Ok(Excess { found: concise(found), unchecked })
}

/// An administrator's right.
const EVERYTHING: &str = "everything";

/// What is allowed beside reading, as `patch deployments of apps`.
pub fn writing(rules: &Rules) -> Vec<String> {
    let found = rules.resource_rules.iter().filter_map(|rule| {
        let is_writing = |verb: &String| !READING.contains(&verb.as_str());
        let verbs: Vec<&str> =
            rule.verbs.iter().filter(|it| is_writing(it)).map(String::as_str).collect();
        told(rule, &verbs, |resource| !is_question(rule, resource))
    });
    concise(found.collect())
}

/// What is allowed beside reading, and what may be read that a reader has no need of.
fn beyond(rules: &Rules, needs: Needs) -> Vec<String> {
    let mut found: BTreeSet<String> = writing(rules).into_iter().collect();
    for rule in &rules.resource_rules {
        let is_reading = |verb: &String| READING.contains(&verb.as_str()) || verb == "*";
        let verbs: Vec<&str> =
            rule.verbs.iter().filter(|it| is_reading(it)).map(String::as_str).collect();
        let core = rule.api_groups.iter().any(|group| group.is_empty() || group == "*");
        found.extend(told(rule, &verbs, |resource| core && is_too_much_to_read(resource, needs)));
    }
    concise(found)
}

/// Whether to read it is to read Secrets that are not needed, or not to read at all.
fn is_too_much_to_read(resource: &str, needs: Needs) -> bool {
    let tunnels = TUNNELS.iter().any(|tunnel| {
        let (kind, part) = tunnel.split_once('/').unwrap_or((tunnel, ""));
        resource == *tunnel || resource == format!("{kind}/*") || resource == format!("*/{part}")
    });
    resource == "*" || tunnels || (resource == "secrets" && needs == Needs::NoSecrets)
}

/// A question to the API server that it keeps nothing of: every identity may ask about itself.
fn is_question(rule: &ResourceRule, resource: &str) -> bool {
    let asks = |group: &String| {
        group.starts_with("authorization.") || group.starts_with("authentication.")
    };
    resource.ends_with("reviews") && rule.api_groups.iter().all(asks)
}

/// The rule's `verbs` on those of its resources that are `wanted`, in words.
fn told(rule: &ResourceRule, verbs: &[&str], wanted: impl Fn(&str) -> bool) -> Option<String> {
    let resources = rule.resources.iter().map(String::as_str);
    let resources: Vec<&str> = resources.filter(|resource| wanted(resource)).collect();
    if verbs.is_empty() || resources.is_empty() {
        return None;
    }
    let all_groups = rule.api_groups.iter().any(|group| group == "*");
    if verbs.contains(&"*") && resources.contains(&"*") && all_groups {
        return Some(EVERYTHING.to_owned());
    }
    let groups = rule.api_groups.iter().map(String::as_str).filter(|group| !group.is_empty());
    let groups: Vec<&str> = groups.collect();
    let of = if groups.is_empty() { String::new() } else { format!(" of {}", groups.join(",")) };
    Some(format!("{} {}{of}", verbs.join(","), resources.join(",")))
}

/// Sorted; everything includes all else.
fn concise(found: BTreeSet<String>) -> Vec<String> {
    match found.contains(EVERYTHING) {
        true => vec![EVERYTHING.to_owned()],
        false => found.into_iter().collect(),
    }
}

fn named(excess: &[String]) -> String {
    let named: Vec<&str> = excess.iter().take(MOST_NAMED).map(String::as_str).collect();
    match excess.len() - named.len() {
        0 => named.join("; "),
        more => format!("{} and {more} more", named.join("; ")),
    }
}

/// The dangers that are allowed in the whole cluster by somebody who does not list them among the rules, and why not all
/// could be asked about.
async fn dangers(
    kubernetes: &Kubernetes,
    needs: Needs,
    listed: &Rules,
) -> (Vec<String>, Option<Refusal>) {
    let secrets = ["get", "list"].map(|verb| (verb, SECRETS, ""));
    let secrets = secrets.into_iter().filter(|_| needs == Needs::NoSecrets);
    let asked = DANGERS.iter().cloned().chain(secrets);
    let asked: Vec<_> =
        asked.filter(|(verb, resource, part)| !listed.allow(verb, resource, part)).collect();
    let answers = asked
        .iter()
        .map(|(verb, resource, part)| kubernetes.may(verb, resource, part, Reach::Cluster));
    let (mut allowed, mut refused) = (Vec::new(), None);
    for ((verb, resource, part), answer) in asked.iter().zip(join_all(answers).await) {
        match answer {
            Ok(access) if access.allowed && part.is_empty() => {
                allowed.push(format!("{verb} {resource}"));
            }
            Ok(access) if access.allowed => allowed.push(format!("{verb} {resource}/{part}")),
            Ok(_) => {}
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    (allowed, refused)
}

/// The rights in the other namespaces.
#[derive(Default)]
struct Elsewhere {
    rules: Vec<Rules>,
    /// There are more namespaces than were asked about.
    cut: bool,
    /// Why not all could be asked about.
    refused: Option<Refusal>,
}

/// The rights in the other namespaces, as far as these may be listed.
async fn elsewhere(kubernetes: &Kubernetes) -> Elsewhere {
    let options = ListOptions { at_most: MOST_NAMESPACES, ..ListOptions::default() };
    let mut elsewhere = Elsewhere::default();
    let listed = match kubernetes.list_metadata(&NAMESPACES, Reach::Cluster, &options).await {
        Ok(listed) => listed,
        // An identity for one namespace has its rights at home.
        Err(Refusal { kind: Kind::Forbidden(_), .. }) => return elsewhere,
        Err(refusal) => return Elsewhere { refused: Some(refusal), ..elsewhere },
    };
    elsewhere.cut = listed.walk.cut.is_some();
    let home = &kubernetes.cluster().namespace;
    let names: Vec<String> = listed.items.into_iter().filter_map(|it| it.metadata.name).collect();
    let asked = names.iter().filter(|name| *name != home).map(|name| kubernetes.rules(name));
    for answer in join_all(asked).await {
        match answer {
            Ok(rules) => elsewhere.rules.push(rules),
            Err(refusal) => elsewhere.refused = elsewhere.refused.or(Some(refusal)),
        }
    }
    elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(verbs: &[&str], group: &str, resources: &[&str]) -> Rules {
        let all = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let rule = ResourceRule {
            verbs: all(verbs),
            api_groups: vec![group.to_owned()],
            resources: all(resources),
            resource_names: Vec::new(),
        };
        Rules { incomplete: false, resource_rules: vec![rule] }
    }

    #[test]
    fn reading_and_asking_about_oneself_is_not_too_much() {
        let reader = rules(&["get", "list", "watch"], "", &["pods", "pods/log", "configmaps"]);
        let asker = rules(&["create"], "authorization.k8s.io", &["selfsubjectaccessreviews"]);
        for rules in [reader, asker] {
            assert_eq!(beyond(&rules, Needs::NoSecrets), Vec::<String>::new());
        }
    }

    #[test]
    fn a_right_to_write_is_named() {
        let writer = rules(&["get", "patch"], "apps", &["deployments"]);
        assert_eq!(beyond(&writer, Needs::Secrets), ["patch deployments of apps"]);
    }

    #[test]
    fn secrets_are_too_much_for_who_does_not_need_them() {
        let secrets = rules(&["get", "list"], "", &["configmaps", "secrets"]);
        assert_eq!(beyond(&secrets, Needs::NoSecrets), ["get,list secrets"]);
        assert_eq!(beyond(&secrets, Needs::Secrets), Vec::<String>::new());
    }

    #[test]
    fn to_get_a_tunnel_is_not_to_read() {
        for tunnel in ["pods/exec", "nodes/proxy", "pods/*", "*/proxy", "*"] {
            let found = beyond(&rules(&["get"], "", &[tunnel]), Needs::Secrets);
            assert_eq!(found, [format!("get {tunnel}")]);
        }
        assert!(beyond(&rules(&["get"], "apps", &["*"]), Needs::NoSecrets).is_empty());
    }

    #[test]
    fn an_administrator_may_do_everything() {
        let mut administrator = rules(&["*"], "*", &["*"]);
        administrator.resource_rules.extend(rules(&["patch"], "", &["nodes"]).resource_rules);
        assert_eq!(beyond(&administrator, Needs::Secrets), [EVERYTHING]);
    }
}
