//! Arrows between our own crates: down only, as ARCHITECTURE.md draws them.

use crate::house::{Dependency, House, Package};

/// Who may use whom. `mcp-*` stands for every server; `acceptance` and `xtask` ship nothing and may use anything.
const ARROWS: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("readonly", &[]),
    ("clients", &["readonly"]),
    ("diagnosis", &["evidence"]),
    ("mcp", &["evidence", "readonly"]),
    ("replay", &["evidence", "readonly"]),
    ("mcp-*", &["clients", "diagnosis", "evidence", "mcp"]),
    ("inquest", &["diagnosis", "evidence", "mcp", "mcp-*", "replay"]),
];

/// Tests may also replay a snapshot to the crate that they test.
const IN_TESTS: &[&str] = &["replay"];

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for package in &house.packages {
        if matches!(package.name.as_str(), "acceptance" | "xtask") {
            continue;
        }
        let Some((_, below)) = ARROWS.iter().find(|(name, _)| *name == row(&package.name)) else {
            found.push(format!(
                "{}/Cargo.toml: the crate `{}` has no place in the house; give it a row in tests/tidy/arrows.rs and a decision record",
                package.folder, package.name
            ));
            continue;
        };
        for dependency in package.dependencies() {
            if house.packages.iter().any(|other| other.name == dependency.name) {
                found.extend(judge(house, package, &dependency, below));
            }
        }
    }
    found
}

fn judge(house: &House, from: &Package, to: &Dependency, below: &[&str]) -> Option<String> {
    let down = below.contains(&row(&to.name)) && from.name != to.name;
    let tested = to.for_tests && IN_TESTS.contains(&to.name.as_str());
    if !down && !tested {
        let may = if below.is_empty() { "nothing of ours".to_owned() } else { below.join(", ") };
        return Some(format!(
            "{}/Cargo.toml: remove `{}`: `{}` may use {may}",
            from.folder, to.name, from.name
        ));
    }
    if to.name == "clients" && to.features == 0 {
        return Some(format!(
            "{}/Cargo.toml: name the features of `clients` that the server reads with",
            from.folder
        ));
    }
    let tools = house.stems(&format!("{}/src/tools", from.folder), ".rs");
    let judges = row(&from.name) == "mcp-*" && to.name == "diagnosis" && !to.for_tests;
    if judges && !tools.iter().any(|tool| tool.contains("diagnose")) {
        return Some(format!(
            "{}/Cargo.toml: remove `diagnosis`: servers testify, and this one has no `diagnose` tool",
            from.folder
        ));
    }
    None
}

/// The row of the table that a crate stands in.
pub(crate) fn row(name: &str) -> &str {
    if name.starts_with("mcp-") { "mcp-*" } else { name }
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    const EVIDENCE: (&str, &str) =
        ("shared/evidence/Cargo.toml", "[package]\nname = \"evidence\"\n");

    fn one_line(files: &[(&str, &str)]) -> String {
        let (_folder, house) = made_of(files);
        violations(&house).join("\n")
    }

    #[test]
    fn an_arrow_up_is_refused() {
        let up = "[package]\nname = \"readonly\"\n[dependencies]\nevidence.workspace = true\n";
        assert_eq!(
            one_line(&[EVIDENCE, ("shared/readonly/Cargo.toml", up)]),
            "shared/readonly/Cargo.toml: remove `evidence`: `readonly` may use nothing of ours"
        );
    }

    #[test]
    fn a_server_may_not_use_another() {
        let first = "[package]\nname = \"mcp-a\"\n";
        let second = "[package]\nname = \"mcp-b\"\n[dependencies]\nmcp-a.workspace = true\n";
        let said =
            one_line(&[("servers/mcp-a/Cargo.toml", first), ("servers/mcp-b/Cargo.toml", second)]);
        assert!(said.starts_with("servers/mcp-b/Cargo.toml: remove `mcp-a`"), "{said}");
    }

    #[test]
    fn a_renamed_dependency_is_seen_through() {
        let up = "[package]\nname = \"readonly\"\n[target.'cfg(unix)'.dependencies]\n\
                  nouns = { workspace = true, package = \"evidence\" }\n";
        let said = one_line(&[EVIDENCE, ("shared/readonly/Cargo.toml", up)]);
        assert!(said.contains("remove `evidence`"), "{said}");
    }

    #[test]
    fn a_server_without_a_diagnose_tool_may_not_judge() {
        let judge = ("shared/diagnosis/Cargo.toml", "[package]\nname = \"diagnosis\"\n");
        let server = "[package]\nname = \"mcp-a\"\n[dependencies]\ndiagnosis.workspace = true\n";
        let server = ("servers/mcp-a/Cargo.toml", server);
        assert!(one_line(&[judge, server]).contains("servers testify"));
        let tool = ("servers/mcp-a/src/tools/diagnose_a.rs", "//! It.\n");
        assert_eq!(one_line(&[judge, server, tool]), "");
    }

    #[test]
    fn a_crate_without_a_row_is_refused() {
        let said = one_line(&[("shared/extra/Cargo.toml", "[package]\nname = \"extra\"\n")]);
        assert!(said.contains("`extra` has no place"), "{said}");
    }
}
