//! What `deploy` grants is what the servers need, and what it names is there; `UPDATE=1` writes the roles anew.
#![cfg(test)]

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

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

#[derive(Deserialize)]
struct Reference {
    name: String,
    #[serde(rename = "toolNames")]
    tools: Vec<String>,
}
