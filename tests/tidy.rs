//! The house rules: every violation is one line that names a file and says what to do.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/catalogue.rs"]
mod catalogue;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/homes.rs"]
mod homes;
#[path = "tidy/house.rs"]
mod house;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/pages.rs"]
mod pages;
#[path = "tidy/purity.rs"]
mod purity;
#[path = "tidy/tools.rs"]
mod tools;

use house::House;
use std::path::Path;

/// Holds one rule against this checkout.
fn hold(rule: fn(&House) -> Vec<String>) {
    let house = House::at(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    assert!(!house.packages.is_empty(), "no packages were found, so nothing was checked");
    let violations = rule(&house);
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn our_crates_depend_downwards_only() {
    hold(arrows::violations);
}

#[test]
fn outside_crates_stay_in_their_homes() {
    hold(homes::violations);
}

#[test]
fn manifests_inherit_from_the_root() {
    hold(manifests::violations);
}

#[test]
fn files_are_short_documented_and_finished() {
    hold(files::violations);
}

#[test]
fn nouns_and_judge_are_pure() {
    hold(purity::violations);
}

#[test]
fn every_tool_has_its_name_its_place_and_its_page() {
    hold(tools::violations);
}

#[test]
fn every_failure_mode_has_its_id_its_row_and_its_page() {
    hold(catalogue::violations);
}

#[test]
fn documents_are_there_and_point_at_what_exists() {
    hold(pages::violations);
}
