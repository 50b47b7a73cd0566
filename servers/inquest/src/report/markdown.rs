//! The page as Markdown in which nothing that others wrote is markup.

use super::page::{Block, verdict};

/// The page as Markdown, with a newline at its end.
pub fn render(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Verdict(reached) => text.push_str(&format!("# {}\n\n", verdict(*reached))),
            Block::Section(head) => text.push_str(&format!("\n## {}\n\n", inert(head))),
            Block::Line { depth, label, text: said, cites } => {
                let indent = "  ".repeat(*depth);
                let label = match label.is_empty() {
                    true => String::new(),
                    false => format!("**{}** ", inert(label)),
                };
                let cites = match cites.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", inert(&cites.join(", "))),
                };
                text.push_str(&format!("{indent}- {label}{}{cites}\n", inert(said)));
            }
            Block::Command(command) => fenced(&mut text, "sh", std::slice::from_ref(command)),
            Block::Quote(lines) => fenced(&mut text, "text", lines),
        }
    }
    text
}

/// A block that its content cannot close: its fence is longer than any run of backticks within.
fn fenced(text: &mut String, language: &str, lines: &[String]) {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    text.push_str(&format!("\n  {fence}{language}\n"));
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&format!("  {fence}\n\n"));
}

fn longest_run(line: &str) -> usize {
    line.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// The text with every character escaped that could begin a link, an image, HTML, emphasis, code or a mention.
fn inert(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (position, character) in text.char_indices() {
        let special = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '@' | '$' | '!' => {
                true
            }
            '#' | '+' | '-' | '=' => position == 0,
            // What a renderer makes a link of without any markup: `http://x`, `www.x`.
            ':' => text[position..].starts_with("://"),
            '.' => text[..position].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
