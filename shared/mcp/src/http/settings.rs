//! Settings of a server on HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of a server on HTTP.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct HttpSettings {
    /// Serve streamable HTTP on this address, at /mcp, instead of standard input and output
    #[arg(long, env = "INQUEST_HTTP", value_name = "ADDR")]
    pub http: Option<SocketAddr>,
    /// File with the bearer tokens that callers must send, one a line; read again for every call
    #[arg(long, env = "INQUEST_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Names that callers may use for this server in Host and Origin, besides loopback
    #[arg(long, env = "INQUEST_ALLOWED_HOSTS", value_name = "NAMES", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,
    /// Let anyone in who can reach the address
    #[arg(long, env = "INQUEST_INSECURE_NO_AUTH")]
    pub insecure_no_auth: bool,
}

impl HttpSettings {
    /// Whether others than programs on this machine are let in, who then read with the server's credential.
    pub fn is_for_others(&self) -> bool {
        self.http.is_some_and(|address| !address.ip().is_loopback())
    }
}
