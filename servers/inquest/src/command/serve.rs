//! `inquest serve`: the lead as a service.

use super::mcp;
use crate::tools::{self, Lead};
use crate::trouble::Trouble;
use crate::witnesses::settings::WitnessSettings;
use ::mcp::http::settings::HttpSettings;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Served here where no address is set: reachable from this machine only.
const DEFAULT_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8765);

/// The lead as an MCP server, over HTTP (on 127.0.0.1:8765 unless --http says otherwise) or standard input and output
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Serve on standard input and output instead of HTTP
    #[arg(long, conflicts_with = "http")]
    pub stdio: bool,
    /// How it is offered.
    #[command(flatten)]
    pub http: HttpSettings,
    /// How long one investigation may take
    #[arg(long, env = "INQUEST_BUDGET", value_name = "SPAN", default_value = "30s", value_parser = crate::intake::time::span)]
    pub budget: Duration,
    /// Where the servers are.
    #[command(flatten)]
    pub witnesses: WitnessSettings,
}

impl Serve {
    pub(super) async fn run(self, _out: &mut dyn Write) -> Result<u8, Trouble> {
        let witnesses = Arc::new(self.witnesses.open(self.http.is_for_others()).await?);
        let server = tools::server(Arc::new(Lead::new(witnesses, self.budget)));
        let http = match self.stdio {
            true => HttpSettings { http: None, ..self.http },
            false => HttpSettings { http: self.http.http.or(Some(DEFAULT_ADDRESS)), ..self.http },
        };
        mcp::offer(server, &http).await
    }
}
