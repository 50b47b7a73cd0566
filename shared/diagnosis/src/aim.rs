//! What a question wants to know.

/// What a question wants to know. The verdict is reached in the same way for each; the answer that comes before it differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aim {
    /// Why something fails, or whether it is healthy.
    #[default]
    Cause,
    /// What was changed, and by whom.
    Changes,
    /// Which pods there are, those with trouble first.
    Pods,
    /// What was written into logs.
    Logs,
}
