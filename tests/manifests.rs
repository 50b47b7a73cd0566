//! What `deploy` grants is what the servers need, and what it names is there; `UPDATE=1` writes the roles anew.
#![cfg(test)]

mod role;

use role::Rule;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What `inquest rbac` prints for a server.
async fn printed(server: &str) -> String {
    let arguments = ["inquest", "rbac", server].map(Into::into).to_vec();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    assert_eq!(inquest::command::run(arguments, &mut out, &mut err).await, 0);
    String::from_utf8(out).unwrap()
}

/// The custom kinds that it proposes, as a role of their own.
fn proposed(printed: &str) -> String {
    let starts = ["# - apiGroups", "#   resources", "#   verbs"];
    let lines = printed.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    let rules: Vec<&str> = lines.filter_map(|line| line.strip_prefix("# ")).collect();
    let head = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: inquest-mcp-k8s-custom\n";
    format!("{head}rules:\n{}\n", rules.join("\n"))
}

fn deploy(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file)
}

fn same(file: &str, expected: &str) {
    if option_env!("UPDATE").is_some() {
        std::fs::write(deploy(file), expected).unwrap();
    }
    let found = std::fs::read_to_string(deploy(file)).unwrap_or_default();
    assert!(
        found == expected,
        "deploy/{file} is stale: UPDATE=1 cargo test -p acceptance --test manifests"
    );
}

#[tokio::test]
async fn the_roles_are_those_that_inquest_prints() {
    let k8s = printed("k8s").await;
    same("mcp-k8s/cluster-role.yaml", &k8s);
    same("mcp-helm/cluster-role.yaml", &printed("helm").await);
    same("components/custom-kinds/cluster-role.yaml", &proposed(&k8s));
}

#[test]
fn the_tools_that_the_agent_is_given_are_there() {
    let agent = std::fs::read_to_string(deploy("kagent/agent.yaml")).unwrap();
    let agent: Value = serde_saphyr::from_str(&agent).unwrap();
    let tools = agent.pointer("/spec/declarative/tools").unwrap().as_array().unwrap();
    let servers = [mcp_k8s::lead::unconnected(), inquest::tools::unconnected()];
    for tool in tools {
        let reference = Reference::deserialize(tool.get("mcpServer").unwrap()).unwrap();
        let server = servers.iter().find(|server| server.name() == reference.name).unwrap();
        let there: BTreeSet<String> = server.list().into_iter().map(|it| it.name).collect();
        let lacking: Vec<&String> =
            reference.tools.iter().filter(|it| !there.contains(*it)).collect();
        assert!(
            lacking.is_empty() && !reference.tools.is_empty(),
            "{}: {lacking:?}",
            reference.name
        );
    }
}

/// Parts of objects that write, tunnel, or give away an identity.
const DANGEROUS: [&str; 14] = [
    "bindings",
    "deployments/scale",
    "namespaces/finalize",
    "nodes/proxy",
    "pods/attach",
    "pods/binding",
    "pods/ephemeralcontainers",
    "pods/eviction",
    "pods/exec",
    "pods/portforward",
    "pods/proxy",
    "serviceaccounts/token",
    "services/proxy",
    "certificatesigningrequests/approval",
];

#[test]
fn no_role_writes_has_stars_or_tunnels_and_one_reads_secrets() {
    let mut roles = Vec::new();
    for (file, document) in documents(&deploy("")) {
        let rules = document.get("rules").cloned().unwrap_or_default();
        if !document["kind"].as_str().is_some_and(|kind| kind.ends_with("Role")) {
            continue;
        }
        for rule in Vec::<Rule>::deserialize(rules).unwrap() {
            let asks = rule.api_groups == ["authorization.k8s.io"];
            for verb in &rule.verbs {
                let reads = matches!(verb.as_str(), "get" | "list" | "watch");
                assert!(reads || (asks && verb == "create"), "{file}: {verb} {:?}", rule.resources);
            }
            let all = rule.api_groups.iter().chain(&rule.resources).chain(&rule.paths);
            for word in all {
                let part = word.contains('/') && !word.starts_with('/') && word != "pods/log";
                let listed = DANGEROUS.contains(&word.as_str()) || part || word.contains('*');
                let secrets = word == "secrets" && !file.ends_with("mcp-helm/cluster-role.yaml");
                let review = !asks || !word.contains("review") || word.starts_with("selfsubject");
                assert!(!listed && !secrets && review, "{file}: {word}");
            }
        }
        roles.push(file);
    }
    assert_eq!(roles.len(), 3, "{roles:?}");
}

/// Every document of every manifest below a folder, with its file.
fn documents(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|it| it == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            for part in text.split("\n---\n") {
                let document = serde_saphyr::from_str(part).unwrap();
                found.push((path.display().to_string(), document));
            }
        }
    }
    found
}

#[derive(Deserialize)]
struct Reference {
    name: String,
    #[serde(rename = "toolNames")]
    tools: Vec<String>,
}
