//! What a caller makes of an object, and what it costs to keep that.

/// What is made of an object that is kept up to date, and kept beside it so that it is made once.
pub trait Made: Send + Sync + 'static {
    /// Bytes that it takes, as far as can be said, where the JSON of its object has `json`.
    fn takes(&self, json: u64) -> u64;
}
