//! Programs whose own file is not where they are started: their runtime says so before it runs anything of them.

use super::Case;
use super::containers::Running;
use super::words::program::says_no_program;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::fact::spec::Container;
use evidence::fact::workload::Revision;

/// A runtime says little but this, and then ends.
const LAST_WORDS: usize = 20;

/// A program that is not there since its newest revision starts it otherwise.
#[derive(Clone, Debug)]
pub struct LostProgram {
    /// What of the container tells how it is started, and was changed: `command`, `args` or `workingDir`.
    pub field: &'static str,
    /// What it is now.
    pub value: String,
    /// The runtime's words, and the change.
    pub proofs: Vec<Cite>,
}

impl Case {
    /// What started a program otherwise than before, where its runtime does not find it. A new image alone may have it
    /// elsewhere or not at all: that is an error of the program's own.
    pub fn lost_program(&self, container: &Running<'_>) -> Option<LostProgram> {
        self.fails_by_ending(container)?;
        let log = self.words_of(container)?;
        let late = log.it.lines.iter().rev().take(LAST_WORDS);
        let line = late.into_iter().find(|it| says_no_program(&it.text))?;
        // Node names who asked for a module that is not the program itself.
        if log.it.lines.iter().any(|it| it.text.starts_with("Require stack:")) {
            return None;
        }
        let (newest, before) = self.two_newest(container.root)?;
        let name = container.spec.name.as_str();
        let (now, then) = (of(newest, name)?, of(before, name)?);
        let own = container.spec;
        if (&own.command, &own.args, &own.working_dir)
            != (&now.command, &now.args, &now.working_dir)
        {
            return None; // A pod of before says nothing of what the newest revision changed.
        }
        let (field, value) = match () {
            () if now.command != then.command => ("command", now.command.join(" ")),
            () if now.args != then.args => ("args", now.args.join(" ")),
            () if now.working_dir != then.working_dir => ("workingDir", now.working_dir.clone()),
            () => return None,
        };
        let pod = container.pod.meta.entity("Pod");
        let wrote = format!("{pod}: container {name} wrote this before it ended");
        let number = newest.number.unwrap_or_default();
        let changed = Cite::new(newest.exhibit, format!("revision {number} changed its {field}"));
        let proofs = vec![Cite::quoting(log.exhibit, wrote, &line.text), changed];
        Some(LostProgram { field, value, proofs })
    }
}

fn of<'a>(revision: Seen<'a, Revision>, name: &str) -> Option<&'a Container> {
    revision.it.template.containers.iter().find(|it| it.name == name)
}
