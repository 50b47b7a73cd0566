//! Where Prometheus is, and how to be let in.

use crate::prometheus::matchers::LabelMatchers;
use crate::web::access::{Access, OpenError, SCOPE};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where Prometheus is. Reading these opens nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PrometheusSettings {
    /// Address of Prometheus, or of what speaks its API, with its path, as http://mimir/prometheus.
    #[arg(long, env = "PROMETHEUS_URL", value_name = "URL")]
    pub prometheus_url: Option<Url>,
    /// File with a bearer token for it; read again each minute.
    #[arg(long, env = "PROMETHEUS_TOKEN_FILE", value_name = "FILE")]
    pub prometheus_token_file: Option<PathBuf>,
    /// User of basic authentication.
    #[arg(long, env = "PROMETHEUS_USER", value_name = "NAME")]
    pub prometheus_user: Option<String>,
    /// File with that user's password.
    #[arg(long, env = "PROMETHEUS_PASSWORD_FILE", value_name = "FILE")]
    pub prometheus_password_file: Option<PathBuf>,
    /// File with the authorities to trust (PEM); unset: those of the operating system.
    #[arg(long, env = "PROMETHEUS_CA_FILE", value_name = "FILE")]
    pub prometheus_ca_file: Option<PathBuf>,
    /// File with a client certificate (PEM).
    #[arg(long, env = "PROMETHEUS_CERTIFICATE_FILE", value_name = "FILE")]
    pub prometheus_certificate_file: Option<PathBuf>,
    /// File with the key of the client certificate (PEM).
    #[arg(long, env = "PROMETHEUS_KEY_FILE", value_name = "FILE")]
    pub prometheus_key_file: Option<PathBuf>,
    /// Tenant, sent as X-Scope-OrgID.
    #[arg(long, env = "PROMETHEUS_TENANT", value_name = "NAME")]
    pub prometheus_tenant: Option<String>,
    /// Label matchers that every selector gets, as namespace="shop"; queries that cannot be parsed are then refused.
    #[arg(long, env = "PROMETHEUS_ENFORCED_MATCHERS", value_name = "MATCHERS")]
    pub prometheus_enforced_matchers: Option<LabelMatchers>,
    /// Seconds that one request to Prometheus may take, answer included.
    #[arg(
        long,
        env = "PROMETHEUS_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "15",
        value_parser = clap::value_parser!(u16).range(1..=300),
    )]
    pub prometheus_request_timeout: u16,
}

impl PrometheusSettings {
    /// How it is reached.
    pub(crate) fn access(&self) -> Result<Access, OpenError> {
        let Some(url) = self.prometheus_url.clone() else {
            return Err(OpenError::NotConfigured {
                system: "Prometheus",
                flags: "--prometheus",
                variable: "PROMETHEUS_URL",
            });
        };
        Ok(Access {
            flags: "--prometheus",
            url,
            token_file: self.prometheus_token_file.clone(),
            user: self.prometheus_user.clone(),
            password_file: self.prometheus_password_file.clone(),
            ca_file: self.prometheus_ca_file.clone(),
            certificate_file: self.prometheus_certificate_file.clone(),
            key_file: self.prometheus_key_file.clone(),
            tenant: self.prometheus_tenant.clone().map(|tenant| (SCOPE, tenant)),
        })
    }

    /// How long one request may take.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_secs(u64::from(self.prometheus_request_timeout.max(1)))
    }
}
