//! Why a command ends without what it was asked for, and the exit code that says so.

/// Exit code of a command that did what it was asked; of an investigation that reached a verdict.
pub const DONE: u8 = 0;
/// Exit code of an investigation that reached none; its report is printed all the same.
pub const INCONCLUSIVE: u8 = 2;

/// Why a command ends early, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The asker can put it right: an argument, a file, a name.
    #[error("{0}")]
    Usage(String),
    /// No system could be looked at.
    #[error("{0}")]
    NothingExamined(String),
    /// We did something wrong.
    #[error("this is our fault: {0}")]
    Ours(String),
}

impl Trouble {
    /// The exit code, as in the contracts.
    pub fn exit_code(&self) -> u8 {
        match self {
            Trouble::Usage(_) => 64,
            Trouble::NothingExamined(_) => 69,
            Trouble::Ours(_) => 70,
        }
    }

    /// Output that could not be written, such as to a full disk.
    pub fn unwritten(error: &std::io::Error) -> Self {
        Trouble::Ours(format!("could not write the output: {error}"))
    }
}

/// An error and what is behind it, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
