//! How many calls run at once, and how many may wait.

use crate::failure::{Code, Failure};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Enough for a team of agents; more would only queue at the upstream.
const RUNNING: usize = 32;
/// Beyond this, waiting is longer than trying again.
const WAITING: usize = 64;
/// How long a call waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// The places for calls.
pub(crate) struct Slots {
    inside: Semaphore,
    running: Semaphore,
}

/// One call's place; dropping it frees it.
pub(crate) struct Slot<'a> {
    _inside: SemaphorePermit<'a>,
    _running: SemaphorePermit<'a>,
    _share: Option<OwnedSemaphorePermit>,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Slots { inside: Semaphore::new(RUNNING + WAITING), running: Semaphore::new(RUNNING) }
    }

    /// A place to run in, at once or within two seconds. Who waits for a place in its own `share` takes none from others.
    ///
    /// # Errors
    /// `busy` where there is none.
    pub(crate) async fn enter(&self, share: Option<Arc<Semaphore>>) -> Result<Slot<'_>, Failure> {
        let until = Instant::now() + PATIENCE;
        let share = match share {
            Some(share) => match timeout_at(until, share.acquire_owned()).await {
                Ok(Ok(share)) => Some(share),
                Ok(Err(_)) | Err(_) => return Err(busy("all calls that this caller may have")),
            },
            None => None,
        };
        let Ok(inside) = self.inside.try_acquire() else {
            return Err(busy("all calls that this server takes"));
        };
        match timeout_at(until, self.running.acquire()).await {
            Ok(Ok(running)) => Ok(Slot { _inside: inside, _running: running, _share: share }),
            Ok(Err(_)) | Err(_) => Err(busy("all calls that this server takes")),
        }
    }
}

fn busy(which: &str) -> Failure {
    Failure {
        code: Code::Busy,
        message: format!("{which} are running and no place came free"),
        retryable: true,
        hint: "try again in a few seconds".to_owned(),
    }
}
