//! Failure modes: each is one file and one page, with an id of its own, and stands in the list.

use crate::house::House;
use std::collections::BTreeMap;

const FOLDER: &str = "shared/diagnosis/src/catalogue";
const LIST: &str = "shared/diagnosis/src/catalogue.rs";

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let list = house.text(LIST);
    let modes = house.stems(FOLDER, ".rs");
    for mode in &modes {
        let file = format!("{FOLDER}/{mode}.rs");
        let id = house
            .text(&file)
            .split_once("id: \"")
            .and_then(|(_, rest)| rest.split_once('"').map(|(id, _)| id.to_owned()));
        match id {
            Some(id) if !well_formed(&id) => {
                found.push(format!("{file}: write the id `{id}` as FAMILY-01"));
            }
            Some(id) => {
                if let Some(other) = ids.insert(id.clone(), file.clone()) {
                    found.push(format!(
                        "{file}: {id} is the id of {other}; take the next free number"
                    ));
                }
            }
            None => found.push(format!("{file}: give its MODE an id")),
        }
        if !list.contains(&format!("mod {mode};")) || !list.contains(&format!("{mode}::MODE")) {
            found.push(format!(
                "{LIST}: list `{mode}`: `cargo test -p diagnosis` rewrites the list"
            ));
        }
        let page = house.text(&format!("{FOLDER}/{mode}.md"));
        if cases(&page) < 2 {
            found.push(format!(
                "{FOLDER}/{mode}.md: write at least two cases, each a `facts` and a `report` block: one that fires, one near miss"
            ));
        }
    }
    for page in house.stems(FOLDER, ".md") {
        if !modes.contains(&page) {
            found.push(format!("{FOLDER}/{page}.md: delete it: there is no {page}.rs"));
        }
    }
    found
}

/// Each case ends with what the engine must make of it; that it does is tested in `diagnosis`.
fn cases(page: &str) -> usize {
    page.lines().filter(|line| line.trim_end() == "```report").count()
}

/// `IMG-01`: a family in capitals, and a number.
fn well_formed(id: &str) -> bool {
    let Some((family, number)) = id.split_once('-') else { return false };
    let capitals = !family.is_empty() && family.bytes().all(|it| it.is_ascii_uppercase());
    capitals && number.len() >= 2 && number.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{violations, well_formed};
    use crate::house::made_of;

    const A: (&str, &str) = ("shared/diagnosis/src/catalogue/a.rs", "id: \"IMG-01\",");
    const PAGE: (&str, &str) =
        ("shared/diagnosis/src/catalogue/a.md", "```report\nproven\n```\n\n```report\n```\n");
    const LIST: (&str, &str) = ("shared/diagnosis/src/catalogue.rs", "mod a;\n&a::MODE\n");

    fn said(files: &[(&str, &str)]) -> Vec<String> {
        let (_folder, house) = made_of(files);
        violations(&house)
    }

    #[test]
    fn a_mode_with_id_row_and_page_passes() {
        assert!(said(&[A, PAGE, LIST]).is_empty());
    }

    #[test]
    fn a_page_needs_a_near_miss() {
        let page = (PAGE.0, "## Near miss\n\n```report\nproven\n```\n");
        assert!(said(&[A, page, LIST]).iter().any(|line| line.contains("near miss")));
    }

    #[test]
    fn an_id_is_given_once() {
        let b = ("shared/diagnosis/src/catalogue/b.rs", A.1);
        let page = ("shared/diagnosis/src/catalogue/b.md", PAGE.1);
        let list = (LIST.0, "mod a;\nmod b;\n&a::MODE\n&b::MODE\n");
        assert_eq!(
            said(&[A, PAGE, b, page, list]),
            [
                "shared/diagnosis/src/catalogue/b.rs: IMG-01 is the id of shared/diagnosis/src/catalogue/a.rs; take the next free number"
            ]
        );
    }

    #[test]
    fn the_list_is_complete() {
        let found = said(&[A, PAGE, (LIST.0, "")]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_page_without_a_mode_is_refused() {
        assert_eq!(
            said(&[PAGE]),
            ["shared/diagnosis/src/catalogue/a.md: delete it: there is no a.rs"]
        );
    }

    #[test]
    fn ids_have_one_form() {
        assert!(well_formed("RBAC-02"));
        for id in ["img-01", "IMG01", "IMG-1", "-01", "IMG-x1"] {
            assert!(!well_formed(id), "{id}");
        }
    }
}
