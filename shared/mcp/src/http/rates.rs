//! How much each caller may ask: so many requests a minute, and so many calls at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Callers that are remembered; of more, those not seen for longest are forgotten.
const MOST_CALLERS: usize = 4096;
/// An investigation asks in bursts: a quarter of a minute's requests may come at once.
const BURST: f64 = 0.25;

/// What each caller has left.
#[derive(Debug)]
pub(crate) struct Rates {
    per_minute: u32,
    at_once: usize,
    callers: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    left: f64,
    seen: Instant,
    share: Arc<Semaphore>,
}

impl Rates {
    /// So many requests a minute and calls at once for each caller; 0 is no limit.
    pub(crate) fn new(per_minute: u32, at_once: usize) -> Rates {
        Rates { per_minute, at_once, callers: Mutex::default() }
    }

    /// Counts one request, and gives the places for the caller's calls.
    ///
    /// # Errors
    /// How long the caller should wait before it asks again.
    pub(crate) fn admit(&self, caller: &str) -> Result<Option<Arc<Semaphore>>, Duration> {
        if self.per_minute == 0 && self.at_once == 0 {
            return Ok(None);
        }
        let now = Instant::now();
        let most = (f64::from(self.per_minute) * BURST).max(1.0);
        let per_second = f64::from(self.per_minute) / 60.0;
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MOST_CALLERS && !callers.contains_key(caller) {
            forget(&mut callers);
        }
        let entry = callers.entry(caller.to_owned()).or_insert_with(|| Entry {
            left: most,
            seen: now,
            share: Arc::new(Semaphore::new(self.at_once)),
        });
        let gained = now.duration_since(entry.seen).as_secs_f64() * per_second;
        entry.left = (entry.left + gained).min(most);
        entry.seen = now;
        if self.per_minute > 0 {
            if entry.left < 1.0 {
                return Err(Duration::from_secs_f64((1.0 - entry.left) / per_second));
            }
            entry.left -= 1.0;
        }
        Ok((self.at_once > 0).then(|| entry.share.clone()))
    }
}

/// Makes room by a quarter, so that it is not done again for the next stranger. Who has calls running is kept:
/// a new entry would give it new places.
fn forget(callers: &mut HashMap<String, Entry>) {
    let mut seen: Vec<Instant> = callers.values().map(|entry| entry.seen).collect();
    seen.sort_unstable();
    let Some(old) = seen.get(MOST_CALLERS / 4).copied() else { return };
    callers.retain(|_, entry| entry.seen > old || Arc::strong_count(&entry.share) > 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_asks_too_much_is_told_when_to_come_back() {
        let rates = Rates::new(60, 0);
        for _ in 0..15 {
            assert!(rates.admit("ada").is_ok());
        }
        let wait = rates.admit("ada").expect_err("a quarter of a minute's is spent");
        assert_eq!(wait, Duration::from_secs(1));
        assert!(rates.admit("grace").is_ok(), "another caller has its own");
        tokio::time::advance(wait).await;
        assert!(rates.admit("ada").is_ok());
        assert!(rates.admit("ada").is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded_and_remembers_who_was_here_last() {
        let rates = Rates::new(4, 0);
        for stranger in 0..3 * MOST_CALLERS {
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(rates.admit(&stranger.to_string()).is_ok());
            let count = rates.callers.lock().expect("callers").len();
            assert!(count <= MOST_CALLERS, "{count}");
        }
        assert!(rates.admit(&(3 * MOST_CALLERS - 1).to_string()).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_a_call_running_keeps_its_places() {
        let rates = Rates::new(0, 1);
        let share = rates.admit("ada").expect("no rate").expect("a share");
        let _running = share.try_acquire().expect("a place");
        for stranger in 0..2 * MOST_CALLERS {
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(rates.admit(&stranger.to_string()).is_ok());
        }
        let again = rates.admit("ada").expect("no rate").expect("a share");
        assert!(again.try_acquire().is_err());
    }
}
