//! Which groups, versions and resources there are: plain, and aggregated as newer clients ask for it.

use crate::snapshot::resources::{Resource, api_version};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Of a snapshot everything is read and nothing watched.
const VERBS: [&str; 2] = ["get", "list"];

/// The versions of each group, the preferred one first.
fn groups(resources: &[Resource]) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for resource in resources {
        groups.entry(&resource.of.group).or_default().insert(&resource.version);
    }
    groups.into_iter().map(|(group, versions)| (group, in_order(versions))).collect()
}

fn in_order(versions: BTreeSet<&str>) -> Vec<&str> {
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|version| Reverse(maturity(version)));
    versions
}

/// `v2` before `v1` before `v1beta2` before `v1alpha1`.
fn maturity(version: &str) -> (u8, u64, u64) {
    let stages = [("alpha", 1), ("beta", 2)];
    let bare = version.trim_start_matches('v');
    for (name, stage) in stages {
        if let Some((major, minor)) = bare.split_once(name) {
            return (stage, major.parse().unwrap_or(0), minor.parse().unwrap_or(0));
        }
    }
    match bare.parse() {
        Ok(major) => (3, major, 0),
        Err(_) => (0, 0, 0),
    }
}

fn of_version<'a>(
    resources: &'a [Resource],
    group: &'a str,
    version: &'a str,
) -> impl Iterator<Item = &'a Resource> {
    resources.iter().filter(move |one| one.of.group == group && one.version == version)
}

/// `/api` and `/apis` in one document each.
pub(crate) fn aggregated(resources: &[Resource], core: bool) -> Value {
    let mut items = Vec::new();
    for (group, versions) in groups(resources) {
        if group.is_empty() != core {
            continue;
        }
        let versions: Vec<_> = versions
            .into_iter()
            .map(|version| {
                let resources: Vec<_> = of_version(resources, group, version).map(entry).collect();
                json!({"version": version, "resources": resources, "freshness": "Current"})
            })
            .collect();
        let metadata = if core { json!({}) } else { json!({"name": group}) };
        items.push(json!({"metadata": metadata, "versions": versions}));
    }
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {}, "items": items,
    })
}

fn entry(resource: &Resource) -> Value {
    let kind =
        |kind: &str| json!({"group": resource.of.group, "version": resource.version, "kind": kind});
    let mut entry = json!({
        "resource": resource.plural, "responseKind": kind(&resource.of.kind),
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular, "verbs": VERBS,
    });
    if let Some(entry) = entry.as_object_mut() {
        if !resource.short_names.is_empty() {
            entry.insert("shortNames".to_owned(), json!(resource.short_names));
        }
        if !resource.categories.is_empty() {
            entry.insert("categories".to_owned(), json!(resource.categories));
        }
        if is_pod(resource) {
            let log =
                json!([{"subresource": "log", "responseKind": kind("Pod"), "verbs": ["get"]}]);
            entry.insert("subresources".to_owned(), log);
        }
    }
    entry
}

fn is_pod(resource: &Resource) -> bool {
    resource.of.group.is_empty() && resource.of.kind == "Pod"
}

/// `/api`.
pub(crate) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`.
pub(crate) fn group_list(resources: &[Resource]) -> Value {
    let groups: Vec<_> = groups(resources)
        .into_iter()
        .filter(|(group, _)| !group.is_empty())
        .map(|(group, versions)| group_entry(group, &versions))
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`; `None` where it is not served.
pub(crate) fn group(resources: &[Resource], group: &str) -> Option<Value> {
    let mut entry = group_entry(group, groups(resources).get(group)?);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("kind".to_owned(), "APIGroup".into());
        entry.insert("apiVersion".to_owned(), "v1".into());
    }
    Some(entry)
}

fn group_entry(group: &str, versions: &[&str]) -> Value {
    let versions: Vec<_> = versions
        .iter()
        .map(|version| json!({"groupVersion": api_version(group, version), "version": version}))
        .collect();
    json!({"name": group, "versions": versions, "preferredVersion": versions.first()})
}

/// `/api/v1` and `/apis/GROUP/VERSION`; `None` where it is not served.
pub(crate) fn resource_list(resources: &[Resource], group: &str, version: &str) -> Option<Value> {
    let mut list = Vec::new();
    for resource in of_version(resources, group, version) {
        let mut entry = json!({
            "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
            "kind": resource.of.kind, "verbs": VERBS,
        });
        if let Some(entry) = entry.as_object_mut() {
            if !resource.short_names.is_empty() {
                entry.insert("shortNames".to_owned(), json!(resource.short_names));
            }
            if !resource.categories.is_empty() {
                entry.insert("categories".to_owned(), json!(resource.categories));
            }
        }
        list.push(entry);
        if is_pod(resource) {
            list.push(json!({
                "name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get"],
            }));
        }
    }
    if list.is_empty() {
        return None;
    }
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1",
        "groupVersion": api_version(group, version), "resources": list,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stable_version_comes_first() {
        let mut versions = vec!["v1alpha1", "v1", "v2beta2", "v2", "v1beta1", "odd"];
        versions.sort_by_key(|version| Reverse(maturity(version)));
        assert_eq!(versions, ["v2", "v1", "v2beta2", "v1beta1", "v1alpha1", "odd"]);
    }
}
