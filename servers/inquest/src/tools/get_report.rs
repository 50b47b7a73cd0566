//! The whole report of an investigation.

use super::Lead;
use crate::report::text::Terminal;
use crate::report::{page, text};
use mcp::answer::{Answer, Quote};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use page::Block;
use schemars::JsonSchema;
use serde::Deserialize;

/// The whole report.
pub struct GetReport;

/// The arguments of `get_report`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The report's id
    id: String,
    /// One section; left out: all
    section: Option<Section>,
}

/// The sections of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Section {
    /// The causes with chain and change.
    RootCause,
    /// What suffers.
    Impact,
    /// What a human might do.
    Remediation,
    /// What was refuted.
    RuledOut,
    /// What could not be looked at.
    NotExamined,
    /// What happened when.
    Timeline,
    /// What it rests on.
    Evidence,
}

impl Section {
    /// How its head begins on the page.
    fn head(self) -> &'static str {
        match self {
            Section::RootCause => "Root cause",
            Section::Impact => "Impact",
            Section::Remediation => "What to do",
            Section::RuledOut => "Ruled out",
            Section::NotExamined => "Not examined",
            Section::Timeline => "Timeline",
            Section::Evidence => "Evidence",
        }
    }
}

impl Tool<Lead> for GetReport {
    const NAME: &'static str = "get_report";
    const ABOUT: &'static str = "The whole report of an investigation, or one section: chain, change, what was ruled \
out and what could not be examined. Use it for details.";
    type Ask = Ask;

    async fn answer(lead: &Lead, ask: Ask, _call: &Call) -> Result<Answer, Failure> {
        let concluded = lead.concluded(&ask.id)?;
        let report = &concluded.report;
        let blocks = match ask.section {
            None => page::blocks(report),
            Some(section) => only(section, page::blocks(report)),
        };
        let text = text::render(&blocks, Terminal::default());
        Ok(Answer {
            summary: format!(
                "report {}: {}",
                report.id,
                page::verdict(report.verdict).to_lowercase()
            ),
            quotes: vec![Quote { label: "report".to_owned(), text }],
            next: vec![format!("get_evidence(id={}, evidence=E1)", report.id)],
            ..Answer::default()
        })
    }
}

fn only(section: Section, blocks: Vec<Block>) -> Vec<Block> {
    let mut within = false;
    let mut kept = Vec::new();
    for block in blocks {
        if let Block::Section(head) = &block {
            within = head.starts_with(section.head());
        }
        if within {
            kept.push(block);
        }
    }
    kept
}
