//! Investigations of this process, kept in memory for those who ask again; the oldest make room.

use crate::hearing::Concluded;
use crate::trouble::Trouble;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// A report with what it cites is about 100 kB.
const MOST_KEPT: usize = 100;
/// Steps of progress kept of one investigation.
const MOST_STEPS: usize = 50;

/// Investigations, the oldest first.
#[derive(Debug)]
pub struct Store {
    /// Seconds at which the process began: a handle of the one before is not one of this one's.
    born: i64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    begun: u64,
    investigations: VecDeque<Arc<Investigation>>,
}

/// One investigation.
#[derive(Debug)]
pub struct Investigation {
    /// The handle that it is asked for by.
    pub id: String,
    /// What was asked.
    pub question: String,
    state: Mutex<State>,
}

/// How far an investigation is.
#[derive(Clone, Debug)]
pub enum State {
    /// It goes on; the steps so far.
    Running(Vec<String>),
    /// It has a report.
    Concluded(Arc<Concluded>),
    /// It has none.
    Failed(Trouble),
}

impl Store {
    /// A store of a process that began at this moment.
    pub fn new(born: Timestamp) -> Self {
        Store { born: born.as_second(), kept: Mutex::default() }
    }

    /// Begins to keep an investigation.
    pub fn begin(&self, question: &str) -> Arc<Investigation> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.begun += 1;
        let investigation = Arc::new(Investigation {
            id: format!("inv-{:x}-{}", self.born, kept.begun),
            question: question.to_owned(),
            state: Mutex::new(State::Running(Vec::new())),
        });
        if kept.investigations.len() == MOST_KEPT {
            kept.investigations.pop_front();
        }
        kept.investigations.push_back(Arc::clone(&investigation));
        investigation
    }

    /// The investigation with this handle, or the latest whose report bears this id.
    pub fn find(&self, id: &str) -> Option<Arc<Investigation>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.investigations.iter().rev().find(|it| it.id == id || it.has_report(id)).cloned()
    }

    /// The handles that are kept, the latest first.
    pub fn ids(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.investigations.iter().rev().map(|it| it.id.clone()).collect()
    }
}

impl Investigation {
    /// How far it is.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a step.
    pub fn step(&self, step: &str) {
        if let State::Running(steps) =
            &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner)
            && steps.len() < MOST_STEPS
        {
            steps.push(step.to_owned());
        }
    }

    /// Notes how it ended.
    pub fn end(&self, outcome: Result<Concluded, Trouble>) {
        let state = match outcome {
            Ok(concluded) => State::Concluded(Arc::new(concluded)),
            Err(trouble) => State::Failed(trouble),
        };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn has_report(&self, id: &str) -> bool {
        matches!(self.state(), State::Concluded(concluded) if concluded.report.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let store = Store::new(Timestamp::UNIX_EPOCH);
        for _ in 0..=MOST_KEPT {
            store.begin("why?");
        }
        assert!(store.find("inv-0-1").is_none());
        assert_eq!(store.ids().first().map(String::as_str), Some("inv-0-101"));
        assert_eq!(store.ids().len(), MOST_KEPT);
    }

    #[test]
    fn steps_end_with_the_investigation() {
        let store = Store::new(Timestamp::UNIX_EPOCH);
        let investigation = store.begin("why?");
        investigation.step("one");
        assert!(matches!(investigation.state(), State::Running(steps) if steps == ["one"]));
        investigation.end(Err(Trouble::Usage("no".to_owned())));
        investigation.step("two");
        assert!(matches!(investigation.state(), State::Failed(_)));
    }
}
