//! How a request leaves: over the network, or into a replayed snapshot in the same process.

use crate::refusal::Refusal;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use http::{Request, Response};

/// A body as it arrives.
pub type Body = BoxStream<'static, Result<Bytes, Refusal>>;

/// Carries one request to an upstream and its answer back. Whether it may be sent is not its business:
/// `reader::Reader` stands in front of every transport.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`; dropping the future, or the body, ends the exchange.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>>;
}
