//! What is shown of one revision; each part in a file of its own.

pub(crate) mod hooks;
pub(crate) mod manifest;
pub(crate) mod status;
pub(crate) mod values;

use clients::helm::kept::Kept;
use clients::helm::redact::Secrets;
use clients::helm::release::Release;
use jiff::Timestamp;
use mcp::answer::{Answer, Quote};
use mcp::failure::{Code, Failure};

/// Revisions that are named where one is not there.
const MOST_REVISIONS: usize = 20;

/// What Helm says of a revision. It repeats what an API server or a Job said, which may have had its values.
pub(crate) fn description(release: &Release, secrets: &Secrets) -> String {
    secrets.taken_from(release.info.description.trim())
}

/// One revision, and what it is one of.
pub(crate) struct Revision<'a> {
    /// What it says.
    pub(crate) release: &'a Release,
    /// The secrets among its values.
    pub(crate) secrets: Secrets,
    /// What its labels say.
    pub(crate) kept: &'a Kept,
    /// All revisions of the release that are kept, the oldest first.
    pub(crate) all: &'a [Kept],
    /// What time it is.
    pub(crate) now: Timestamp,
}

impl Revision<'_> {
    /// `shop/web revision 5`.
    pub(crate) fn name(&self) -> String {
        let Kept { namespace, release, revision, .. } = self.kept;
        format!("{namespace}/{release} revision {revision}")
    }
}

/// What the chart says to who installs it.
pub(crate) fn notes(revision: &Revision<'_>) -> Answer {
    let text = revision.secrets.taken_from(revision.release.info.notes.trim());
    let name = revision.name();
    if text.is_empty() {
        return Answer { summary: format!("{name} has no notes."), ..Answer::default() };
    }
    Answer {
        summary: format!("Notes of {name}: {}.", lines(&text)),
        quotes: vec![Quote { label: "notes".to_owned(), text }],
        ..Answer::default()
    }
}

/// `1 line`, or `12 lines`.
pub(crate) fn lines(text: &str) -> String {
    match text.lines().count() {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    }
}

/// Why a revision could not be read, with its object's name.
pub(crate) fn unread(kept: &Kept, failure: Failure) -> Failure {
    Failure { message: format!("{}: {}", kept.object, failure.message), ..failure }
}

/// Says which revisions there are in place of one that is not.
pub(crate) fn no_revision(kept: &[Kept], revision: u32) -> Failure {
    let (namespace, release) =
        kept.last().map(|it| (it.namespace.as_str(), it.release.as_str())).unwrap_or_default();
    let newest = kept.iter().rev().take(MOST_REVISIONS);
    let there: Vec<String> = newest.map(|it| it.revision.to_string()).collect();
    Failure {
        code: Code::NotFound,
        message: format!("release {namespace}/{release} has no revision {revision}"),
        retryable: false,
        hint: format!("there are {}", there.join(", ")),
    }
}

/// A revision did not come in time.
pub(crate) fn late(kept: &Kept) -> Failure {
    Failure {
        code: Code::Timeout,
        message: format!("{} did not come before the call's deadline", kept.object),
        retryable: true,
        hint: String::new(),
    }
}
