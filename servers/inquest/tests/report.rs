//! How one report reads in every form; `UPDATE=1` writes the expected files anew.
#![cfg(test)]

use evidence::report::Report;
use inquest::report::text::Terminal;
use inquest::report::{Format, render};
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

const SAMPLE: &str = include_str!("report/report.json");

fn sample() -> Report {
    serde_json::from_str(SAMPLE).unwrap()
}

fn shown(format: Format) -> String {
    render(&sample(), format, Terminal::default()).unwrap()
}

/// Compares with the file, or writes it.
#[track_caller]
fn reads_as(file: &str, text: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(file);
    if option_env!("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{file}: UPDATE=1 writes it anew");
}

#[test]
fn text() {
    reads_as("report.txt", &shown(Format::Text));
}

#[test]
fn markdown() {
    reads_as("report.md", &shown(Format::Markdown));
}

#[test]
fn html() {
    reads_as("report.html", &shown(Format::Html));
}

#[test]
fn json_is_the_report_itself() {
    let json = shown(Format::Json);
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), sample());
    assert!(json.ends_with("}\n"));
}

#[test]
fn the_sample_passes_the_linter() {
    assert_eq!(evidence::lint::lint(&sample()), Vec::<String>::new());
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [24, 40, 80, 200] {
        let text = render(&sample(), Format::Text, Terminal { width, colour: false }).unwrap();
        for line in text.lines() {
            assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
    }
}

#[test]
fn colour_is_there_only_when_wanted() {
    assert!(!shown(Format::Text).contains('\u{1b}'));
    let coloured = render(&sample(), Format::Text, Terminal { width: 80, colour: true }).unwrap();
    assert!(coloured.starts_with("\u{1b}[1;31mROOT CAUSE FOUND\u{1b}[0m\n"));
}

#[test]
fn a_typical_report_is_short() {
    // Four bytes a token is what the schema estimate uses too; measured o200k counts are lower for such text.
    let bytes = shown(Format::Text).len();
    assert!(bytes / 4 <= 2500, "{bytes} bytes");
}

#[test]
fn hostile_words_stay_words() {
    let markdown = shown(Format::Markdown);
    assert!(markdown.contains("````text\n"), "the fence is longer than the backticks inside");
    let html = shown(Format::Html);
    assert!(!html.contains("<script") && !html.contains("<img"));
    for text in [shown(Format::Text), markdown, html] {
        assert!(!text.contains('\u{1b}'));
    }
}

#[test]
fn hostile_names_make_no_markup() {
    let mut report = sample();
    report.summary = "[x](http://evil.example) <img src=x> @everyone www.evil.example".to_owned();
    let markdown = render(&report, Format::Markdown, Terminal::default()).unwrap();
    let line = r"\[x\](http\://evil.example) \<img src=x\> \@everyone www\.evil.example";
    assert!(markdown.contains(line), "{markdown}");
}
