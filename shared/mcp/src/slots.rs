//! How many calls run at once, and how many may wait.

use crate::failure::{Code, Failure};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

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
}

impl Slots {
    pub(crate) fn new() -> Self {
        Slots { inside: Semaphore::new(RUNNING + WAITING), running: Semaphore::new(RUNNING) }
    }

    /// A place to run in, at once or within two seconds.
    ///
    /// # Errors
    /// `busy` where there is none.
    pub(crate) async fn enter(&self) -> Result<Slot<'_>, Failure> {
        let Ok(inside) = self.inside.try_acquire() else { return Err(busy()) };
        match tokio::time::timeout(PATIENCE, self.running.acquire()).await {
            Ok(Ok(running)) => Ok(Slot { _inside: inside, _running: running }),
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }
}

fn busy() -> Failure {
    Failure {
        code: Code::Busy,
        message: format!("{RUNNING} calls are running and no place came free"),
        retryable: true,
        hint: "try again in a few seconds".to_owned(),
    }
}
