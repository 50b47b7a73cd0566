//! Tools: one file bears the tool's name, the server lists it, and a page shows it.

use crate::house::House;
use std::collections::BTreeMap;

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for package in &house.packages {
        let Some(server) = package.folder.strip_prefix("servers/") else { continue };
        let folder = format!("{}/src/tools", package.folder);
        let pages = format!("{}/tests/pages", package.folder);
        let list = format!("{}/src/tools.rs", package.folder);
        let listed = house.text(&list);
        let tools = house.stems(&folder, ".rs");
        for tool in &tools {
            let file = format!("{folder}/{tool}.rs");
            let Some(name) = name_in(&house.text(&file)) else {
                found
                    .push(format!("{file}: give it a NAME, or move it: every file here is a tool"));
                continue;
            };
            if name != *tool {
                found.push(format!("{file}: name the file {name}.rs, after the tool"));
            }
            if !fits_everywhere(&name) {
                found.push(format!("{file}: `{name}` must be 3 to 40 of a to z, 0 to 9 and _"));
            }
            if !listed.contains(&format!("{tool}::")) {
                found.push(format!("{list}: list `{tool}`"));
            }
            if !house.text(&format!("{pages}/{tool}.md")).starts_with("# ") {
                found.push(format!(
                    "{pages}/{tool}.md: write the page of `{tool}`, under a `# ` title"
                ));
            }
            if let Some(other) = named.insert(name.clone(), file.clone()) {
                found.push(format!("{file}: `{name}` is the name of {other}; choose another"));
            }
        }
        for page in house.stems(&pages, ".md") {
            if !tools.contains(&page) {
                found.push(format!("{pages}/{page}.md: delete it: {server} has no such tool"));
            }
        }
        found.extend(elsewhere(house, &package.folder));
    }
    found
}

/// Tools that stand where nobody looks for them.
fn elsewhere(house: &House, folder: &str) -> Vec<String> {
    let sources = format!("{folder}/src/");
    let mut found = Vec::new();
    for file in &house.files {
        let Some(place) = file.strip_prefix(&sources) else { continue };
        let text = house.text(file);
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let at_home = place.strip_prefix("tools/").is_some_and(|name| !name.contains('/'));
        if !at_home && name_in(shipped).is_some() {
            found.push(format!("{file}: move the tool to {sources}tools/"));
        }
    }
    found
}

/// The value of a tool's `NAME`.
fn name_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("const NAME: &'static str")?;
    rest.split('"').nth(1).map(str::to_owned)
}

/// Hosts put their own words before a name and cut long ones.
fn fits_everywhere(name: &str) -> bool {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    (3..=40).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::house::made_of;

    const MANIFEST: (&str, &str) = ("servers/mcp-a/Cargo.toml", "[package]\nname = \"mcp-a\"\n");
    const LIST: (&str, &str) = ("servers/mcp-a/src/tools.rs", "with::<get_it::GetIt>()");
    const PAGE: (&str, &str) = ("servers/mcp-a/tests/pages/get_it.md", "# It\n");
    const TOOL: (&str, &str) =
        ("servers/mcp-a/src/tools/get_it.rs", "const NAME: &'static str =\n    \"get_it\";");

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        let (_folder, house) = made_of(files);
        violations(&house)
    }

    #[test]
    fn a_tool_with_list_and_page_passes() {
        assert!(said(&[MANIFEST, LIST, PAGE, TOOL]).is_empty());
    }

    #[test]
    fn a_tool_needs_its_page() {
        assert_eq!(
            said(&[MANIFEST, LIST, TOOL]),
            ["servers/mcp-a/tests/pages/get_it.md: write the page of `get_it`, under a `# ` title"]
        );
    }

    #[test]
    fn a_tool_needs_its_row() {
        let list = ("servers/mcp-a/src/tools.rs", "Tools::new()");
        assert_eq!(
            said(&[MANIFEST, list, PAGE, TOOL]),
            ["servers/mcp-a/src/tools.rs: list `get_it`"]
        );
    }

    #[test]
    fn a_file_bears_the_name_of_its_tool() {
        let tool = (TOOL.0, "const NAME: &'static str = \"other\";");
        assert_eq!(
            said(&[MANIFEST, LIST, PAGE, tool]),
            ["servers/mcp-a/src/tools/get_it.rs: name the file other.rs, after the tool"]
        );
    }

    #[test]
    fn names_are_unique_in_the_workspace() {
        let manifest = ("servers/mcp-b/Cargo.toml", "[package]\nname = \"mcp-b\"\n");
        let list = ("servers/mcp-b/src/tools.rs", LIST.1);
        let page = ("servers/mcp-b/tests/pages/get_it.md", PAGE.1);
        let tool = ("servers/mcp-b/src/tools/get_it.rs", TOOL.1);
        let found = said(&[MANIFEST, LIST, PAGE, TOOL, manifest, list, page, tool]);
        assert_eq!(
            found,
            [
                "servers/mcp-b/src/tools/get_it.rs: `get_it` is the name of servers/mcp-a/src/tools/get_it.rs; choose another"
            ]
        );
    }

    #[test]
    fn hosts_must_be_able_to_say_a_name() {
        let long = "a".repeat(41);
        for name in ["ab", "Get_It", "get-it", long.as_str()] {
            assert!(!super::fits_everywhere(name), "{name}");
        }
        assert!(super::fits_everywhere(&"a".repeat(40)));
    }

    #[test]
    fn a_tool_elsewhere_and_a_page_of_none_are_refused() {
        let stray = ("servers/mcp-a/src/stray.rs", TOOL.1);
        assert_eq!(
            said(&[MANIFEST, stray, PAGE]),
            [
                "servers/mcp-a/tests/pages/get_it.md: delete it: mcp-a has no such tool",
                "servers/mcp-a/src/stray.rs: move the tool to servers/mcp-a/src/tools/"
            ]
        );
    }
}
