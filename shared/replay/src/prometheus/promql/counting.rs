//! What a query may cost.

use crate::prometheus::promql::failure::{Failure, Kind};
use std::cell::Cell;

/// Samples that a query may load and make: what Prometheus allows unless it is told otherwise.
const MAX_SAMPLES: usize = 50_000_000;
/// Samples that functions over time may look at, each as often as windows overlap: a few seconds of work.
const MAX_WORK: usize = 1_000_000_000;

/// What it has cost so far.
#[derive(Debug, Default)]
pub(super) struct Counting {
    samples: Cell<usize>,
    work: Cell<usize>,
}

impl Counting {
    pub(super) fn samples(&self, more: usize) -> Result<(), Failure> {
        self.samples.set(self.samples.get().saturating_add(more));
        if self.samples.get() <= MAX_SAMPLES {
            return Ok(());
        }
        let reason = "query processing would load too many samples into memory in query execution";
        Err(Failure::execution(reason))
    }

    pub(super) fn work(&self, more: usize) -> Result<(), Failure> {
        self.work.set(self.work.get().saturating_add(more));
        if self.work.get() <= MAX_WORK {
            return Ok(());
        }
        let message = "query timed out in expression evaluation".to_owned();
        Err(Failure { kind: Kind::Timeout, message })
    }
}
