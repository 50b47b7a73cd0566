//! What the command line does with this server beside running it: lays it over a snapshot, and lists its tools.

use crate::server::Prometheus;
use crate::settings::Settings;
use clients::alertmanager::connection::Alertmanager;
use clients::prometheus::connection::Prometheus as Client;
use clients::web::wire::{Clock, Wire};
use jiff::Timestamp;
use mcp::server::Server;
use std::sync::Arc;

impl Prometheus {
    /// What these answer, at a moment that stands still.
    pub fn replaying(prometheus: Option<Wire>, alertmanager: Option<Wire>, now: Timestamp) -> Self {
        let clock: Clock = Arc::new(move || now);
        let prometheus = prometheus.map(|wire| Client::over(wire, None, Arc::clone(&clock)));
        let alertmanager = alertmanager.map(|wire| Alertmanager::over(wire, clock));
        Prometheus::over(prometheus, alertmanager)
    }
}

/// The server with nothing behind it: enough to list its tools.
pub fn unconnected() -> Server {
    crate::tools::server(Arc::new(Prometheus::open(Settings::default())))
}
