//! Rights that the API server refused a workload, as its log tells, and what grants them.
//!
//! The sentence is that of `forbiddenMessage` in
//! `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go`.

use super::Case;
use super::denials::between;
use super::words::stores::says_kubelet_forbids;
use crate::engine::symptoms::is_ready;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::access::Grant;
use evidence::fact::pod::Pod;

/// What an account may not do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// The ServiceAccount.
    pub account: Entity,
    /// `get`, `list`, ...
    pub verb: String,
    /// The kind by its plural, as `pods` or `pods/log`.
    pub resource: String,
    /// Its group; empty for the core.
    pub group: String,
    /// The namespace; none where it was asked of the whole cluster.
    pub namespace: Option<String>,
}

/// A right that an object's pods were refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The object at the top of the pod's owners.
    pub root: Entity,
    /// The right.
    pub right: Right,
    /// Where the log says so.
    pub cite: Cite,
    /// It was said once, and its pod is ready all the same or went on: the program may do without.
    pub once: bool,
}

/// What a program ends for stands among so many last lines of its log, with the frames of a trace.
const LAST: usize = 12;

impl Case {
    /// What pods that fail were refused, by the last such line of each log; and ready ones that keep saying so, or that were
    /// asked about.
    pub fn refused_rights(&self) -> Vec<Refused> {
        let mut refused: Vec<Refused> = Vec::new();
        let complaints = self.complaints();
        for log in self.logs() {
            let name = Entity::new("Pod", &log.namespace, &log.pod);
            let Some(pod) = self.pod(&name).seen() else { continue };
            let refusal =
                |text: &str| said_forbidden(text).or_else(|| forbidden_by_kubelet(text, &pod));
            let complaint_of = |right: &Right| {
                complaints.iter().find(|it| {
                    it.log.exhibit == log.exhibit && refusal(&it.line.text).as_ref() == Some(right)
                })
            };
            let root = self.root_of(&pod.meta, "Pod");
            let mut lines = log.it.lines.iter().rev().enumerate();
            let last = lines.find_map(|(after, line)| {
                let right = refusal(&line.text)?;
                Some((after, line, complaint_of(&right)?, right))
            });
            let Some((after, line, complaint, right)) = last else { continue };
            if refused.iter().any(|it| it.root == root && it.right == right) {
                continue;
            }
            let says = format!("{name} may not {} {}", right.verb, right.resource);
            refused.push(Refused {
                root,
                right,
                cite: Cite::quoting(log.exhibit, says, &line.text),
                once: complaint.count == 1
                    && if complaint.fails { after >= LAST } else { is_ready(&pod) },
            });
        }
        refused
    }

    /// Bindings that give an account something where the right is wanted; those to all accounts are not among them.
    pub fn bindings_of(&self, right: &Right) -> Vec<Seen<'_, Grant>> {
        let mut bindings: Vec<_> = self
            .grants()
            .filter(|it| is_binding_for(it.it, right) && binds(it.it, right))
            .collect();
        // What a namespace grants is more often changed than what the cluster does; of several roles the one that is about such
        // objects should allow it.
        let kind = right.resource.split('/').next().unwrap_or_default();
        let is_about = |it: &Grant| self.role_of(it).is_some_and(|role| lists(role.it, kind));
        bindings.sort_by_key(|it| (it.kind == "ClusterRoleBinding", !is_about(it.it)));
        bindings
    }

    /// Whether a role that the account holds is about the kind, or is known not to be there: who may get what it may not
    /// list was meant to do something with it.
    pub fn was_meant(&self, right: &Right) -> bool {
        self.bindings_of(right).iter().any(|it| match self.role_of(it.it) {
            Some(role) => lists(role.it, &right.resource),
            None => role_name(it.it).is_some_and(|role| self.looked(&role.kind, &role.namespace)),
        })
    }

    /// The role that a binding binds, where it was seen.
    pub fn role_of(&self, binding: &Grant) -> Option<Seen<'_, Grant>> {
        let name = role_name(binding)?;
        self.grants().find(|it| it.it.meta.entity(&it.it.kind) == name)
    }

    /// Whether every role and binding that could grant a right was seen.
    pub fn knows_grants(&self, right: &Right) -> bool {
        let namespace = right.namespace.as_deref();
        let here = |kind: &str| namespace.is_none_or(|it| self.looked(kind, it));
        here("Role")
            && here("RoleBinding")
            && self.looked("ClusterRole", "")
            && self.looked("ClusterRoleBinding", "")
    }

    /// The role that grants a right by now.
    pub fn granted(&self, right: &Right) -> Option<Seen<'_, Grant>> {
        let mut roles = self
            .grants()
            .filter(|it| is_binding_for(it.it, right))
            .filter(|it| binds(it.it, right) || binds_all(it.it, right))
            .filter_map(|it| self.role_of(it.it));
        roles.find(|role| allows(role.it, right))
    }
}

/// The role that a binding names.
pub fn role_name(binding: &Grant) -> Option<Entity> {
    let (kind, name) = binding.role.split_once('/')?;
    let namespace = if kind == "Role" { binding.meta.namespace.as_str() } else { "" };
    Some(Entity::new(kind, namespace, name))
}

fn is_binding_for(grant: &Grant, right: &Right) -> bool {
    match grant.kind.as_str() {
        "ClusterRoleBinding" => true,
        "RoleBinding" => right.namespace.as_ref() == Some(&grant.meta.namespace),
        _ => false,
    }
}

fn binds(binding: &Grant, right: &Right) -> bool {
    let Entity { namespace, name, .. } = &right.account;
    let ours = [
        format!("ServiceAccount/{namespace}/{name}"),
        format!("User/system:serviceaccount:{namespace}:{name}"),
        format!("Group/system:serviceaccounts:{namespace}"),
    ];
    binding.subjects.iter().any(|it| ours.contains(it))
}

fn binds_all(binding: &Grant, _: &Right) -> bool {
    let all = ["Group/system:serviceaccounts", "Group/system:authenticated"];
    binding.subjects.iter().any(|it| all.contains(&it.as_str()))
}

/// Whether a role's rules allow it for every object of the kind.
pub fn allows(role: &Grant, right: &Right) -> bool {
    role.rules.iter().enumerate().any(|(position, rule)| {
        let Some((verbs, resources)) = rule.split_once(' ') else { return false };
        let has = |list: &str, wanted: &str| list.split(',').any(|it| it == wanted || it == "*");
        let group = match role.groups.get(position) {
            Some(groups) => has(groups, &right.group),
            None => true,
        };
        group
            && !resources.ends_with(']')
            && has(verbs, &right.verb)
            && has(resources, &right.resource)
    })
}

/// Whether a role is about a kind.
fn lists(role: &Grant, kind: &str) -> bool {
    let mut lists = role.rules.iter().filter_map(|it| it.split_once(' '));
    lists.any(|(_, kinds)| kinds.split(['[', ',']).any(|it| it == kind))
}

/// What metrics-server lacks where a kubelet does not let it in: kubelets ask the API server whether the caller may get
/// `nodes/metrics`.
fn forbidden_by_kubelet(text: &str, pod: &Pod) -> Option<Right> {
    let account = &pod.spec.service_account;
    says_kubelet_forbids(text).then(|| Right {
        account: Entity::new("ServiceAccount", &pod.meta.namespace, account),
        verb: "get".to_owned(),
        resource: "nodes/metrics".to_owned(),
        group: String::new(),
        namespace: None,
    })
}

/// The right that a line says was refused.
pub fn said_forbidden(text: &str) -> Option<Right> {
    // Logs in JSON write quotes with a backslash before.
    let text = text.replace("\\\"", "\"");
    let (_, said) = text.split_once("is forbidden: ")?;
    let user = between(said, "User \"system:serviceaccount:", "\"")?;
    let (namespace, name) = user.split_once(':')?;
    let verb = between(said, "\" cannot ", " ")?;
    let resource = between(said, " resource \"", "\"")?;
    let group = between(said, " in API group \"", "\"")?;
    let place = said.split_once(" in the namespace \"").and_then(|(_, it)| it.split_once('"'));
    let place = place.map(|(namespace, _)| namespace.to_owned());
    if place.is_none() && !said.contains("at the cluster scope") {
        return None;
    }
    let plain = |it: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '*');
        it.len() <= 253 && it.chars().all(good)
    };
    let words = [namespace, name, verb, resource, group, place.as_deref().unwrap_or_default()];
    let right = Right {
        account: Entity::new("ServiceAccount", namespace, name),
        verb: verb.to_owned(),
        resource: resource.to_owned(),
        group: group.to_owned(),
        namespace: place.clone(),
    };
    words.iter().all(|it| plain(it)).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::{allows, said_forbidden};
    use evidence::fact::access::Grant;

    const SAID: &str = r#"Error: configmaps \"web\" is forbidden: User \"system:serviceaccount:shop:web\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"shop\""#;

    #[test]
    fn reads_what_was_refused_even_within_json() {
        let right = said_forbidden(SAID).unwrap();
        assert_eq!(right.account.to_string(), "ServiceAccount shop/web");
        assert_eq!((right.verb.as_str(), right.resource.as_str()), ("get", "configmaps"));
        assert_eq!((right.group.as_str(), right.namespace.as_deref()), ("", Some("shop")));
    }

    #[test]
    fn a_role_of_another_group_or_of_one_name_does_not_allow_it() {
        let right = said_forbidden(SAID).unwrap();
        let role = |rule: &str, group: &str| Grant {
            rules: vec![rule.to_owned()],
            groups: vec![group.to_owned()],
            ..Grant::default()
        };
        assert!(allows(&role("get,list configmaps", ""), &right));
        assert!(!allows(&role("get,list configmaps", "apps"), &right));
        assert!(!allows(&role("get configmaps[other]", ""), &right));
        assert!(!allows(&role("list configmaps", ""), &right));
    }
}
