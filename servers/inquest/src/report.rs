//! A report as people and programs read it: one order for all forms, one small renderer for each.

pub mod html;
pub mod markdown;
pub mod page;
pub mod plain;
pub mod text;
pub mod weights;

use clap::ValueEnum;
use evidence::report::Report;
use text::Terminal;

/// The forms in which a report can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// The published schema, for programs.
    Json,
    /// For a ticket or a chat.
    Markdown,
    /// One page that needs nothing else.
    Html,
}

/// The report in the form asked for, with a newline at its end. Errors only where JSON cannot hold it.
pub fn render(
    report: &Report,
    format: Format,
    terminal: Terminal,
) -> Result<String, serde_json::Error> {
    match format {
        Format::Text => Ok(text::render(&page::blocks(report), terminal)),
        Format::Markdown => Ok(markdown::render(&page::blocks(report))),
        Format::Html => Ok(html::render(&page::blocks(report))),
        Format::Json => {
            let mut json = serde_json::to_string_pretty(report)?;
            json.push('\n');
            Ok(json)
        }
    }
}
