//! Source files: one sentence first, not too long, finished, named plainly, imported from where they stand.

use crate::house::House;

/// Longer files are two files.
const WALL: usize = 400;

/// Marks of unfinished work, put together here so that this file bears none.
const MARKS: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Words that say nothing about what a thing is.
const EMPTY_WORDS: [&str; 3] = ["manager", "helper", "util"];
/// A product whose name holds one of them.
const PRODUCT: &str = "alertmanager";

pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for file in &house.files {
        let text = house.text(file);
        if file.ends_with(".rs") || file.ends_with(".toml") || file.ends_with(".md") {
            found.extend(unfinished(file, &text));
        }
        if !file.ends_with(".rs") {
            continue;
        }
        if !text.starts_with("//! ") {
            found.push(format!("{file}:1: open with `//!` and one sentence about the file"));
        }
        let lines = text.lines().count();
        if lines > WALL {
            found.push(format!("{file}: split it: {lines} lines, and {WALL} is the wall"));
        }
        if file.ends_with("/mod.rs") {
            found.push(format!("{file}: name it after its folder, beside the folder"));
        }
        found.extend(re_exports(file, &text));
        found.extend(empty_names(file, &text));
        if file.ends_with("src/lib.rs") {
            found.extend(beyond_modules(file, &text));
        }
    }
    found
}

fn unfinished(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        if let Some(mark) = words.find(|word| MARKS.contains(word)) {
            found.push(format!("{file}:{}: finish it, or open an issue: {mark}", number + 1));
        }
    }
    found
}

fn re_exports(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("pub use ") || (line.starts_with("pub(") && line.contains(") use ")) {
            found.push(format!(
                "{file}:{}: re-export nothing; import it from the file that defines it",
                number + 1
            ));
        }
    }
    found
}

fn empty_names(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    if is_empty_name(stem) {
        found.push(format!("{file}: name it after what it does"));
    }
    for (number, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
        let defines = words.next().is_some_and(|it| matches!(it, "struct" | "enum" | "trait"));
        if defines && is_empty_name(words.next().unwrap_or_default()) {
            found.push(format!("{file}:{}: name it after what it is or does", number + 1));
        }
    }
    found
}

fn is_empty_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(PRODUCT, "");
    EMPTY_WORDS.iter().any(|word| name.contains(word))
}

/// A `lib.rs` is a table of contents, so that there is one place to import a thing from.
fn beyond_modules(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_attribute = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        in_attribute |= line.starts_with("#[") || line.starts_with("#![");
        let declares = line.starts_with("mod ") || line.starts_with("pub mod ");
        let module = declares && line.ends_with(';');
        let comment = line.is_empty() || line.starts_with("//");
        if !module && !comment && !in_attribute {
            found.push(format!(
                "{file}:{}: move it to a file of its own; lib.rs only declares modules",
                number + 1
            ));
        }
        in_attribute &= !line.ends_with(']');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{MARKS, violations};
    use crate::house::made_of;

    fn said(file: &str, text: &str) -> Vec<String> {
        let (_folder, house) = made_of(&[(file, text)]);
        violations(&house)
    }

    #[test]
    fn a_good_file_passes() {
        assert!(said("shared/a/src/lib.rs", "//! It.\n\n#[cfg(unix)]\npub mod b;\n").is_empty());
        let long = "//! It.\n#![expect(\n    clippy::a,\n    reason = \"b\"\n)]\n\npub mod c;\n";
        assert!(said("shared/a/src/lib.rs", long).is_empty());
    }

    #[test]
    fn a_file_opens_with_a_sentence() {
        let found = said("shared/a/src/b.rs", "use std::fmt;\n");
        assert_eq!(found, ["shared/a/src/b.rs:1: open with `//!` and one sentence about the file"]);
    }

    #[test]
    fn four_hundred_lines_are_the_wall() {
        let at_the_wall = format!("//! It.\n{}", "//\n".repeat(399));
        assert!(said("shared/a/src/b.rs", &at_the_wall).is_empty());
        let found = said("shared/a/src/b.rs", &format!("{at_the_wall}//\n"));
        assert_eq!(found, ["shared/a/src/b.rs: split it: 401 lines, and 400 is the wall"]);
    }

    #[test]
    fn modules_are_named_after_their_folder() {
        let found = said("shared/a/src/b/mod.rs", "//! It.\n");
        assert_eq!(found, ["shared/a/src/b/mod.rs: name it after its folder, beside the folder"]);
    }

    #[test]
    fn unfinished_work_is_refused_but_the_word_inside_another_is_not() {
        for mark in MARKS {
            assert_eq!(said("docs/a.md", &format!("One.\n\n({mark}: later)\n")).len(), 1, "{mark}");
            assert!(said("docs/a.md", &format!("{mark}S and A{mark}\n")).is_empty(), "{mark}");
        }
    }

    #[test]
    fn nothing_is_exported_twice() {
        assert_eq!(said("shared/a/src/b.rs", "//! It.\npub use crate::c::C;\n").len(), 1);
        assert_eq!(said("shared/a/src/b.rs", "//! It.\npub(crate) use crate::c::C;\n").len(), 1);
    }

    #[test]
    fn names_say_something() {
        assert_eq!(said("shared/a/src/utils.rs", "//! It.\n").len(), 1);
        assert_eq!(said("shared/a/src/b.rs", "//! It.\npub struct PodManager;\n").len(), 1);
        assert!(said("shared/a/src/b.rs", "//! It.\npub struct Alertmanager;\n").is_empty());
    }

    #[test]
    fn a_lib_holds_modules_alone() {
        let found = said("shared/a/src/lib.rs", "//! It.\npub struct A;\n");
        assert_eq!(
            found,
            ["shared/a/src/lib.rs:2: move it to a file of its own; lib.rs only declares modules"]
        );
    }
}
