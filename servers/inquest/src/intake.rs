//! What is asked: plain words, flags and an alert, taken together without a language model.

pub mod aim;
pub mod alert;
pub mod began;
pub mod kinds;
pub mod missed;
pub mod names;
pub mod premise;
pub mod several;
pub mod suspects;
pub mod time;
pub mod words;

use crate::trouble::Trouble;
use alert::Alert;
use diagnosis::aim::Aim;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use words::{Named, Words};

/// The longest question; more is no question.
const LONGEST_QUESTION: usize = 4096;
/// Asked where nobody asks anything else.
const DEFAULT_QUESTION: &str = "what is broken, and why?";

/// What is asked, before its names are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intent {
    /// The question, in the asker's words.
    pub question: String,
    /// What it names.
    pub words: Words,
    /// What it wants to know; none where no word of it says.
    pub aim: Option<Aim>,
    /// It reports a trouble that Kubernetes need not show.
    pub reported: bool,
    /// It tells of several troubles.
    pub several: bool,
    /// It misses numbers.
    pub misses_numbers: bool,
    /// The longest that it can have lasted, where a word of the question says since when.
    pub lasted: Option<SignedDuration>,
    /// When it began, where an alert says so.
    pub started: Option<Timestamp>,
}

/// What the flags of `investigate` and the arguments of the tool say.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// The question.
    pub question: Option<&'a str>,
    /// The namespace.
    pub namespace: Option<&'a str>,
    /// `KIND/NAME`, or a name.
    pub workload: Option<&'a str>,
    /// The alert.
    pub alert: Option<Alert>,
    /// How far back.
    pub since: Option<Duration>,
}

/// Takes together what is asked; what is said outright counts more than the question's words.
///
/// # Errors
/// One line that names the argument.
pub fn intent(asked: Asked<'_>) -> Result<Intent, Trouble> {
    let alert = asked.alert.unwrap_or_default();
    let question = match asked.question.map(str::trim).filter(|it| !it.is_empty()) {
        Some(question) => question.to_owned(),
        None if !alert.question.is_empty() => alert.question.clone(),
        None => DEFAULT_QUESTION.to_owned(),
    };
    if question.len() > LONGEST_QUESTION {
        return Err(Trouble::Usage(format!("QUESTION is longer than {LONGEST_QUESTION} bytes")));
    }
    if question.chars().any(|it| it.is_control() && !it.is_whitespace()) {
        return Err(Trouble::Usage("QUESTION has control characters in it".to_owned()));
    }
    let mut words = words::read(&suspects::without(asked.question.unwrap_or_default()));
    words.namespace_certain = alert.words.namespace.is_some() || asked.namespace.is_some();
    words.namespace = alert.words.namespace.or(words.namespace);
    words.workload = alert.words.workload.or(words.workload);
    if let Some(namespace) = asked.namespace {
        words.namespace = Some(name("--namespace", namespace)?);
    }
    if let Some(workload) = asked.workload {
        words.workload = Some(named(workload)?);
    }
    words.since = asked.since.or(words.since);
    // An alert asks why it fires, whatever its author wrote.
    let sent = (!alert.question.is_empty()).then_some(Aim::Cause);
    let aim = aim::read(&question).or(sent);
    // An alert that fires is a trouble that the report explains, or says that it could not.
    // Whether a suspect did it is no question that a look at Kubernetes settles: the trouble stays reported.
    let reported = premise::is_reported(&suspects::without(&question)) || alert.fires;
    let lasted = began::longest(&question);
    let several = several::are_told(&question) || words.halves.is_some();
    let misses_numbers = missed::misses_numbers(&question);
    let started = alert.started;
    Ok(Intent { question, words, aim, reported, several, misses_numbers, lasted, started })
}

fn named(workload: &str) -> Result<Named, Trouble> {
    let Some((kind, of)) = workload.split_once('/') else {
        return Ok(Named {
            name: name("--workload", workload)?,
            certain: true,
            ..Named::default()
        });
    };
    let Some(kind) = kinds::written(&kind.to_lowercase()) else {
        return Err(Trouble::Usage(format!(
            "--workload {workload:?}: the kind is one of {}",
            kinds::known()
        )));
    };
    Ok(Named { kind: Some(kind), name: name("--workload", of)?, beside: None, certain: true })
}

/// A name as Kubernetes allows it; anything else never reaches a request.
///
/// # Errors
/// One line that names the argument.
pub fn name(argument: &str, text: &str) -> Result<String, Trouble> {
    let allowed =
        |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-' || it == '.';
    let edge = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    let whole = text.len() <= 253 && text.chars().all(allowed);
    if whole && edge(text.chars().next()) && edge(text.chars().last()) && !text.contains("..") {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().take(60).collect();
    Err(Trouble::Usage(format!(
        "{argument} {shown:?}: a name has lower-case letters, digits, '-' and '.', up to 253 of them"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_count_more_than_words() {
        let asked = Asked {
            question: Some("why is web down in the shop namespace"),
            namespace: Some("pets"),
            workload: Some("sts/db"),
            ..Asked::default()
        };
        let intent = intent(asked).unwrap();
        assert_eq!(intent.words.namespace.as_deref(), Some("pets"));
        let workload = intent.words.workload.unwrap();
        assert_eq!((workload.kind, workload.name.as_str()), (Some("StatefulSet"), "db"));
    }

    #[test]
    fn asking_nothing_asks_what_is_broken() {
        assert_eq!(intent(Asked::default()).unwrap().question, DEFAULT_QUESTION);
    }

    #[test]
    fn what_is_no_name_is_refused_by_argument() {
        for bad in ["../../x", "", "a b", "A", "-a", "a..b", "x\u{7}", "%2e"] {
            let asked = Asked { namespace: Some(bad), ..Asked::default() };
            let message = intent(asked).unwrap_err().to_string();
            assert!(message.starts_with("--namespace"), "{message}");
        }
        let asked = Asked { workload: Some("banana/x"), ..Asked::default() };
        assert!(intent(asked).unwrap_err().to_string().contains("deployment, statefulset"));
    }

    #[test]
    fn a_question_is_bounded_and_printable() {
        let long = "x".repeat(LONGEST_QUESTION + 1);
        assert!(intent(Asked { question: Some(&long), ..Asked::default() }).is_err());
        assert!(intent(Asked { question: Some("a\u{1b}[2J"), ..Asked::default() }).is_err());
    }
}
