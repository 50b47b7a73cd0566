//! The alert that a question is about, and whether it is missed.

use super::keys::Sort;
use super::{Case, looking};
use crate::seen::Seen;
use evidence::fact::alerting_rule::AlertingRule;

/// What an alert does.
const FIRES: &str = "alert alerted fire fired fires firing page paged trigger triggered";
/// What says shortly before that it does not.
const DENIAL: &str = "didnt doesnt never no not without";
/// Words between the two: `did not even fire`.
const APART: usize = 3;

impl Case {
    /// The name of the alert that the question is: as it was sent, `KubeNodeNotReady: a node is not ready.`; or as its words
    /// name it.
    pub fn asked_alert(&self) -> Option<&str> {
        self.sent_alert().or_else(|| {
            let first = self.named_alerts().into_iter().next();
            first.filter(|_| words(&self.question).iter().any(|it| is_in(FIRES, it)))
        })
    }

    /// Every word of the question that is written as the names of alerts are.
    pub fn named_alerts(&self) -> Vec<&str> {
        self.question.split_whitespace().map(bare).filter(|it| is_alert_name(it)).collect()
    }

    /// The name of the alert that the question is, where it is one as it was sent.
    pub fn sent_alert(&self) -> Option<&str> {
        let first = self.question.split_whitespace().next()?;
        let alone = first.len() == self.question.trim().len();
        let name = first.strip_suffix(':').or(alone.then_some(first))?;
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        (name.starts_with(|it: char| it.is_ascii_uppercase()) && name.chars().all(is_name))
            .then_some(name)
    }

    /// The alert of which the question says that it does not fire.
    pub fn silent_alert(&self) -> Option<&str> {
        let name = self.asked_alert().filter(|_| self.sent_alert().is_none())?;
        let words = words(&self.question);
        let denied = words.iter().enumerate().any(|(at, word)| {
            let before = words.get(at.saturating_sub(APART)..at).unwrap_or_default();
            is_in(FIRES, word) && before.iter().any(|it| is_in(DENIAL, it))
        });
        denied.then_some(name)
    }

    /// The rules of the alert that is missed, as far as they were read.
    pub fn missed_rules(&self) -> Vec<Seen<'_, AlertingRule>> {
        let Some(name) = self.silent_alert() else { return Vec::new() };
        let rules = self.all(Sort::AlertingRule, looking::alerting_rule);
        // One that is on its way only waits for its `for`.
        rules.filter(|it| it.name == name && matches!(it.state.as_str(), "inactive" | "")).collect()
    }
}

/// `OrdersSlow`, and not `Orders` or `CPU`.
fn is_alert_name(word: &str) -> bool {
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    word.starts_with(|it: char| it.is_ascii_uppercase())
        && capitals >= 2
        && word.chars().any(|it| it.is_ascii_lowercase())
        && word.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

fn bare(token: &str) -> &str {
    token.trim_matches(|it: char| !it.is_ascii_alphanumeric())
}

fn words(question: &str) -> Vec<String> {
    let tokens = question.split_whitespace();
    tokens.map(|it| bare(it).to_ascii_lowercase().replace('\'', "")).collect()
}

fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use evidence::scope::{Scope, Window};
    use jiff::Timestamp;

    fn case(question: &str) -> Case {
        let at = Timestamp::UNIX_EPOCH;
        Case::open(question, Scope::default(), at, Window { start: at, end: at })
    }

    #[test]
    fn an_alert_is_asked_about_by_its_name() {
        let rows = [
            ("Watchdog: This alert is always firing.", Some("Watchdog")),
            ("Watchdog", Some("Watchdog")),
            ("why does KubeSchedulerDown fire?", Some("KubeSchedulerDown")),
            ("the pods are in CrashLoopBackOff", None),
            ("why is web down", None),
            ("Orders: what is wrong?", Some("Orders")),
        ];
        for (question, expected) in rows {
            assert_eq!(case(question).asked_alert(), expected, "{question}");
        }
    }

    #[test]
    fn an_alert_is_missed_where_it_is_said_not_to_fire() {
        let rows = [
            ("why did OrdersSlow not fire?", Some("OrdersSlow")),
            ("the alert 'OrdersSlow' didn't even fire", Some("OrdersSlow")),
            ("OrdersSlow: it did not fire before", None),
            ("why does OrdersSlow fire?", None),
            ("nobody knows why OrdersSlow fires, orders are not slow", None),
        ];
        for (question, expected) in rows {
            assert_eq!(case(question).silent_alert(), expected, "{question}");
        }
    }
}
