//! Which resources the cluster of a snapshot serves: those of every Kubernetes, and those in the snapshot.

use crate::snapshot::object::GroupKind;
use serde_json::Value;

/// As Kubernetes 1.34 lists them: group (`-` for the core), version, plural, kind, scope, short names, categories.
const BUILT_IN: &str = include_str!("built_in.txt");

/// One resource in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// API group and kind.
    pub of: GroupKind,
    /// Version, such as `v1`.
    pub version: String,
    /// Plural, as in paths.
    pub plural: String,
    /// Singular, as on command lines.
    pub singular: String,
    /// Whether its objects lie in namespaces.
    pub namespaced: bool,
    /// Short names, such as `deploy`.
    pub short_names: Vec<String>,
    /// Categories, such as `all`.
    pub categories: Vec<String>,
    /// Columns of its Table form, for what a CustomResourceDefinition defines.
    pub columns: Option<Vec<CustomColumn>>,
}

/// A column that a CustomResourceDefinition asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomColumn {
    /// Its title.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub kind: String,
    /// `name`, or empty.
    pub format: String,
    /// 0 for the columns that everybody sees.
    pub priority: i64,
    /// Where its value stands, as `.status.phase`.
    pub path: String,
}

impl Resource {
    /// `apps/v1`, or `v1` in the core.
    pub fn api_version(&self) -> String {
        api_version(&self.of.group, &self.version)
    }

    /// `deployments.apps`, or `pods` in the core.
    pub fn qualified(&self) -> String {
        if self.of.group.is_empty() {
            return self.plural.clone();
        }
        format!("{}.{}", self.plural, self.of.group)
    }
}

/// `GROUP/VERSION`, or the version alone in the core.
pub(crate) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

/// Group and version of an `apiVersion`.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// What every cluster serves.
pub(crate) fn built_in() -> Vec<Resource> {
    BUILT_IN.lines().filter_map(of_line).collect()
}

fn of_line(line: &str) -> Option<Resource> {
    let mut fields = line.split_whitespace();
    let mut next = || fields.next().map(|field| if field == "-" { "" } else { field });
    let group = next()?.to_owned();
    let version = next()?.to_owned();
    let plural = next()?.to_owned();
    let kind = next()?.to_owned();
    let namespaced = next()? == "Namespaced";
    let short_names = words(next()?);
    let categories = words(next()?);
    Some(Resource {
        singular: kind.to_lowercase(),
        of: GroupKind { group, kind },
        version,
        plural,
        namespaced,
        short_names,
        categories,
        columns: None,
    })
}

fn words(list: &str) -> Vec<String> {
    list.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What a CustomResourceDefinition adds: one resource for each version that it serves.
pub(crate) fn defined_by(definition: &Value) -> Vec<Resource> {
    let text =
        |pointer: &str| definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let names = |pointer: &str| -> Vec<String> {
        let names = definition.pointer(pointer).and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (kind, plural) = (text("/spec/names/kind"), text("/spec/names/plural"));
    if kind.is_empty() || plural.is_empty() {
        return Vec::new();
    }
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    let mut resources = Vec::new();
    for version in versions.into_iter().flatten() {
        let name = version.get("name").and_then(Value::as_str);
        let served = version.get("served").and_then(Value::as_bool).unwrap_or(true);
        let (Some(name), true) = (name, served) else { continue };
        let singular = match text("/spec/names/singular") {
            "" => kind.to_lowercase(),
            singular => singular.to_owned(),
        };
        resources.push(Resource {
            of: GroupKind { group: text("/spec/group").to_owned(), kind: kind.to_owned() },
            version: name.to_owned(),
            plural: plural.to_owned(),
            singular,
            namespaced: text("/spec/scope") != "Cluster",
            short_names: names("/spec/names/shortNames"),
            categories: names("/spec/names/categories"),
            columns: Some(columns(version)),
        });
    }
    resources
}

fn columns(version: &Value) -> Vec<CustomColumn> {
    let age = CustomColumn {
        name: "Age".to_owned(),
        kind: "date".to_owned(),
        format: String::new(),
        priority: 0,
        path: ".metadata.creationTimestamp".to_owned(),
    };
    let asked = version.get("additionalPrinterColumns").and_then(Value::as_array);
    let Some(asked) = asked.filter(|columns| !columns.is_empty()) else { return vec![age] };
    let column = |column: &Value| {
        let text =
            |key: &str| column.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        CustomColumn {
            name: text("name"),
            kind: text("type"),
            format: text("format"),
            priority: column.get("priority").and_then(Value::as_i64).unwrap_or(0),
            path: text("jsonPath"),
        }
    };
    asked.iter().map(column).collect()
}

/// A custom resource without its definition, or a version that a newer Kubernetes no longer serves. A capture names the
/// file of a custom resource `PLURAL.GROUP.json`.
pub(crate) fn guessed(
    of: &GroupKind,
    version: &str,
    namespaced: bool,
    file: &str,
    known: &[Resource],
) -> Resource {
    if let Some(known) = known.iter().find(|resource| resource.of == *of) {
        return Resource { version: version.to_owned(), ..known.clone() };
    }
    let singular = of.kind.to_lowercase();
    let named = file.rsplit('/').next().and_then(|name| name.split_once('.'));
    let named = named.filter(|(_, rest)| rest.strip_suffix(".json") == Some(of.group.as_str()));
    Resource {
        of: of.clone(),
        version: version.to_owned(),
        plural: named.map_or_else(|| plural(&singular), |(plural, _)| plural.to_owned()),
        singular,
        namespaced,
        short_names: Vec::new(),
        categories: Vec::new(),
        columns: Some(columns(&Value::Null)),
    }
}

/// The plural as those who define resources make it.
fn plural(singular: &str) -> String {
    let vowel_before = |stem: &str| stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    if let Some(stem) = singular.strip_suffix('y').filter(|stem| !vowel_before(stem)) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "ch", "sh"].iter().any(|end| singular.ends_with(end));
    if hisses { format!("{singular}es") } else { format!("{singular}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_resource() {
        assert_eq!(built_in().len(), BUILT_IN.lines().count());
        let deployments = built_in().into_iter().find(|one| one.plural == "deployments").unwrap();
        assert_eq!(deployments.api_version(), "apps/v1");
        assert_eq!(deployments.short_names, ["deploy"]);
        assert!(deployments.namespaced);
    }

    #[test]
    fn plurals_are_guessed_in_english() {
        for (singular, expected) in
            [("gateway", "gateways"), ("proxy", "proxies"), ("mesh", "meshes")]
        {
            assert_eq!(plural(singular), expected);
        }
        assert_eq!(plural("application"), "applications");
    }
}
