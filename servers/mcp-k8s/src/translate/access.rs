//! ConfigMaps and Secrets by their keys, ServiceAccounts, roles and their bindings.

use super::meta::meta;
use super::places;
use super::spec::names;
use clients::kubernetes::redact;
use evidence::fact::access::{Account, Config, Grant};
use evidence::fact::meta::Meta;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::rbac::v1 as rbac;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// How much of CoreDNS's configuration is taken over, in bytes: the usual one has 500.
const LONGEST_COREFILE: usize = 16_384;

/// A ConfigMap: its keys and whom it names, not what else they hold. CoreDNS's own is the exception: it alone tells how names
/// are answered.
pub fn config_map(from: api::ConfigMap) -> Config {
    let data = from.data.unwrap_or_default();
    let meta = meta(from.metadata);
    let corefile = corefile(&meta, &data);
    let places = places::of(&data);
    let text = data.into_keys();
    let mut keys: Vec<String> =
        text.chain(from.binary_data.unwrap_or_default().into_keys()).collect();
    keys.sort();
    Config { kind: "ConfigMap".to_owned(), meta, keys: Some(keys), places, corefile }
}

/// The Corefile of the name service, as distributions call its ConfigMap, and what AKS and k3s let one add to it in
/// `coredns-custom`.
fn corefile(meta: &Meta, data: &BTreeMap<String, String>) -> String {
    let is_part = |key: &str| match (meta.namespace.as_str(), meta.name.as_str()) {
        ("kube-system", "coredns" | "rke2-coredns-rke2-coredns")
        | ("openshift-dns", "dns-default") => key == "Corefile",
        ("kube-system", "coredns-custom") => key.ends_with(".server") || key.ends_with(".override"),
        _ => false,
    };
    let parts: Vec<&str> =
        data.iter().filter(|(key, _)| is_part(key)).map(|(_, text)| text.as_str()).collect();
    let text = redact::variable("Corefile", &parts.join("\n")).into_owned();
    if text.len() > LONGEST_COREFILE { String::new() } else { text }
}

/// A ConfigMap or Secret of which only the metadata was read.
pub fn config_known_by_name(kind: &str, from: ObjectMeta) -> Config {
    Config { kind: kind.to_owned(), meta: meta(from), ..Config::default() }
}

/// A ServiceAccount.
pub fn account(from: api::ServiceAccount) -> Account {
    Account { meta: meta(from.metadata), pull_secrets: names(from.image_pull_secrets) }
}

/// A Role.
pub fn role(from: rbac::Role) -> Grant {
    let (rules, groups) = (rules(&from.rules), groups(&from.rules));
    Grant { kind: "Role".to_owned(), meta: meta(from.metadata), rules, groups, ..Grant::default() }
}

/// A ClusterRole.
pub fn cluster_role(from: rbac::ClusterRole) -> Grant {
    let (rules, groups) = (rules(&from.rules), groups(&from.rules));
    let kind = "ClusterRole".to_owned();
    Grant { kind, meta: meta(from.metadata), rules, groups, ..Grant::default() }
}

/// A RoleBinding.
pub fn role_binding(from: rbac::RoleBinding) -> Grant {
    Grant {
        kind: "RoleBinding".to_owned(),
        meta: meta(from.metadata),
        role: bound(from.role_ref),
        subjects: subjects(from.subjects),
        ..Grant::default()
    }
}

/// A ClusterRoleBinding.
pub fn cluster_role_binding(from: rbac::ClusterRoleBinding) -> Grant {
    Grant {
        kind: "ClusterRoleBinding".to_owned(),
        meta: meta(from.metadata),
        role: bound(from.role_ref),
        subjects: subjects(from.subjects),
        ..Grant::default()
    }
}

fn rules(from: &Option<Vec<rbac::PolicyRule>>) -> Vec<String> {
    let each = from.iter().flatten().map(|rule| {
        let verbs = rule.verbs.join(",");
        let what = rule.resources.as_ref().or(rule.non_resource_urls.as_ref());
        let what = what.map(|it| it.join(",")).unwrap_or_default();
        match &rule.resource_names {
            Some(names) if !names.is_empty() => format!("{verbs} {what}[{}]", names.join(",")),
            _ => format!("{verbs} {what}"),
        }
    });
    each.collect()
}

fn groups(from: &Option<Vec<rbac::PolicyRule>>) -> Vec<String> {
    let each = from
        .iter()
        .flatten()
        .map(|rule| rule.api_groups.as_ref().map(|it| it.join(",")).unwrap_or_default());
    each.collect()
}

fn bound(from: rbac::RoleRef) -> String {
    format!("{}/{}", from.kind, from.name)
}

fn subjects(from: Option<Vec<rbac::Subject>>) -> Vec<String> {
    let each = from.unwrap_or_default().into_iter().map(|it| match it.namespace {
        Some(namespace) => format!("{}/{namespace}/{}", it.kind, it.name),
        None => format!("{}/{}", it.kind, it.name),
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_config_map_shows_its_keys_only() {
        let from = json!({"metadata": {"name": "settings"}, "data": {"b": "1"}, "binaryData": {"a": "AA=="}});
        let config = config_map(serde_json::from_value(from).unwrap());
        assert_eq!(config.keys, Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn only_the_configuration_of_coredns_shows_its_text() {
        let read = |namespace: &str, name: &str, data: serde_json::Value| {
            let from = json!({"metadata": {"namespace": namespace, "name": name}, "data": data});
            config_map(serde_json::from_value(from).unwrap()).corefile
        };
        let corefile = json!({"Corefile": ".:53 {\n}\n"});
        assert_eq!(read("kube-system", "coredns", corefile.clone()), ".:53 {\n}\n");
        assert_eq!(read("shop", "coredns", corefile.clone()), "");
        assert_eq!(read("kube-system", "other", corefile.clone()), "");
        assert_eq!(read("openshift-dns", "dns-default", corefile), ".:53 {\n}\n");
        let custom = json!({"a.server": "shop.lan:53 {\n}", "note": "text"});
        assert_eq!(read("kube-system", "coredns-custom", custom), "shop.lan:53 {\n}");
    }

    #[test]
    fn a_role_and_its_binding_read_like_sentences() {
        let from = json!({"metadata": {"name": "reader"}, "rules": [{"apiGroups": [""], "verbs": ["get", "list"],
            "resources": ["configmaps"], "resourceNames": ["settings"]}]});
        assert_eq!(
            role(serde_json::from_value(from).unwrap()).rules,
            ["get,list configmaps[settings]"]
        );
        let from = json!({"metadata": {"name": "reads"}, "roleRef": {"apiGroup": "", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}]});
        let grant = role_binding(serde_json::from_value(from).unwrap());
        assert_eq!(grant.role, "Role/reader");
        assert_eq!(grant.subjects, ["ServiceAccount/shop/web"]);
    }
}
