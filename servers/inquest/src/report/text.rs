//! The page for a terminal of any width.

use super::page::{Block, verdict};
use evidence::report::Verdict;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Narrower than this, words are broken rather than the indentation kept.
const NARROWEST: usize = 20;

/// What the text is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
    /// It shows colours, and they are wanted.
    pub colour: bool,
}

impl Default for Terminal {
    /// What a file or a pipe gets: 100 columns, no colour.
    fn default() -> Self {
        Terminal { width: 100, colour: false }
    }
}

/// The page as text, with a newline at its end.
pub fn render(blocks: &[Block], terminal: Terminal) -> String {
    let width = terminal.width.max(NARROWEST);
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Verdict(reached) => {
                let head = paint(terminal, colour_of(*reached), &verdict(*reached).to_uppercase());
                text.push_str(&format!("{head}\n"));
            }
            Block::Section(head) => {
                text.push('\n');
                for line in wrap(head, width) {
                    text.push_str(&format!("{}\n", paint(terminal, "1", &line)));
                }
            }
            Block::Line { depth, label, text: said, cites } => {
                let indent = " ".repeat((depth * 2).min(width / 4));
                let label = if label.is_empty() { String::new() } else { format!("{label}  ") };
                let cites = match cites.is_empty() {
                    true => String::new(),
                    false => format!(" [{}]", cites.join(" ")),
                };
                let lines = wrap(&format!("{label}{said}{cites}"), width - indent.width());
                for (number, line) in lines.iter().enumerate() {
                    let hang = if number > 0 && !label.is_empty() { "  " } else { "" };
                    let line = dim_label(terminal, line, if number == 0 { &label } else { "" });
                    text.push_str(&format!("{indent}{hang}{line}\n"));
                }
            }
            Block::Command(command) => {
                for line in continued(command, width - 4) {
                    text.push_str(&format!("  {}\n", paint(terminal, "36", &line)));
                }
            }
            Block::Quote(lines) => {
                for line in lines.iter().flat_map(|line| wrap(line, width - 4)) {
                    text.push_str(&format!("  {} {line}\n", paint(terminal, "2", "|")));
                }
            }
        }
    }
    text
}

fn colour_of(reached: Verdict) -> &'static str {
    match reached {
        Verdict::RootCauseFound => "1;31",
        Verdict::NoFaultFound => "1;32",
        Verdict::Inconclusive => "1;33",
    }
}

fn paint(terminal: Terminal, code: &str, text: &str) -> String {
    match terminal.colour {
        true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

fn dim_label(terminal: Terminal, line: &str, label: &str) -> String {
    match line.strip_prefix(label) {
        Some(rest) if !label.is_empty() => format!("{}{rest}", paint(terminal, "2", label)),
        _ => line.to_owned(),
    }
}

/// The text in lines of at most `width` columns, two of them kept for a hanging indent.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.saturating_sub(2).max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        for piece in pieces(word, width) {
            if !line.is_empty() && line.width() + 1 + piece.width() > width {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    lines.push(line);
    lines
}

/// The word in pieces no wider than `width`.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for character in word.chars() {
        let columns = character.width().unwrap_or(0);
        if used + columns > width {
            pieces.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

/// A command over several lines that a shell still reads as one: broken only at spaces outside quotation marks.
fn continued(command: &str, width: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (None, ' ') => words.push(String::new()),
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        if (quote.is_some() || character != ' ')
            && let Some(word) = words.last_mut()
        {
            word.push(character);
        }
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.iter().filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() + 2 > width {
            lines.push(format!("{line} \\"));
            line = "  ".to_owned();
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
