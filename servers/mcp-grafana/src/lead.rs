//! What the command line does with this server beside running it: lays it over a snapshot, and lists its tools.

use crate::server::Grafana;
use crate::settings::Settings;
use clients::grafana::connection::Grafana as Client;
use clients::web::wire::Wire;
use jiff::Timestamp;
use mcp::server::Server;
use std::sync::Arc;

impl Grafana {
    /// What this answers, at a moment that stands still.
    pub fn replaying(wire: Wire, now: Timestamp) -> Self {
        Grafana::over(Client::over(wire, Arc::new(move || now)))
    }
}

/// The server with nothing behind it: enough to list its tools.
pub fn unconnected() -> Server {
    crate::tools::server(Arc::new(Grafana::open(Settings::default())))
}
