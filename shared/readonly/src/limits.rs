//! How long, how much and how many at once: every read has an end.

use std::time::Duration;

/// The bounds of every read. All times are wall-clock time of one read unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To open a connection, TLS included.
    pub connect: Duration,
    /// From sending one attempt to its status line and headers, connecting included.
    pub headers: Duration,
    /// Between two pieces of a body.
    pub stall: Duration,
    /// For the whole read: waiting for a slot, every attempt, and the body to its last byte.
    pub total: Duration,
    /// Bytes of a body after decompression.
    pub body_bytes: u64,
    /// Reads under way at once; more wait for a slot.
    pub in_flight: usize,
    /// Further attempts after the first, where the failure may pass and the budget has something left.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // A reachable address in the same network answers within milliseconds; 3 s covers one lost SYN.
            connect: Duration::from_secs(3),
            // An API server under priority and fairness may queue a list for seconds.
            headers: Duration::from_secs(10),
            stall: Duration::from_secs(5),
            // A tool must answer within 20 s: kagent's client gives up at 30 s.
            total: Duration::from_secs(20),
            // 10,000 pods are about 25 MB of JSON.
            body_bytes: 32 * 1024 * 1024,
            // A survey reads about 20 kinds at once; an API server gives one client a share of some dozens.
            in_flight: 16,
            retries: 2,
        }
    }
}
