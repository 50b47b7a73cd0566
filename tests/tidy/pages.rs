//! Documents: those we promise are there, short where we say so, and their links lead somewhere.

use crate::house::House;

const PROMISED: [&str; 10] = [
    "README.md",
    "ARCHITECTURE.md",
    "STYLE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/adding-a-failure-mode.md",
    "docs/adding-a-tool.md",
    "docs/adding-a-server.md",
    "docs/read-only.md",
];

/// An overview that is longer is not read.
const OVERVIEW: usize = 200;

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in PROMISED {
        if !house.has(file) {
            found.push(format!("{file}: write it"));
        }
    }
    let overview = house.text("ARCHITECTURE.md");
    let lines = overview.lines().count();
    if lines > OVERVIEW {
        found.push(format!("ARCHITECTURE.md: shorten it: {lines} lines, {OVERVIEW} at most"));
    }
    for package in &house.packages {
        if !overview.contains(&format!("`{}`", package.name)) {
            found.push(format!("ARCHITECTURE.md: say what `{}` is for", package.name));
        }
    }
    for file in house.files.iter().filter(|file| is_ours(file)) {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in links(&house.text(file)) {
            let path =
                if folder.is_empty() { target.clone() } else { format!("{folder}/{target}") };
            if !house.has(&path) {
                found.push(format!("{file}: correct the link to {target}: nothing is there"));
            }
        }
    }
    found
}

/// Written by hand for people, unlike pages that are tests.
fn is_ours(file: &str) -> bool {
    file.ends_with(".md") && (!file.contains('/') || file.starts_with("docs/"))
}

/// Targets of links into the checkout, without their `#place`.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split("](").skip(1) {
        let target = rest.split(')').next().unwrap_or_default();
        let path = target.split('#').next().unwrap_or_default();
        if !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:") {
            found.push(path.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    fn said(files: &[(&str, &str)]) -> String {
        let (_folder, house) = made_of(files);
        violations(&house).join("\n")
    }

    #[test]
    fn what_is_promised_must_be_there() {
        assert!(said(&[]).contains("SECURITY.md: write it"));
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        let text = "[a](b.md#c), [d](#e), [f](https://example.org/g.md), [h](../README.md)";
        let said = said(&[("docs/a.md", text), ("README.md", "")]);
        let links: Vec<&str> = said.lines().filter(|line| line.contains("link")).collect();
        assert_eq!(links, ["docs/a.md: correct the link to b.md: nothing is there"]);
    }

    #[test]
    fn the_overview_is_short_and_names_every_crate() {
        let manifest = ("shared/a/Cargo.toml", "[package]\nname = \"a\"\n");
        let long = "line\n".repeat(201);
        let said = said(&[manifest, ("ARCHITECTURE.md", &long)]);
        assert!(said.contains("shorten it: 201 lines"), "{said}");
        assert!(said.contains("say what `a` is for"), "{said}");
    }
}
