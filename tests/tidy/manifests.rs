//! Manifests: versions, lints and licence are said once, in the root.

use crate::house::House;

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for package in &house.packages {
        let file = format!("{}/Cargo.toml", package.folder);
        let says = |table: &str, key: &str| {
            let value = package.manifest.get(table).and_then(|it| it.get(key));
            value.and_then(toml::Value::as_bool) == Some(true)
        };
        if !says("lints", "workspace") {
            found.push(format!("{file}: add `[lints] workspace = true`"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            let value = package.manifest.get("package").and_then(|it| it.get(key));
            let inherits = value.and_then(|it| it.get("workspace")).is_some();
            if !inherits {
                found.push(format!("{file}: write `{key}.workspace = true`"));
            }
        }
        for dependency in package.dependencies() {
            if !dependency.inherited {
                found.push(format!(
                    "{file}: give the version of `{}` in the root Cargo.toml, and write `{}.workspace = true`",
                    dependency.name, dependency.name
                ));
            }
        }
    }
    found.extend(default_members(house));
    found
}

/// `cargo run` must mean `inquest`, and `cargo test` everything that ships.
fn default_members(house: &House) -> Vec<String> {
    let Ok(root) = house.text("Cargo.toml").parse::<toml::Table>() else {
        return vec!["Cargo.toml: make it TOML".to_owned()];
    };
    let listed = root.get("workspace").and_then(|it| it.get("default-members"));
    let listed: Vec<&str> = listed
        .and_then(toml::Value::as_array)
        .map(|members| members.iter().filter_map(toml::Value::as_str).collect())
        .unwrap_or_default();
    let mut found = Vec::new();
    for package in &house.packages {
        let wanted = package.name != "xtask";
        if wanted && !listed.contains(&package.folder.as_str()) {
            found.push(format!("Cargo.toml: add \"{}\" to default-members", package.folder));
        }
        if !wanted && listed.contains(&package.folder.as_str()) {
            found.push(format!("Cargo.toml: remove \"{}\" from default-members", package.folder));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    const GOOD: &str = "[package]\nname = \"evidence\"\nversion.workspace = true\n\
        edition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n\
        publish.workspace = true\n[lints]\nworkspace = true\n";
    const ROOT: (&str, &str) =
        ("Cargo.toml", "[workspace]\ndefault-members = [\"shared/evidence\"]\n");

    #[test]
    fn a_version_of_ones_own_is_refused() {
        let own = format!("{GOOD}[dependencies]\nserde = \"1\"\n");
        let (_folder, house) = made_of(&[ROOT, ("shared/evidence/Cargo.toml", &own)]);
        let found = violations(&house);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found.iter().all(|line| line.contains("version of `serde`")), "{found:?}");
    }

    #[test]
    fn lints_may_not_be_left_out() {
        let bare = GOOD.replace("[lints]\nworkspace = true\n", "");
        let (_folder, house) = made_of(&[ROOT, ("shared/evidence/Cargo.toml", &bare)]);
        assert_eq!(
            violations(&house),
            ["shared/evidence/Cargo.toml: add `[lints] workspace = true`"]
        );
    }

    #[test]
    fn a_crate_that_ships_is_tested_by_default() {
        let (_folder, house) =
            made_of(&[("Cargo.toml", "[workspace]\n"), ("shared/evidence/Cargo.toml", GOOD)]);
        assert_eq!(violations(&house), ["Cargo.toml: add \"shared/evidence\" to default-members"]);
    }
}
