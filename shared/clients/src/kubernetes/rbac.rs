//! The rights that the reads need, as RBAC objects: made from the same table that the transport enforces.

use crate::kubernetes::reads::{PATHS, Read, SUBRESOURCES, TABLE};
use crate::kubernetes::resource::Resource;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What may be done with what is read. A server over HTTP keeps lists up to date by watching them; without `watch` it lists anew.
const VERBS: &[&str] = &["get", "list", "watch"];

/// Custom kinds that are worth reading where a cluster has them, by their group.
pub const CUSTOM: &[(&str, &str)] = &[
    ("argoproj.io", "applications, applicationsets, appprojects, rollouts"),
    ("autoscaling.k8s.io", "verticalpodautoscalers"),
    ("cert-manager.io", "certificates, certificaterequests, issuers, clusterissuers"),
    (
        "chaos-mesh.org",
        "dnschaos, httpchaos, iochaos, jvmchaos, kernelchaos, networkchaos, podchaos, schedules, stresschaos, timechaos, workflows",
    ),
    ("cilium.io", "ciliumclusterwidenetworkpolicies, ciliumnetworkpolicies"),
    ("crd.projectcalico.org", "globalnetworkpolicies, ippools, networkpolicies"),
    ("external-secrets.io", "externalsecrets, secretstores, clustersecretstores"),
    (
        "gateway.networking.k8s.io",
        "gatewayclasses, gateways, grpcroutes, httproutes, referencegrants",
    ),
    ("helm.toolkit.fluxcd.io", "helmreleases"),
    ("karpenter.sh", "nodeclaims, nodepools"),
    ("keda.sh", "scaledjobs, scaledobjects"),
    ("kustomize.toolkit.fluxcd.io", "kustomizations"),
    ("monitoring.coreos.com", "podmonitors, prometheusrules, servicemonitors"),
    (
        "networking.istio.io",
        "destinationrules, gateways, serviceentries, sidecars, virtualservices",
    ),
    (
        "policy.networking.k8s.io",
        "adminnetworkpolicies, baselineadminnetworkpolicies, clusternetworkpolicies",
    ),
    ("security.istio.io", "authorizationpolicies, peerauthentications, requestauthentications"),
    ("source.toolkit.fluxcd.io", "gitrepositories, helmrepositories, ocirepositories"),
    (
        "terraform.appvia.io",
        "cloudresources, configurations, plans, policies, providers, revisions",
    ),
];

/// One rule of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The API group; none for paths.
    pub group: Option<String>,
    /// Plurals, `pods/log` among them, or paths, each with what it is read for.
    pub targets: Vec<(String, &'static str)>,
    /// What may be done.
    pub verbs: &'static [&'static str],
}

/// The rules for the whole cluster.
pub fn cluster_rules() -> Vec<Rule> {
    let mut rules = rules(|_| true);
    rules.push(Rule {
        group: Some("authorization.k8s.io".to_owned()),
        targets: vec![
            ("selfsubjectaccessreviews".to_owned(), "what we may read; the server keeps nothing"),
            ("selfsubjectrulesreviews".to_owned(), "the same, for a namespace"),
        ],
        verbs: &["create"],
    });
    rules.push(Rule {
        group: None,
        targets: PATHS.iter().map(|path| ((*path).to_owned(), "version, health, kinds")).collect(),
        verbs: &["get"],
    });
    rules
}

/// The rules for one namespace. The self reviews and paths need none: every identity has them from the cluster.
pub fn namespace_rules() -> Vec<Rule> {
    rules(|read| read.resource.namespaced)
}

/// A `ClusterRole` in YAML, and how to add custom kinds to it.
pub fn cluster_role(name: &str) -> String {
    let head = format!("kind: ClusterRole\nmetadata:\n  name: {}\n", quoted(name));
    yaml(&head, &cluster_rules()) + &further()
}

/// A `Role` in YAML, and how to add custom kinds to it.
pub fn role(name: &str, namespace: &str) -> String {
    let (name, namespace) = (quoted(name), quoted(namespace));
    let head = format!("kind: Role\nmetadata:\n  name: {name}\n  namespace: {namespace}\n");
    yaml(&head, &namespace_rules()) + &further()
}

/// A `ClusterRole`, or a `Role` where a namespace is named, with the rights to read these kinds, or the parts of
/// their objects, and no others.
pub fn role_to_add(namespace: Option<&str>, wanted: &[(Resource, &'static str)]) -> String {
    let head = match namespace {
        Some(namespace) => {
            format!(
                "kind: Role\nmetadata:\n  name: inquest-more\n  namespace: {}\n",
                quoted(namespace)
            )
        }
        None => "kind: ClusterRole\nmetadata:\n  name: inquest-more\n".to_owned(),
    };
    let mut rules: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (resource, part) in wanted {
        let (target, verbs) = match *part {
            "" => (resource.plural.to_string(), "get, list"),
            part => (format!("{}/{part}", resource.plural), "get"),
        };
        rules.entry((&resource.group, verbs)).or_default().push(target);
    }
    let mut text = format!("apiVersion: rbac.authorization.k8s.io/v1\n{head}rules:\n");
    for ((group, verbs), targets) in rules {
        let (group, targets) = (quoted(group), targets.join(", "));
        let _ =
            writeln!(text, "- {{apiGroups: [{group}], resources: [{targets}], verbs: [{verbs}]}}");
    }
    text
}

/// The one rule that lets us read `resource`, on one line, for a gap's remedy.
pub fn rule_for(resource: &Resource) -> String {
    let group = quoted(&resource.group);
    format!("{{apiGroups: [{group}], resources: [{}], verbs: [get, list]}}", resource.plural)
}

/// One rule for each group, in the order of the table.
fn rules(wanted: impl Fn(&Read) -> bool) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for read in TABLE.iter().filter(|read| wanted(read)) {
        let group = Some(read.resource.group.to_string());
        let target = (read.resource.plural.to_string(), read.why);
        match rules.iter_mut().find(|rule| rule.group == group) {
            Some(rule) => rule.targets.push(target),
            None => rules.push(Rule { group, targets: vec![target], verbs: VERBS }),
        }
    }
    for (resource, subresource) in SUBRESOURCES {
        let log = (format!("{}/{subresource}", resource.plural), "what containers wrote");
        rules.push(Rule { group: Some(String::new()), targets: vec![log], verbs: &["get"] });
    }
    rules
}

/// A role in YAML, from its kind to its rules.
pub(crate) fn yaml(head: &str, rules: &[Rule]) -> String {
    let mut text = format!("apiVersion: rbac.authorization.k8s.io/v1\n{head}rules:\n");
    for rule in rules {
        let _ = match &rule.group {
            Some(group) => writeln!(text, "- apiGroups: [{}]\n  resources:", quoted(group)),
            None => writeln!(text, "- nonResourceURLs:"),
        };
        for (target, why) in &rule.targets {
            let _ = writeln!(text, "  - {target} # {why}");
        }
        let _ = writeln!(text, "  verbs: [{}]", rule.verbs.join(", "));
    }
    text
}

/// What is not among the rules, and what may be added to them.
fn further() -> String {
    let mut text = "# Secrets are not among them: what they hold is never read.\n\
        # Custom kinds are read wherever a rule allows it. Add those that your cluster has:\n"
        .to_owned();
    for (group, plurals) in CUSTOM {
        let _ = writeln!(
            text,
            "# - apiGroups: [{group}]\n#   resources: [{plurals}]\n#   verbs: [get, list, watch]"
        );
    }
    text
}

/// As YAML takes any text.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::reads::{DEPLOYMENTS, PODS};

    #[test]
    fn nothing_but_reading_is_asked_for() {
        for rule in cluster_rules() {
            let reviews = rule.group.as_deref() == Some("authorization.k8s.io");
            let allowed: &[&str] = if reviews { &["create"] } else { VERBS };
            assert!(rule.verbs.iter().all(|verb| allowed.contains(verb)), "{rule:?}");
        }
    }

    #[test]
    fn there_are_neither_stars_nor_secrets_nor_tunnels() {
        for rule in cluster_rules() {
            for (target, _) in &rule.targets {
                let subresource = rule.group.is_some() && target.contains('/');
                assert!(!target.contains('*') && target != "secrets", "{target}");
                assert!(!subresource || target == "pods/log", "{target}");
            }
        }
    }

    #[test]
    fn a_role_has_only_what_lives_in_namespaces() {
        let text = role("inquest", "shop");
        assert!(text.contains("kind: Role\n") && text.contains("namespace: \"shop\""), "{text}");
        for clusterwide in ["- namespaces #", "- persistentvolumes #", "nonResourceURLs"] {
            assert!(!text.contains(clusterwide), "{clusterwide}");
        }
    }

    #[test]
    fn each_group_has_one_rule_that_says_why() {
        let text = cluster_role("inquest");
        assert_eq!(text.matches("- apiGroups: [\"apps\"]").count(), 1);
        assert!(text.contains("  - deployments # desired and ready replicas"), "{text}");
        assert!(text.contains("  - pods/log # what containers wrote\n  verbs: [get]"), "{text}");
    }

    #[test]
    fn the_rule_that_is_missing_is_one_line() {
        let rule = r#"{apiGroups: ["apps"], resources: [deployments], verbs: [get, list]}"#;
        assert_eq!(rule_for(&DEPLOYMENTS), rule);
        assert!(rule_for(&PODS).starts_with(r#"{apiGroups: [""]"#));
    }
}
