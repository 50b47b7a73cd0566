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

/// What Helm says where nothing went wrong, beside `Rollback to 4`.
const USUAL: [&str; 6] = [
    "Deletion in progress (or silently failed)",
    "Initial install underway",
    "Install complete",
    "Preparing upgrade",
    "Uninstallation complete",
    "Upgrade complete",
];
/// Stands where a text is that may hold a secret which nobody would know again.
const WITHHELD: &str = "withheld";

/// What Helm says of a revision. It repeats what an API server or a Job said, which may have had its values.
pub(crate) fn description(release: &Release, secrets: &Secrets) -> String {
    let text = release.info.description.trim();
    match secrets.are_too_many() && !is_usual(text) {
        true => WITHHELD.to_owned(),
        false => secrets.taken_from(text),
    }
}

/// Helm's own words, which nobody else has had a hand in.
pub(crate) fn is_usual(description: &str) -> bool {
    let number = description.strip_prefix("Rollback to ");
    let back = number.is_some_and(|it| it.len() < 10 && it.bytes().all(|b| b.is_ascii_digit()));
    back || description.is_empty() || USUAL.contains(&description)
}

/// What is to be said where not all secrets are known.
pub(crate) fn warning(secrets: &Secrets) -> Option<String> {
    secrets.are_too_many().then(|| {
        "its values hold more secrets than are looked for: its notes and what Helm says of it are withheld, and what \
         a template repeats elsewhere may be one"
            .to_owned()
    })
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
    if revision.secrets.are_too_many() && !text.is_empty() {
        return Answer { summary: format!("Notes of {name}: {WITHHELD}."), ..Answer::default() };
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn release(description: &str, secrets: usize) -> Release {
        let passwords: Vec<String> = (0..secrets).map(|at| format!("hunter2-{at}")).collect();
        let info = json!({"description": description, "notes": "log in with hunter2-299"});
        let release = json!({"info": info, "config": {"passwords": passwords}});
        serde_json::from_str(&release.to_string()).unwrap()
    }

    #[test]
    fn a_text_that_may_hold_an_unknown_secret_is_withheld() {
        let failed = release("hook failed: hunter2-299", 300);
        let secrets = Secrets::of(&[&failed]);
        assert_eq!(description(&failed, &secrets), WITHHELD);
        assert!(warning(&secrets).is_some());
        let usual = release("Upgrade complete", 300);
        assert_eq!(description(&usual, &Secrets::of(&[&usual])), "Upgrade complete");
        let few = release("hook failed: hunter2-1", 2);
        let secrets = Secrets::of(&[&few]);
        assert!(description(&few, &secrets).starts_with("hook failed: <redacted"));
        assert_eq!(warning(&secrets), None);
    }

    #[test]
    fn notes_that_may_hold_an_unknown_secret_are_withheld() {
        let release = release("", 300);
        let kept = Kept {
            namespace: "shop".to_owned(),
            release: "web".to_owned(),
            revision: 1,
            status: "deployed".to_owned(),
            created: None,
            modified: None,
            driver: clients::helm::kept::Driver::Secret,
            object: String::new(),
        };
        let secrets = Secrets::of(&[&release]);
        let now = Timestamp::UNIX_EPOCH;
        let shown = notes(&Revision { release: &release, secrets, kept: &kept, all: &[], now });
        assert_eq!(shown.summary, "Notes of shop/web revision 1: withheld.");
        assert!(shown.quotes.is_empty());
    }
}
