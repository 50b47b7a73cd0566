//! Counts what reads cost.

use crate::reader::Spent;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter, and those that it is part of.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    requests: AtomicU64,
    bytes: AtomicU64,
    whole: Option<Arc<Meter>>,
}

impl Meter {
    pub(crate) fn within(whole: &Arc<Meter>) -> Meter {
        Meter { whole: Some(Arc::clone(whole)), ..Meter::default() }
    }

    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.request();
        }
    }

    pub(crate) fn bytes(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.bytes(count);
        }
    }

    pub(crate) fn spent(&self) -> Spent {
        Spent {
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}
