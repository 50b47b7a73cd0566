//! What carries requests, and what time it is: the network and the real time, or a snapshot.

use jiff::Timestamp;
use readonly::transport::Transport;
use std::sync::Arc;

/// What carries requests to an API.
pub type Wire = Arc<dyn Transport>;

/// Says what time it is: the real one, or the frozen moment of a snapshot.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
