//! Reads a report's evidence again, and says in words what has changed since.

use super::{Lead, get_evidence};
use crate::delegation::Call as Delegated;
use crate::hearing::Concluded;
use crate::verification::{self, Verified};
use crate::witnesses::Witnesses;
use evidence::report::Evidence;
use mcp::answer::{Answer, Table};
use mcp::failure::Failure;
use mcp::tool::{Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

/// Reads evidence again.
pub struct VerifyEvidence;

/// The arguments of `verify_evidence`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The report's id
    id: String,
    /// One piece of evidence, as E3; left out: all
    evidence: Option<String>,
}

impl Tool<Lead> for VerifyEvidence {
    const NAME: &'static str = "verify_evidence";
    const ABOUT: &'static str = "Reads a report's evidence again with the same calls and says what has changed. Use it \
before acting on a report, or to see whether a fix helped.";
    type Ask = Ask;

    async fn answer(lead: &Lead, ask: Ask, call: &Call) -> Result<Answer, Failure> {
        let concluded = lead.concluded(&ask.id)?;
        let wanted: Vec<&Evidence> = match &ask.evidence {
            Some(id) => vec![get_evidence::find(&concluded, id)?],
            None => concluded.report.evidence.iter().collect(),
        };
        let rows = verify(&lead.witnesses, &concluded, &wanted, call).await;
        let same = rows.iter().filter(|(_, it)| *it == Verified::Same).count();
        let table = rows.iter().map(|(seen, verified)| {
            vec![seen.id.clone(), seen.subject.to_string(), verified.to_string()]
        });
        Ok(Answer {
            summary: format!("{same} of {} pieces of evidence are as they were", rows.len()),
            table: Table {
                columns: vec!["ID".to_owned(), "SUBJECT".to_owned(), "NOW".to_owned()],
                rows: table.collect(),
            },
            ..Answer::default()
        })
    }
}

/// Each call is made once, however much evidence came from it.
async fn verify<'a>(
    witnesses: &Witnesses,
    concluded: &Concluded,
    wanted: &[&'a Evidence],
    call: &Call,
) -> Vec<(&'a Evidence, Verified)> {
    let mut answers: Vec<(Delegated, Result<_, Failure>)> = Vec::new();
    let mut rows = Vec::new();
    for &seen in wanted {
        let again = delegated(witnesses, seen);
        if !answers.iter().any(|(made, _)| *made == again) {
            let left = call.deadline.saturating_duration_since(Instant::now());
            let answer = witnesses.ask(&again, left, &call.cancelled).await;
            answers.push((again.clone(), answer));
        }
        let verified = match answers.iter().find(|(made, _)| *made == again) {
            Some((_, Ok(heard))) => {
                verification::compare(seen, concluded.cited.get(&seen.digest), &heard.testimony)
            }
            Some((_, Err(failure))) => Verified::Unknown(failure.message.clone()),
            None => Verified::Unknown("it was not asked for".to_owned()),
        };
        rows.push((seen, verified));
    }
    rows
}

fn delegated(witnesses: &Witnesses, seen: &Evidence) -> Delegated {
    let known = witnesses.servers().find(|(name, _)| *name == seen.server);
    let arguments = match &seen.arguments {
        Value::Object(arguments) => arguments.clone(),
        _ => serde_json::Map::new(),
    };
    Delegated {
        server: known.map_or("", |(name, _)| name),
        tool: seen.tool.clone().into(),
        arguments,
        about: String::new(),
    }
}
