//! What a server replied, taken apart and not trusted.

use crate::failure::{Code, Failure};
use evidence::testimony::Testimony;
use readonly::sanitise;
use rmcp::model::CallToolResult;
use serde_json::Value;

/// Our own servers send 16 KiB; others may send more.
const TEXT_BYTES: usize = 64 * 1024;
/// A message of a server that is not ours.
const MESSAGE_BYTES: usize = 1024;

/// What a server replied.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The text, as an agent would read it.
    pub text: String,
    /// The envelope, without the testimony; null where there is none.
    pub structured: Value,
    /// The typed facts, where they were asked for and the server has any.
    pub testimony: Option<Testimony>,
    /// Set where the tool failed.
    pub failure: Option<Failure>,
}

impl Reply {
    /// Takes a result apart.
    ///
    /// # Errors
    /// One line, where there is a testimony that is not in our form.
    pub(crate) fn read(result: CallToolResult) -> Result<Reply, String> {
        let parts = result.content.iter().filter_map(|part| part.as_text());
        let text: Vec<&str> = parts.map(|part| part.text.as_str()).collect();
        let text = text.join("\n");
        if result.is_error == Some(true) {
            return Ok(Reply { failure: Some(failure(&text)), ..Reply::default() });
        }
        let mut structured = result.structured_content.unwrap_or_default();
        let testimony = structured.as_object_mut().and_then(|fields| fields.remove("testimony"));
        let testimony = match testimony.map(serde_json::from_value) {
            Some(Ok(testimony)) => Some(testimony),
            Some(Err(error)) => return Err(one_line(&format!("testimony: {error}"))),
            None => None,
        };
        let text = sanitise::clean(&text, TEXT_BYTES).into_owned();
        Ok(Reply { text, structured, testimony, failure: None })
    }
}

/// Our servers say what failed as JSON; what others say is passed on as it is.
fn failure(text: &str) -> Failure {
    let failure: Failure = serde_json::from_str(text).unwrap_or_else(|_| Failure {
        code: Code::UpstreamError,
        message: text.to_owned(),
        retryable: false,
        hint: String::new(),
    });
    Failure { message: one_line(&failure.message), hint: one_line(&failure.hint), ..failure }
}

/// What somebody else said, cleaned and on one line.
pub(crate) fn one_line(text: &str) -> String {
    sanitise::clean(text, MESSAGE_BYTES).replace(['\n', '\t'], " ")
}
