//! Settings of a server on HTTP.

use crate::trace::settings::TraceSettings;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Settings of a server on HTTP.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct HttpSettings {
    /// Serve streamable HTTP on this address, at /mcp, instead of standard input and output
    #[arg(long, env = "INQUEST_HTTP", value_name = "ADDR")]
    pub http: Option<SocketAddr>,
    /// File with the bearer tokens that callers must send, one a line; read again for every call
    #[arg(long, env = "INQUEST_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Issuer of OpenID Connect tokens that callers may send instead, word for word as it calls itself
    #[arg(long, env = "INQUEST_OIDC_ISSUER", value_name = "URL", requires = "oidc_audience")]
    pub oidc_issuer: Option<String>,
    /// Audience that such a token must be for
    #[arg(long, env = "INQUEST_OIDC_AUDIENCE", value_name = "NAME", requires = "oidc_issuer")]
    pub oidc_audience: Option<String>,
    /// Where callers reach /mcp, as https://mcp.example/mcp, for who asks which issuer to log in at; unset: by the Host they use
    #[arg(long, env = "INQUEST_RESOURCE_URL", value_name = "URL")]
    pub resource_url: Option<Url>,
    /// Names that callers may use for this server in Host and Origin, besides loopback
    #[arg(long, env = "INQUEST_ALLOWED_HOSTS", value_name = "NAMES", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,
    /// Let anyone in who can reach the address
    #[arg(long, env = "INQUEST_INSECURE_NO_AUTH")]
    pub insecure_no_auth: bool,
    /// Requests a minute that one caller may make over HTTP; 0 is no limit
    #[arg(long, env = "INQUEST_RATE_LIMIT", value_name = "N", default_value_t = 1200)]
    pub rate_limit: u32,
    /// Calls that one caller may have running at once over HTTP; 0 is no limit
    #[arg(long, env = "INQUEST_CALLS_AT_ONCE", value_name = "N", default_value_t = 16)]
    pub calls_at_once: usize,
    /// Serve /metrics on this address to anyone; it is at the other address too, for who may come in there
    #[arg(long, env = "INQUEST_METRICS", value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// Where spans of calls are sent.
    #[command(flatten)]
    pub traces: TraceSettings,
}

impl HttpSettings {
    /// Whether others than programs on this machine are let in, who then read with the server's credential.
    pub fn is_for_others(&self) -> bool {
        self.http.is_some_and(|address| !address.ip().is_loopback())
    }
}
