//! Errors that the logs of what was asked about repeat now, and that no rule explains: what to look at next.

use super::answer::{Told, is_asked_about};
use crate::case::Case;
use crate::finding::Cite;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use jiff::SignedDuration;

/// Refrains told.
const MOST: usize = 3;
/// How lately a line must have been said.
const CURRENT: SignedDuration = SignedDuration::from_mins(10);
/// How often a line of its form must have been said: once is an accident.
const REPEATED: u32 = 2;
/// How programs mark an error, in small letters.
const ERRORS: [&str; 9] = [
    " error ",
    "error:",
    "[error]",
    "level=error",
    "\"level\":\"error\"",
    "\"level\":50",
    " fatal ",
    "exception:",
    "exception ",
];

/// One line of each container that was asked about: the form that it repeats most.
pub(super) fn of(case: &Case) -> Vec<Told> {
    let mut told = Vec::new();
    for log in case.logs().filter(|it| !it.previous) {
        let pod = Entity::new("Pod", &log.namespace, &log.pod);
        if !is_asked_about(case, &pod) {
            continue;
        }
        let Some((line, count)) = refrain(case, log.it) else { continue };
        let what = format!("container {} repeats an error that no rule explains", log.container);
        let says = format!("{pod}: container {} wrote {count} times in this form", log.container);
        let cites = vec![Cite::quoting(log.exhibit, says, &line.text)];
        told.push((count, Told { at: line.last.unwrap_or(case.as_of), what, entity: pod, cites }));
    }
    told.sort_by(|left, right| {
        right.0.cmp(&left.0).then_with(|| left.1.entity.cmp(&right.1.entity))
    });
    told.into_iter().take(MOST).map(|(_, told)| told).collect()
}

/// The last line of the form that a log repeats most, of those that say an error now.
fn refrain<'a>(case: &Case, log: &'a Log) -> Option<(&'a Line, u32)> {
    let mut forms: Vec<(String, &Line, u32)> = Vec::new();
    for line in log.lines.iter().filter(|it| is_error(&it.text)) {
        let form = form(&line.text);
        let count = line.count.max(1);
        match forms.iter_mut().find(|it| it.0 == form) {
            Some(known) => (known.1, known.2) = (line, known.2.saturating_add(count)),
            None => forms.push((form, line, count)),
        }
    }
    let now = |line: &Line| line.last.is_none_or(|last| case.as_of.duration_since(last) <= CURRENT);
    forms.retain(|(_, line, count)| *count >= REPEATED && now(line));
    forms.into_iter().max_by_key(|it| it.2).map(|(_, line, count)| (line, count))
}

fn is_error(text: &str) -> bool {
    let lowered = format!(" {} ", text.to_ascii_lowercase());
    ERRORS.iter().any(|sign| lowered.contains(sign))
}

/// A line without its numbers and ids.
fn form(text: &str) -> String {
    let words = text.split_whitespace().filter(|it| !it.contains(|it: char| it.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{form, is_error};

    #[test]
    fn an_error_is_marked_as_one() {
        assert!(is_error("2026-11-21 ERROR [main] no voucher"));
        assert!(is_error(r#"{"level":"error","msg":"no voucher"}"#));
        assert!(!is_error("0 errors found"));
        assert!(!is_error("level=info msg=ok"));
    }

    #[test]
    fn lines_of_one_form_differ_in_numbers() {
        assert_eq!(form("order 12 failed in 3ms"), form("order 13 failed in 4ms"));
    }
}
