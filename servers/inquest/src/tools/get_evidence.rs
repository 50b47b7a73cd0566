//! One piece of evidence, with the fact behind it as it was seen.

use super::Lead;
use crate::hearing::Concluded;
use evidence::report::Evidence;
use mcp::answer::{Answer, Quote};
use mcp::failure::{Code, Failure};
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// One piece of evidence.
pub struct GetEvidence;

/// The arguments of `get_evidence`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The report's id
    id: String,
    /// The evidence in it, as E3
    evidence: String,
}

impl Tool<Lead> for GetEvidence {
    const NAME: &'static str = "get_evidence";
    const ABOUT: &'static str = "One piece of a report's evidence: which read saw it, when, and the redacted fact \
itself. Use it to check a citation.";
    type Ask = Ask;

    async fn answer(lead: &Lead, ask: Ask, _call: &Call) -> Result<Answer, Failure> {
        let concluded = lead.concluded(&ask.id)?;
        let seen = find(&concluded, &ask.evidence)?;
        let mut quotes = Vec::new();
        if !seen.excerpt.is_empty() {
            quotes.push(Quote { label: "excerpt".to_owned(), text: seen.excerpt.clone() });
        }
        if let Some(body) = concluded.cited.get(&seen.digest) {
            let text = serde_json::to_string_pretty(body).unwrap_or_default();
            quotes.push(Quote { label: "the fact as it was seen".to_owned(), text });
        }
        Ok(Answer {
            summary: format!("{}: {}: {}", seen.id, seen.subject, seen.observation),
            problems: vec![
                format!("read by {} {} {}", seen.server, seen.tool, seen.arguments),
                format!(
                    "upstream {} {} at {}",
                    seen.upstream.method, seen.upstream.path, seen.observed_at
                ),
                format!("digest {}", seen.digest),
            ],
            quotes,
            next: vec![format!("verify_evidence(id={}, evidence={})", ask.id, seen.id)],
            ..Answer::default()
        })
    }
}

/// The evidence of that id in a report.
pub(super) fn find<'a>(concluded: &'a Concluded, id: &str) -> Result<&'a Evidence, Failure> {
    let all = &concluded.report.evidence;
    all.iter().find(|it| it.id.eq_ignore_ascii_case(id)).ok_or_else(|| {
        let ids: Vec<&str> = all.iter().map(|it| it.id.as_str()).collect();
        Failure {
            code: Code::NotFound,
            message: format!(
                "evidence: there is no {:?} in this report",
                crate::report::plain::line(id, 20)
            ),
            retryable: false,
            hint: format!("there are {}", ids.join(", ")),
        }
    })
}
