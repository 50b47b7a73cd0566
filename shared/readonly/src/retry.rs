//! When a read is tried again: seldom, after a random pause, and never so often that it feeds the fire.

use crate::refusal::{Kind, Refusal};
use crate::transport::Body;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A number in 0..1, drawn anew for each pause.
pub type Jitter = fn() -> f64;

/// The shortest pause: less would meet the same overload.
const SHORTEST: Duration = Duration::from_millis(100);
/// The longest pause that we choose ourselves.
const LONGEST: Duration = Duration::from_secs(2);
/// The longest pause before the first retry; it doubles from there.
const FIRST: Duration = Duration::from_millis(500);

/// Retries for each request that did not need one: 20 %.
const EARNED: f64 = 0.2;
/// Retries that a second brings, so that a process with little to do may retry as well. With what is saved up, five
/// minutes bring sixty: a fifth of the calls of who calls once a second.
const PER_SECOND: f64 = 1.0 / 6.0;
/// Retries that can be saved up.
const SAVED: f64 = 10.0;

/// What may still be spent on retries. An upstream that fails always earns none, so a storm is met with the first attempts only.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    at: Instant,
}

impl Budget {
    pub(crate) fn full() -> Budget {
        Budget { state: Mutex::new(State { tokens: SAVED, at: Instant::now() }) }
    }

    /// A request went well.
    pub(crate) fn earn(&self) {
        self.change(EARNED);
    }

    /// Takes one retry, if there is one.
    pub(crate) fn spend(&self) -> bool {
        self.change(-1.0)
    }

    fn change(&self, by: f64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let brought = now.duration_since(state.at).as_secs_f64() * PER_SECOND;
        state.tokens = (state.tokens + brought).min(SAVED);
        state.at = now;
        if state.tokens + by < 0.0 {
            return false;
        }
        state.tokens = (state.tokens + by).min(SAVED);
        true
    }
}

/// Whether another attempt may end better: the connection failed, or the upstream said that the trouble is passing.
pub(crate) fn may_pass(outcome: &Result<Response<Body>, Refusal>) -> bool {
    match outcome {
        Ok(response) => matches!(
            response.status(),
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        ),
        Err(refusal) => matches!(refusal.kind, Kind::Unreachable { .. }),
    }
}

/// How long an answer asks us to wait. The form with a date is not read.
pub(crate) fn retry_after<B>(response: &Response<B>) -> Option<u64> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// The pause before retry number `retry` (from 0): anywhere up to a doubling ceiling, and no less than the upstream asks for.
pub(crate) fn pause(
    outcome: &Result<Response<Body>, Refusal>,
    retry: u32,
    jitter: f64,
) -> Duration {
    let ceiling = FIRST.saturating_mul(2u32.saturating_pow(retry)).min(LONGEST);
    let chosen = SHORTEST + (ceiling - SHORTEST).mul_f64(jitter.clamp(0.0, 1.0));
    let asked = outcome.as_ref().ok().and_then(retry_after).map(Duration::from_secs);
    asked.map_or(chosen, |asked| asked.max(chosen))
}

/// Jitter from the keys that the standard library draws for its hash maps: spread is all that is needed.
pub(crate) fn random() -> f64 {
    let bits = RandomState::new().hash_one(());
    bits as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response<Body>, Refusal> {
        let mut response = Response::builder().status(status);
        if let Some(value) = retry_after {
            response = response.header(RETRY_AFTER, value);
        }
        Ok(response.body(stream::empty().boxed()).unwrap())
    }

    #[test]
    fn only_trouble_that_passes_is_tried_again() {
        for status in [429, 502, 503, 504] {
            assert!(may_pass(&answer(status, None)));
        }
        for status in [200, 301, 400, 401, 403, 404, 409, 410, 500, 501] {
            assert!(!may_pass(&answer(status, None)), "{status}");
        }
        let timed_out = Kind::TimedOut { seconds: 10, phase: "headers" };
        let refusal = Refusal { system: "test", request: String::new(), kind: timed_out };
        assert!(!may_pass(&Err(refusal)), "another attempt would wait as long again");
    }

    #[test]
    fn a_pause_is_between_its_bounds() {
        let millis = |retry, jitter| pause(&answer(503, None), retry, jitter).as_millis();
        assert_eq!((millis(0, 0.0), millis(0, 1.0)), (100, 500));
        assert_eq!((millis(1, 0.0), millis(1, 1.0)), (100, 1000));
        assert_eq!((millis(9, 0.0), millis(99, 1.0)), (100, 2000));
    }

    #[test]
    fn what_the_upstream_asks_for_is_the_least() {
        assert_eq!(pause(&answer(429, Some("7")), 0, 0.5), Duration::from_secs(7));
        assert_eq!(pause(&answer(429, Some("0")), 0, 0.0), SHORTEST);
        assert_eq!(pause(&answer(429, Some("soon")), 0, 0.0), SHORTEST);
    }

    #[test]
    fn jitter_is_spread() {
        let drawn: Vec<f64> = (0..200).map(|_| random()).collect();
        assert!(drawn.iter().all(|x| (0.0..=1.0).contains(x)));
        assert!(drawn.iter().any(|x| *x < 0.25) && drawn.iter().any(|x| *x > 0.75));
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_is_a_fifth_and_ten_a_minute() {
        let budget = Budget::full();
        let spend_all = || (0..1000).filter(|_| budget.spend()).count();
        assert_eq!(spend_all(), 10);
        (0..26).for_each(|_| budget.earn());
        assert_eq!(spend_all(), 5);
        tokio::time::advance(Duration::from_secs(18)).await;
        assert!((3..=4).contains(&spend_all()), "and 0.2 were left");
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(spend_all(), 10, "what can be saved is limited");
    }
}
