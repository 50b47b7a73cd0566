//! What a container wrote, and what its lines mean: closed forms of the words of many programs.

pub mod ages;
pub mod concepts;
pub mod consumers;
pub mod forward;
pub mod heartbeats;
pub mod items;
pub mod levels;
pub mod limits;
pub mod members;
pub mod methods;
pub mod names;
pub mod network;
pub mod peer;
pub mod ports;
pub mod process;
pub mod program;
pub mod requests;
pub mod said;
pub mod secret;
pub mod starts;
pub mod store;
pub mod stores;
pub mod temporary;
pub mod tls;
pub mod trace;
pub mod turned_away;
pub mod unanswered;

use super::Case;
use super::containers::Running;
use crate::seen::Seen;
use evidence::fact::event::{Line, Log};
use evidence::fact::pod::State;
use jiff::SignedDuration;

/// How lately a line must have been said to be so now. Clients that back off try again within a few minutes.
const CURRENT: SignedDuration = SignedDuration::from_mins(10);

impl Case {
    /// What a container wrote in the run that ended; where that is not known, in its present one.
    pub fn words_of(&self, container: &Running<'_>) -> Option<Seen<'_, Log>> {
        let (meta, name) = (&container.pod.meta, &container.spec.name);
        let log = |previous| self.log(&meta.namespace, &meta.name, name, previous);
        let has_ended = matches!(container.status.state, Some(State::Terminated(_)));
        if has_ended { log(false).or_else(|| log(true)) } else { log(true).or_else(|| log(false)) }
    }

    /// Whether a line was said lately; where lines carry no time, the end of the log is now.
    pub fn is_said_now(&self, line: &Line) -> bool {
        !self.rules.current_state
            || line.last.is_none_or(|last| self.as_of.duration_since(last) <= CURRENT)
    }
}

/// The last line that shows something.
pub fn last_line(log: &Log, shows: fn(&str) -> bool) -> Option<&Line> {
    log.lines.iter().rev().find(|line| shows(&line.text))
}
