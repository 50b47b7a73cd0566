//! Programs whose own file is not where they are started: their runtime says so before it runs anything of them.

mod below;

use super::Case;
use super::containers::Running;
use super::words::program::says_no_program;
use super::words::starts::missing_package;
use crate::finding::Cite;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::{Line, Log};
use evidence::fact::spec::Container;
use evidence::fact::workload::Revision;
use evidence::question::Question;

/// A runtime says little but this, and then ends.
const LAST_WORDS: usize = 20;

/// A program that is not there since its newest revision starts it otherwise, or not below the directory that its spec has
/// it started in.
#[derive(Clone, Debug)]
pub struct LostProgram {
    /// What of the container tells how it is started, and is wrong: `command`, `args` or `workingDir`.
    pub field: &'static str,
    /// What it is now.
    pub value: String,
    /// The runtime's words, and the change.
    pub proofs: Vec<Cite>,
}

impl Case {
    /// What started a program otherwise than before, or in a directory of its own, where its runtime does not find it. A new
    /// image alone may have it elsewhere or not at all: that is an error of the program's own.
    pub fn lost_program(&self, container: &Running<'_>) -> Option<LostProgram> {
        let (log, late) = self.last_words(container)?;
        let shows = |it: &&&Line| says_no_program(&it.text) || missing_package(&it.text).is_some();
        let line = late.iter().find(shows)?;
        let (pod, name) = (container.pod.meta.entity("Pod"), &container.spec.name);
        let wrote = format!("{pod}: container {name} wrote this before it ended");
        let wrote = Cite::quoting(log.exhibit, wrote, &line.text);
        if let Some((newest, before)) = self.two_newest(container.root) {
            let (now, then) = (of(newest, name)?, of(before, name)?);
            let own = container.spec;
            if (&own.command, &own.args, &own.working_dir)
                != (&now.command, &now.args, &now.working_dir)
            {
                return None; // A pod of before says nothing of what the newest revision changed.
            }
            let number = newest.number.unwrap_or_default();
            if let Some((field, value)) = started_otherwise(now, then) {
                let says = format!("revision {number} changed its {field}");
                let proofs = vec![wrote, Cite::new(newest.exhibit, says)];
                return Some(LostProgram { field, value, proofs });
            }
            if now.image != then.image {
                return None;
            }
        }
        if !self.is_all_of_it_known(container.root) {
            return None;
        }
        let looked_for = below::looked_for(container, &late)?;
        let says = format!(
            "{pod}: container {name} has the workingDir in which {looked_for} is looked for"
        );
        Some(LostProgram {
            field: "workingDir",
            value: container.spec.working_dir.clone(),
            proofs: vec![wrote, Cite::new(container.pod.exhibit, says)],
        })
    }

    /// The revisions that tell whether a program that is not below its working directory was started otherwise before, where
    /// nobody looked at them.
    pub fn ask_how_it_was_started(&self, container: &Running<'_>) -> Option<Question> {
        let root = container.root;
        let kept = matches!(root.kind.as_str(), "StatefulSet" | "DaemonSet");
        if !kept || self.is_all_of_it_known(root) {
            return None;
        }
        let (_, late) = self.last_words(container)?;
        below::looked_for(container, &late)?;
        let (kind, namespace) = ("ControllerRevision".to_owned(), root.namespace.clone());
        Some(Question::Objects { kind, namespace })
    }

    /// What a container wrote before it ended, the last lines first. Node names who asked for a module that is not the
    /// program itself.
    fn last_words<'a>(&'a self, container: &Running<'_>) -> Option<(Seen<'a, Log>, Vec<&'a Line>)> {
        self.fails_by_ending(container)?;
        let log = self.words_of(container)?;
        let asked = log.it.lines.iter().any(|it| it.text.starts_with("Require stack:"));
        (!asked).then(|| (log, log.it.lines.iter().rev().take(LAST_WORDS).collect()))
    }

    /// Whether the revision before a workload's newest was seen, or there is none.
    fn is_all_of_it_known(&self, root: &Entity) -> bool {
        let kind = match root.kind.as_str() {
            "Deployment" => "ReplicaSet",
            "StatefulSet" | "DaemonSet" => "ControllerRevision",
            _ => return true,
        };
        match self.revisions_of(root).as_slice() {
            [] => self.looked(kind, &root.namespace),
            // Those of before may be cleaned up.
            [only] => only.it.number.is_none_or(|it| it <= 1),
            _ => true,
        }
    }
}

fn started_otherwise(now: &Container, then: &Container) -> Option<(&'static str, String)> {
    match () {
        () if now.command != then.command => Some(("command", now.command.join(" "))),
        () if now.args != then.args => Some(("args", now.args.join(" "))),
        () if now.working_dir != then.working_dir => Some(("workingDir", now.working_dir.clone())),
        () => None,
    }
}

fn of<'a>(revision: Seen<'a, Revision>, name: &str) -> Option<&'a Container> {
    revision.it.template.containers.iter().find(|it| it.name == name)
}
