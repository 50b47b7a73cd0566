//! The rights that reading releases needs, as RBAC objects: made from the same table that the transport enforces.

use crate::helm::reads::{Read, TABLE};
use crate::kubernetes::rbac::{Rule, quoted, yaml};

/// What whoever grants them must know.
const WARNING: &str = "\
# RBAC cannot tell releases from other Secrets: this role reads all of them. Bind it to the identity of mcp-helm and to
# no other, and prefer a Role for each namespace (--namespace). mcp-helm itself sends for metadata and releases only.
";

/// A `ClusterRole` in YAML.
pub fn cluster_role(name: &str) -> String {
    let head = format!("kind: ClusterRole\nmetadata:\n  name: {}\n", quoted(name));
    format!("{WARNING}{}", yaml(&head, &rules(|_| true)))
}

/// A `Role` in YAML.
pub fn role(name: &str, namespace: &str) -> String {
    let (name, namespace) = (quoted(name), quoted(namespace));
    let head = format!("kind: Role\nmetadata:\n  name: {name}\n  namespace: {namespace}\n");
    format!("{WARNING}{}", yaml(&head, &rules(|read| read.namespaced)))
}

/// The one rule that lets us read objects of this plural, on one line, for a gap's remedy.
pub fn rule_for(plural: &str) -> String {
    format!("{{apiGroups: [\"\"], resources: [{plural}], verbs: [get, list]}}")
}

fn rules(wanted: impl Fn(&Read) -> bool) -> Vec<Rule> {
    let wanted = TABLE.iter().filter(|read| wanted(read));
    let targets = wanted.map(|read| (read.plural.to_owned(), read.why)).collect();
    vec![Rule { group: Some(String::new()), targets, verbs: &["get", "list"] }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_reading_three_kinds_is_asked_for() {
        let text = cluster_role("inquest-mcp-helm");
        let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let plurals = rules.iter().filter_map(|line| line.strip_prefix("  - "));
        let plurals: Vec<&str> = plurals.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(plurals, ["secrets", "configmaps", "namespaces"]);
        assert_eq!(text.matches("verbs:").count(), 1);
        assert!(text.ends_with("  verbs: [get, list]\n"), "{text}");
    }

    #[test]
    fn a_role_has_only_what_lives_in_namespaces() {
        let text = role("inquest-mcp-helm", "shop");
        assert!(text.contains("kind: Role\n") && text.contains("namespace: \"shop\""), "{text}");
        assert!(text.contains("- secrets") && !text.contains("- namespaces"), "{text}");
    }
}
