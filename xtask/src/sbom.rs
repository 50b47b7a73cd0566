//! `cargo xtask sbom`: what `inquest` is made of, as a CycloneDX document: <https://cyclonedx.org/docs/1.6/json/>.
//!
//! The same lock file gives the same document, byte for byte: it bears neither a time nor a number of its own.

use crate::{program, settings};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// The package whose program is shipped.
const SHIPPED: &str = "inquest";
/// What the image runs on.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What to write.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file; unset: standard output.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The target whose dependencies count.
    #[arg(long, value_name = "TRIPLE", default_value = TARGET)]
    target: String,
}

/// What `cargo metadata` says, as far as it matters.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// Where it comes from; none for our own.
    source: Option<String>,
    /// What is made of it.
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    /// `lib`, `bin`, `proc-macro` and others.
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None for what is linked; `dev` and `build` for the rest.
    kind: Option<String>,
}

/// Writes the document.
pub fn run(arguments: &Arguments) -> Result<()> {
    let root = settings::repository();
    let mut cargo = Command::new(settings::cargo());
    cargo.current_dir(root).args(["metadata", "--format-version", "1", "--locked"]);
    cargo.args(["--filter-platform", &arguments.target]);
    let metadata: Metadata = serde_json::from_str(&program::output(&mut cargo)?)?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
    let document = format!("{:#}\n", document(&metadata, &checksums(&lock))?);
    match &arguments.output {
        Some(path) => std::fs::write(path, document)
            .with_context(|| format!("could not write {}", path.display())),
        None => program::print(document.trim_end()),
    }
}

/// The document about the shipped package and everything that is linked into it.
fn document(metadata: &Metadata, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let packages: BTreeMap<&str, &Package> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let runs_in_the_compiler = |id: &str| packages.get(id).is_some_and(|package| is_macro(package));
    let linked: BTreeMap<&str, Vec<&str>> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| {
            let mut linked = linked(node);
            linked.retain(|id| !runs_in_the_compiler(id));
            (node.id.as_str(), linked)
        })
        .collect();
    let shipped = metadata.packages.iter().find(|it| it.name == SHIPPED && it.source.is_none());
    let shipped = shipped.with_context(|| format!("there is no package {SHIPPED}"))?;
    let mut reached = BTreeSet::new();
    let mut next = vec![shipped.id.as_str()];
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(linked.get(id).into_iter().flatten());
        }
    }
    let package = |id: &str| packages.get(id).copied().with_context(|| format!("no package {id}"));
    let (mut components, mut dependencies) = (BTreeMap::new(), BTreeMap::new());
    for id in reached {
        let one = package(id)?;
        let below = linked.get(id).into_iter().flatten();
        let below: BTreeSet<String> =
            below.map(|id| package(id).map(reference)).collect::<Result<_>>()?;
        dependencies.insert(reference(one), json!({"ref": reference(one), "dependsOn": below}));
        if one.id != shipped.id {
            components.insert(reference(one), component(one, "library", checksums));
        }
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(shipped, "application", checksums)},
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies.into_values().collect::<Vec<_>>(),
    }))
}

/// Whether it is a procedural macro. Cargo calls it linked, although it and what it stands on only run while others are
/// compiled.
fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
}

/// What cargo links to a package; neither what builds it nor what tests it.
fn linked(node: &Node) -> Vec<&str> {
    let linked = node.deps.iter().filter(|edge| edge.dep_kinds.iter().any(|it| it.kind.is_none()));
    linked.map(|edge| edge.pkg.as_str()).collect()
}

fn component(
    package: &Package,
    kind: &str,
    checksums: &BTreeMap<(String, String), String>,
) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": reference(package),
        "name": package.name,
        "version": package.version,
    });
    let mut put = |name: &str, value: Value| {
        if let Value::Object(fields) = &mut component {
            fields.insert(name.to_owned(), value);
        }
    };
    if let Some(license) = &package.license {
        // Older manifests write a slash.
        put("licenses", json!([{"expression": license.replace('/', " OR ")}]));
    }
    if package.source.is_some() {
        put("purl", json!(reference(package)));
    }
    if let Some(checksum) = checksums.get(&(package.name.clone(), package.version.clone())) {
        put("hashes", json!([{"alg": "SHA-256", "content": checksum}]));
    }
    component
}

/// The name of a package within the document: its package URL, where it is published.
fn reference(package: &Package) -> String {
    let Package { name, version, .. } = package;
    match package.source {
        Some(_) => format!("pkg:cargo/{name}@{version}"),
        None => format!("{name}@{version}"),
    }
}

/// The digests that the lock file holds. Cargo writes one field a line.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut checksums = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) =
            (field("name"), field("version"), field("checksum"))
        {
            checksums.insert((name, version), checksum);
        }
    }
    checksums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let package = |name: &str, source: Option<&str>, kind: &str| {
            json!({"id": name, "name": name, "version": "1.0.0",
            "license": "MIT/Apache-2.0", "source": source, "targets": [{"kind": [kind]}, {"kind": ["test"]}]})
        };
        let published = |name: &str| package(name, Some("registry"), "lib");
        let edge =
            |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("inquest", None, "bin"), published("a"), published("b"), published("tool"),
                package("macro", Some("registry"), "proc-macro"), published("only-of-macro")],
            "resolve": {"nodes": [
                {"id": "inquest", "deps": [edge("a", None), edge("tool", Some("dev"))]},
                {"id": "a", "deps": [edge("b", None), edge("tool", Some("build")), edge("macro", None)]},
                {"id": "b", "deps": []},
                {"id": "macro", "deps": [edge("only-of-macro", None), edge("b", None)]},
                {"id": "only-of-macro", "deps": []},
                {"id": "tool", "deps": []}]}});
        serde_json::from_value(metadata).unwrap()
    }

    #[test]
    fn what_is_linked_is_there_and_what_only_builds_tests_or_writes_code_is_not() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"c0ffee\"\n";
        let document = document(&metadata(), &checksums(lock)).unwrap();
        let names: Vec<&str> = document["components"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["purl"].as_str())
            .collect();
        assert_eq!(names, ["pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0"]);
        assert_eq!(document["components"][0]["hashes"][0]["content"], "c0ffee");
        assert_eq!(document["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(document["metadata"]["component"]["name"], "inquest");
    }

    #[test]
    fn each_says_what_it_is_linked_with() {
        let document = document(&metadata(), &BTreeMap::new()).unwrap();
        let expected = json!([
            {"ref": "inquest@1.0.0", "dependsOn": ["pkg:cargo/a@1.0.0"]},
            {"ref": "pkg:cargo/a@1.0.0", "dependsOn": ["pkg:cargo/b@1.0.0"]},
            {"ref": "pkg:cargo/b@1.0.0", "dependsOn": []}]);
        assert_eq!(document["dependencies"], expected);
    }
}
