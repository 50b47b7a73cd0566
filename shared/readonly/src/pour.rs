//! A body under its limits: so many bytes, no longer silent than so, and over by the deadline.

use crate::asked::Asked;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::refusal::{Kind, Refusal};
use crate::transport::Body;
use bytes::Bytes;
use futures::{StreamExt, stream};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

/// A body, and what it may still take.
pub(crate) struct Pour {
    pub(crate) body: Body,
    pub(crate) asked: Asked,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limits: Limits,
    pub(crate) deadline: Instant,
    /// Held until the body has ended or is let go.
    pub(crate) _slot: OwnedSemaphorePermit,
}

/// The body with its limits kept. The first error ends it, and lets go of the connection.
pub(crate) fn poured(pour: Pour) -> Body {
    let taken = 0;
    stream::unfold(Some((pour, taken)), |state| async move {
        let (mut pour, mut taken) = state?;
        let piece = pour.next(&mut taken).await?;
        let state = piece.is_ok().then_some((pour, taken));
        Some((piece, state))
    })
    .boxed()
}

impl Pour {
    async fn next(&mut self, taken: &mut u64) -> Option<Result<Bytes, Refusal>> {
        let silent_until = Instant::now() + self.limits.stall;
        let piece = match timeout_at(silent_until.min(self.deadline), self.body.next()).await {
            Ok(piece) => piece?,
            Err(_) => return Some(Err(self.late(silent_until))),
        };
        let piece = match piece {
            Ok(piece) => piece,
            Err(refusal) => return Some(Err(self.asked.refused(refusal.kind))),
        };
        *taken += piece.len() as u64;
        self.meter.bytes(piece.len() as u64);
        if *taken > self.limits.body_bytes {
            let limit = self.limits.body_bytes;
            return Some(Err(self.asked.refused(Kind::TooLarge { limit })));
        }
        Some(Ok(piece))
    }

    fn late(&self, silent_until: Instant) -> Refusal {
        let (limit, phase) = match silent_until < self.deadline {
            true => (self.limits.stall, "body"),
            false => (self.limits.total, "total"),
        };
        self.asked.refused(Kind::TimedOut { seconds: limit.as_secs(), phase })
    }
}
