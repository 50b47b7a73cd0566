//! One question that a server can be asked. Adding a tool is one file with one of these, and one page.

use crate::answer::Answer;
use crate::failure::Failure;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One question that a server holding `S` can be asked. There is no way to make one that writes.
pub trait Tool<S>: Send + Sync + 'static {
    /// The name on the wire, and of the file it stands in.
    const NAME: &'static str;
    /// What the agent reads before it chooses: what it brings back, and when to use it.
    const ABOUT: &'static str;
    /// The arguments; their docs are what the agent reads, so `deny_unknown_fields` and keep them short.
    type Ask: DeserializeOwned + JsonSchema + Send + 'static;
    /// Answers with what could be seen by the deadline. What could not is in the answer, not an error.
    fn answer(
        server: &S,
        ask: Self::Ask,
        call: &Call,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// The circumstances of one call.
#[derive(Clone, Debug)]
pub struct Call {
    /// When the answer must be on its way.
    pub deadline: Instant,
    /// Set when the caller goes away. The runtime drops the tool's future then; spawned work must watch it.
    pub cancelled: CancellationToken,
    /// The caller asked for typed facts.
    pub wants_facts: bool,
    /// The caller asked for rows that a program reads.
    pub wants_rows: bool,
}
