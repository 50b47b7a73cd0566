//! Why a snapshot was refused, in one line that names the file.

/// A snapshot that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct LoadError {
    /// The file, as `kubernetes/web.yaml:12:3` where line and column are known.
    pub place: String,
    /// What is wrong with it.
    pub reason: String,
}

impl LoadError {
    pub(crate) fn new(place: &str, reason: impl Into<String>) -> LoadError {
        LoadError { place: place.to_owned(), reason: reason.into() }
    }

    /// At a line and column, each from 1.
    pub(crate) fn at(file: &str, line: u64, column: u64, reason: impl Into<String>) -> LoadError {
        LoadError::new(&format!("{file}:{line}:{column}"), reason)
    }
}
