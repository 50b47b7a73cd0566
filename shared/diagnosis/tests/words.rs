//! Lines of many libraries, each with what it says: kind, peer, library, line. `NONE` is a line of a healthy program, or of a
//! user's own mistake; `QUIET` is one that says nothing because of the level at which it is told.

use diagnosis::case::words::levels::is_quiet;
use diagnosis::case::words::said::{Said, said};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

/// How many lines there are at least. A test that reads none cannot fail.
const LEAST: usize = 1400;
/// How many of them must say nothing at least.
const LEAST_NONE: usize = 370;

/// The kind of a line as the corpus writes it: the variant, with what it names.
fn kind(said: &Said) -> String {
    let written = format!("{said:?}");
    let variant = written.split([' ', '{']).next().unwrap_or_default().to_owned();
    match said {
        Said::TlsFailed { why, .. } => format!("TlsFailed:{why:?}"),
        Said::NoSuchTable { name } | Said::NoSuchDatabase { name } => format!("{variant}:{name}"),
        Said::NoSuchThing { what, name } => {
            format!("{variant}:{what}:{}", name.as_deref().unwrap_or("-"))
        }
        Said::OwnException { class } => format!("{variant}:{class}"),
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

/// A line as it would be told at a level that alarms: what says nothing at a low one may do so by its level alone.
fn alarming(line: &str) -> String {
    let levels = [
        ("level=info", "level=error"),
        ("level=debug", "level=error"),
        ("lvl=info", "lvl=error"),
        ("\"level\":\"info\"", "\"level\":\"error\""),
        ("\"level\":\"debug\"", "\"level\":\"error\""),
        ("INFO", "ERROR"),
        ("DEBUG", "ERROR"),
        ("[info]", "[error]"),
        ("[debug]", "[error]"),
    ];
    levels.iter().fold(line.to_owned(), |line, (low, high)| line.replacen(low, high, 1))
}

/// The rows of all files: kind, peer, library, line.
fn rows() -> io::Result<Vec<[String; 4]>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/words");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|it| Ok(it?.path())).collect::<io::Result<_>>()?;
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        for row in fs::read_to_string(&file)?.lines() {
            let cells: Vec<String> = row.splitn(4, '\t').map(str::to_owned).collect();
            rows.push(cells.try_into().map_err(|_| io::Error::other(row.to_owned()))?);
        }
    }
    Ok(rows)
}

#[test]
fn every_line_is_understood_as_what_it_says() {
    let (mut missed, rows) = (String::new(), rows().unwrap());
    assert!(rows.len() >= LEAST, "{} rows", rows.len());
    for [expected, of, library, line] in rows {
        let (kind, peer) = told(&line);
        let expected = if expected == "QUIET" { "NONE" } else { &expected };
        if kind != expected || of != peer {
            writeln!(missed, "{expected}\t{of}\t{kind}\t{peer}\t{library}\t{line}").unwrap();
        }
    }
    assert!(missed.is_empty(), "expected, of, said, of:\n{missed}");
}

#[test]
fn what_says_nothing_does_so_at_every_level() {
    let (mut heard, mut count) = (String::new(), 0);
    for [_, _, library, line] in rows().unwrap().into_iter().filter(|row| row[0] == "NONE") {
        count += 1;
        if let Some(said) = said(&alarming(&line)) {
            writeln!(heard, "{said:?}\t{library}\t{line}").unwrap();
        }
    }
    assert!(count >= LEAST_NONE, "{count} rows");
    assert!(heard.is_empty(), "said:\n{heard}");
}
