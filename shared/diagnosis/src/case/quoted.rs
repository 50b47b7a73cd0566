//! Settings that the newest revision of a workload brought and that errors of its log name: whatever the error is, it is about
//! that value.

use super::Case;
use super::containers::Running;
use super::words::levels::{is_quiet, says_error};
use super::words::said::Said;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::fact::spec::Container;
use evidence::fact::workload::Revision;

/// How often a running container must have said so.
const REPEATED: u32 = 2;
/// Shorter values stand in too many lines, longer ones in none.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=200;

/// A value that was changed, and that errors name.
#[derive(Clone, Debug)]
pub struct Quoted<'a> {
    /// The container.
    pub container: Running<'a>,
    /// The path of the setting in the object to change.
    pub field: String,
    /// What the setting is called: `variable TOPIC`, `argument --topic`.
    pub name: String,
    /// What it is now.
    pub value: String,
    /// The revision before, which had it otherwise.
    pub before: Seen<'a, Revision>,
    /// The last line that names it.
    pub line: &'a Line,
    /// How often such lines were said.
    pub count: u32,
    /// That line, in its log.
    pub cite: Cite,
}

impl Case {
    /// The values that workloads' newest revisions brought and that their logs name in errors now.
    pub fn quoted(&self) -> Vec<Quoted<'_>> {
        let all = self.containers().filter(|it| !it.spec.init);
        all.filter_map(|container| self.quoted_by(container)).collect()
    }

    fn quoted_by<'a>(&'a self, container: Running<'a>) -> Option<Quoted<'a>> {
        let log = self.words_of(&container)?;
        let (newest, before) = self.two_newest(container.root)?;
        if !self.is_news(newest.it.meta.created) {
            return None;
        }
        let mut containers = before.it.template.containers.iter();
        let then = containers.find(|it| it.name == container.spec.name)?;
        let needed = if container.status.ready { REPEATED } else { 1 };
        for Setting { field, name, value } in changed(then, container.spec) {
            let Some((line, count)) = self.named_in_errors(log, &value) else { continue };
            if count < needed {
                continue;
            }
            let pod = container.pod.meta.entity("Pod");
            let says = format!("{pod}: container {} names it in errors", container.spec.name);
            let cite = Cite::quoting(log.exhibit, says, &line.text);
            let field = container.field(&field);
            return Some(Quoted { container, field, name, value, before, line, count, cite });
        }
        None
    }

    /// The last error that names a value, and how many do; none where a later line names it without one, where a program
    /// writes it into its lines anyway, or where what they say is understood: then there is a rule for it.
    fn named_in_errors<'a>(&'a self, log: Seen<'a, Log>, value: &str) -> Option<(&'a Line, u32)> {
        let understood = |line: &Line| {
            // A thing that is not there is found by its name here: what named it is the cause.
            let named = |said: &Said| {
                let thing = matches!(said, Said::NoSuchThing { .. });
                said.is_own() || thing && said.lacking_of_schema().is_none()
            };
            self.said_in(log).any(|(said, of)| std::ptr::eq(of, line) && !named(said))
        };
        let (mut last, mut count, mut plain): (Option<&Line>, u32, u32) = (None, 0, 0);
        let mut works = None;
        for line in log.it.lines.iter().filter(|it| names(&it.text, value)) {
            let times = line.count.max(1);
            if !tells_error(&line.text, value) {
                plain = plain.saturating_add(times);
                works = works.max(line.last);
            } else if understood(line) {
                return None;
            } else {
                count = count.saturating_add(times);
                last = last.filter(|it| it.last > line.last).or(Some(line));
            }
        }
        let last = last.filter(|it| plain < count && (works.is_none() || works < it.last))?;
        self.is_said_now(last).then_some((last, count))
    }
}

/// A setting of a container.
struct Setting {
    field: String,
    name: String,
    value: String,
}

/// What a container has other values of than it had, where both can be told.
fn changed(then: &Container, now: &Container) -> Vec<Setting> {
    let mut settings = Vec::new();
    for variable in &now.env {
        let had = then.env.iter().find(|it| it.name == variable.name).map(|it| &it.value);
        if let Some(value) = &variable.value
            && had.is_some_and(|had| had.as_ref() != Some(value))
        {
            let field = format!("env[{}]", variable.name);
            let name = format!("variable {}", variable.name);
            settings.push(Setting { field, name, value: value.clone() });
        }
    }
    for (field, then, now) in
        [("args", &then.args, &now.args), ("command", &then.command, &now.command)]
    {
        for argument in now.iter().filter(|it| !then.contains(it)) {
            let Some((flag, value)) = argument.split_once('=') else { continue };
            let name = format!("argument {flag}");
            settings.push(Setting { field: field.to_owned(), name, value: value.to_owned() });
        }
    }
    let tells = |it: &Setting| {
        LENGTHS.contains(&it.value.len()) && it.value.contains(|it: char| it.is_ascii_alphabetic())
    };
    settings.into_iter().filter(tells).collect()
}

/// Whether a line is marked as an error, by more than the value.
fn tells_error(text: &str, value: &str) -> bool {
    says_error(&text.replace(value, "")) && !is_quiet(text)
}

/// Whether a text names a value, and not a longer one that has it in it.
fn names(text: &str, value: &str) -> bool {
    let of_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    text.match_indices(value).any(|(at, found)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(of_name) && !after.is_some_and(of_name)
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_longer_name_is_another() {
        assert!(names("topic=trip-event err=unknown", "trip-event"));
        assert!(!names("topic=trip-events err=unknown", "trip-event"));
        assert!(!names("topic=old-trip-event", "trip-event"));
    }
}
