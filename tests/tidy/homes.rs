//! Homes of outside crates: what reaches outside, or shapes us, enters by one door.

use crate::arrows::row;
use crate::house::House;

/// Which of our crates may name which outside crate. One that is not listed here may be used anywhere.
/// `acceptance` and `xtask` ship nothing and may use anything.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["inquest"]),
    ("axum", &["inquest", "mcp"]),
    ("clap", &["clients", "inquest", "mcp", "mcp-*"]),
    ("hmac", &["readonly"]),
    ("hyper", &["mcp", "readonly", "replay"]),
    ("hyper-util", &["mcp", "readonly", "replay"]),
    ("jsonwebtoken", &["mcp"]),
    ("k8s-openapi", &["clients", "mcp-k8s"]),
    ("kube", &["clients"]),
    ("promql-parser", &["clients", "mcp-prometheus", "replay"]),
    ("reqwest", &["readonly"]),
    ("rmcp", &["mcp"]),
    ("rustls", &["clients", "inquest", "readonly"]),
    ("tar", &["replay"]),
    ("tokio", &["clients", "inquest", "mcp", "mcp-*", "readonly", "replay"]),
    ("tokio-util", &["clients", "inquest", "mcp", "mcp-*", "readonly", "replay"]),
    ("toml", &["inquest"]),
    ("tower", &["clients", "mcp"]),
    ("tracing-subscriber", &["inquest", "mcp"]),
    ("zstd", &["replay"]),
];

/// Outside crates that serve tests and chores alone.
const FOR_TESTS: &[&str] =
    &["datatest-stable", "libtest-mimic", "rcgen", "tempfile", "tiktoken-rs"];

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for package in &house.packages {
        if matches!(package.name.as_str(), "acceptance" | "xtask") {
            continue;
        }
        for dependency in package.dependencies() {
            let name = dependency.name.as_str();
            if FOR_TESTS.contains(&name) && !dependency.for_tests {
                found.push(format!(
                    "{}/Cargo.toml: move `{name}` to [dev-dependencies]",
                    package.folder
                ));
            }
            let Some((_, homes)) = HOMES.iter().find(|(outside, _)| *outside == name) else {
                continue;
            };
            if !homes.contains(&package.name.as_str()) && !homes.contains(&row(&package.name)) {
                found.push(format!(
                    "{}/Cargo.toml: remove `{name}`: it is at home in {}",
                    package.folder,
                    homes.join(", ")
                ));
            }
        }
    }
    found.extend(anyhow_beyond_main(house));
    found
}

/// `anyhow` ends a chain of errors, so it belongs where programs end.
fn anyhow_beyond_main(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in &house.files {
        let ships = file.starts_with("shared/") || file.starts_with("servers/");
        if ships
            && file.ends_with(".rs")
            && !file.ends_with("/src/main.rs")
            && house.text(file).contains(concat!("anyhow", "::"))
        {
            found.push(format!("{file}: use an error type; only main.rs may use `anyhow`"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    #[test]
    fn a_crate_away_from_home_is_refused() {
        let text = "[package]\nname = \"clients\"\n[dev-dependencies]\nreqwest.workspace = true\n";
        let (_folder, house) = made_of(&[("shared/clients/Cargo.toml", text)]);
        assert_eq!(
            violations(&house),
            ["shared/clients/Cargo.toml: remove `reqwest`: it is at home in readonly"]
        );
    }

    #[test]
    fn a_test_crate_may_not_ship() {
        let text = "[package]\nname = \"replay\"\n[dependencies]\ntempfile.workspace = true\n";
        let (_folder, house) = made_of(&[("shared/replay/Cargo.toml", text)]);
        assert_eq!(
            violations(&house),
            ["shared/replay/Cargo.toml: move `tempfile` to [dev-dependencies]"]
        );
    }

    #[test]
    fn anyhow_ends_in_main() {
        let text = concat!("//! It.\nfn run() -> anyhow", "::Result<()> { Ok(()) }\n");
        let (_folder, house) =
            made_of(&[("servers/inquest/src/main.rs", text), ("servers/inquest/src/a.rs", text)]);
        assert_eq!(
            violations(&house),
            ["servers/inquest/src/a.rs: use an error type; only main.rs may use `anyhow`"]
        );
    }
}
