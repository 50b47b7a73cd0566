//! Errors that the logs of what was asked about repeat now, and that no rule explains: what to look at next.

use super::answer::{Told, is_asked_about};
use crate::case::Case;
use crate::case::words::levels::says_error;
use crate::finding::Cite;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};

/// Refrains told.
const MOST: usize = 3;
/// How often a line of its form must have been said: once is an accident.
const REPEATED: u32 = 2;

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
    for line in log.lines.iter().filter(|it| says_error(&it.text)) {
        let form = form(&line.text);
        let count = line.count.max(1);
        match forms.iter_mut().find(|it| it.0 == form) {
            Some(known) => (known.1, known.2) = (line, known.2.saturating_add(count)),
            None => forms.push((form, line, count)),
        }
    }
    forms.retain(|(_, line, count)| *count >= REPEATED && case.is_said_now(line));
    forms.into_iter().max_by_key(|it| it.2).map(|(_, line, count)| (line, count))
}

/// A line without its numbers and ids.
fn form(text: &str) -> String {
    let words = text.split_whitespace().filter(|it| !it.contains(|it: char| it.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn lines_of_one_form_differ_in_numbers() {
        assert_eq!(form("order 12 failed in 3ms"), form("order 13 failed in 4ms"));
    }
}
