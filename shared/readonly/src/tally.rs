//! What this process asked of its upstreams and how that ended, for whoever watches it.

use crate::refusal::{Kind, Refusal};
use http::Response;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// One row for each pair of system and outcome: both are words of ours, so the table is small.
static ATTEMPTS: Mutex<BTreeMap<(&'static str, &'static str), u64>> = Mutex::new(BTreeMap::new());

/// Requests sent by this process so far, retries included, by system and outcome: `2xx` to `5xx`, `timeout`,
/// `unreachable` or `failed`.
pub fn of_process() -> BTreeMap<(&'static str, &'static str), u64> {
    ATTEMPTS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Counts one request to `system` that ended so.
pub(crate) fn count<B>(system: &'static str, outcome: &Result<Response<B>, Refusal>) {
    let outcome = match outcome {
        Ok(response) => match response.status().as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "failed",
        },
        Err(refusal) => match refusal.kind {
            Kind::TimedOut { .. } => "timeout",
            Kind::Unreachable { .. } => "unreachable",
            _ => "failed",
        },
    };
    let mut attempts = ATTEMPTS.lock().unwrap_or_else(PoisonError::into_inner);
    *attempts.entry((system, outcome)).or_default() += 1;
}
