//! One part of a dashboard, as JSON.

use crate::tools::grafana_get_dashboard::Read;
use mcp::answer::{Answer, Quote};
use mcp::failure::Failure;
use mcp::part;
use serde_json::Value;

/// Bytes of a part that is told whole; of a larger one, what lies in it.
const MOST_BYTES: usize = 12 * 1024;
/// Fields or elements that are named of a larger one.
const MOST_NAMED: usize = 60;

/// Tells the part that `path` names.
///
/// # Errors
/// Where there is no such part.
pub(crate) fn told(read: &Read, path: &str) -> Result<Answer, Failure> {
    let found = part::of(&read.dashboard.body, path)?;
    let text = format!("{found:#}");
    let path = path.trim();
    if text.len() <= MOST_BYTES {
        return Ok(Answer {
            summary: format!("{path} of {:?}: {} bytes.", read.title, text.len()),
            quotes: vec![Quote { label: path.to_owned(), text }],
            ..Answer::default()
        });
    }
    let lines = inside(found);
    let left_out = lines.len().saturating_sub(MOST_NAMED);
    let mut shown: Vec<String> = lines.into_iter().take(MOST_NAMED).collect();
    if left_out > 0 {
        shown.push(format!("and {left_out} more"));
    }
    Ok(Answer {
        summary: format!(
            "{path} of {:?} has {} bytes, more than {MOST_BYTES}: ask for a part of it.",
            read.title,
            text.len()
        ),
        quotes: vec![Quote { label: format!("what lies in {path}"), text: shown.join("\n") }],
        ..Answer::default()
    })
}

/// What lies in a value, each with its size.
fn inside(value: &Value) -> Vec<String> {
    let size = |it: &Value| it.to_string().len();
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| format!("{name}: {} bytes", size(it))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| format!("[{at}]: {} bytes", size(it))).collect()
        }
        _ => Vec::new(),
    }
}
