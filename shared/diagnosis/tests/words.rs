//! Lines of many libraries, each with what it says: kind, peer, library, line. `NONE` is a line of a healthy program.

use diagnosis::case::words::levels::is_quiet;
use diagnosis::case::words::said::{Said, said};
use std::fmt::Write as _;
use std::fs;

/// The kind of a line as the corpus writes it: the variant, with what it names.
fn kind(said: &Said) -> String {
    let written = format!("{said:?}");
    let variant = written.split([' ', '{']).next().unwrap_or_default().to_owned();
    match said {
        Said::TlsFailed { why, .. } => format!("TlsFailed:{why:?}"),
        Said::NoSuchThing { name, .. } => format!("{variant}:{}", name.as_deref().unwrap_or("-")),
        _ => variant,
    }
}

/// What a line says that is told as a failure.
fn told(line: &str) -> (String, String) {
    let said = said(line).filter(|_| !is_quiet(line));
    let peer = said.as_ref().and_then(|it| it.peer().map(ToString::to_string));
    let kind = said.as_ref().map_or("NONE".to_owned(), kind);
    (kind, peer.unwrap_or_else(|| "-".to_owned()))
}

#[test]
fn every_line_is_understood_as_what_it_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/words");
    let mut missed = String::new();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    for file in files {
        for row in fs::read_to_string(&file).unwrap().lines() {
            let cells: Vec<&str> = row.splitn(4, '\t').collect();
            let &[expected, of, library, line] = cells.as_slice() else { panic!("{row}") };
            let (kind, peer) = told(line);
            let same = kind == expected && (of == peer || expected == "NONE");
            if !same {
                writeln!(missed, "{expected}\t{of}\t{kind}\t{peer}\t{library}\t{line}").unwrap();
            }
        }
    }
    assert!(missed.is_empty(), "expected, of, said, of:\n{missed}");
}
