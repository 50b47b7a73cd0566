//! Where Grafana is, and how to be let in.

use crate::web::access::{Access, OpenError};
use http::header::HeaderName;
use readonly::names::segment;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The header by which Grafana tells organisations apart.
const ORGANISATION: HeaderName = HeaderName::from_static("x-grafana-org-id");

/// Where Grafana is. Reading these opens nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct GrafanaSettings {
    /// Address of Grafana, with its path, as https://grafana.example.com.
    #[arg(long, env = "GRAFANA_URL", value_name = "URL")]
    pub grafana_url: Option<Url>,
    /// File with the token of a service account for it; read again each minute.
    #[arg(long, env = "GRAFANA_TOKEN_FILE", value_name = "FILE")]
    pub grafana_token_file: Option<PathBuf>,
    /// User of basic authentication.
    #[arg(long, env = "GRAFANA_USER", value_name = "NAME")]
    pub grafana_user: Option<String>,
    /// File with that user's password.
    #[arg(long, env = "GRAFANA_PASSWORD_FILE", value_name = "FILE")]
    pub grafana_password_file: Option<PathBuf>,
    /// File with the authorities to trust (PEM); unset: those of the operating system.
    #[arg(long, env = "GRAFANA_CA_FILE", value_name = "FILE")]
    pub grafana_ca_file: Option<PathBuf>,
    /// File with a client certificate (PEM).
    #[arg(long, env = "GRAFANA_CERTIFICATE_FILE", value_name = "FILE")]
    pub grafana_certificate_file: Option<PathBuf>,
    /// File with the key of the client certificate (PEM).
    #[arg(long, env = "GRAFANA_KEY_FILE", value_name = "FILE")]
    pub grafana_key_file: Option<PathBuf>,
    /// Organisation, sent as X-Grafana-Org-Id; unset: that of the token.
    #[arg(long, env = "GRAFANA_ORG_ID", value_name = "NUMBER")]
    pub grafana_org_id: Option<u32>,
    /// Namespace of the newer API; unset: that of the organisation (a stack of Grafana Cloud has stacks-NUMBER).
    #[arg(long, env = "GRAFANA_NAMESPACE", value_name = "NAME")]
    pub grafana_namespace: Option<String>,
    /// Seconds that one request to Grafana may take, answer included.
    #[arg(
        long,
        env = "GRAFANA_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        value_parser = clap::value_parser!(u16).range(1..=300),
    )]
    pub grafana_request_timeout: u16,
}

impl GrafanaSettings {
    /// How it is reached.
    pub(crate) fn access(&self) -> Result<Access, OpenError> {
        let Some(url) = self.grafana_url.clone() else {
            return Err(OpenError::NotConfigured {
                system: "Grafana",
                flags: "--grafana",
                variable: "GRAFANA_URL",
            });
        };
        Ok(Access {
            flags: "--grafana",
            url,
            token_file: self.grafana_token_file.clone(),
            user: self.grafana_user.clone(),
            password_file: self.grafana_password_file.clone(),
            ca_file: self.grafana_ca_file.clone(),
            certificate_file: self.grafana_certificate_file.clone(),
            key_file: self.grafana_key_file.clone(),
            tenant: self.grafana_org_id.map(|id| (ORGANISATION, id.to_string())),
        })
    }

    /// The namespace that is named.
    pub(crate) fn namespace(&self) -> Result<Option<String>, OpenError> {
        let Some(namespace) = &self.grafana_namespace else { return Ok(None) };
        segment("--grafana-namespace", namespace)
            .map_err(|error| OpenError::Setting(error.to_string()))?;
        Ok(Some(namespace.clone()))
    }

    /// How long one request may take.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_secs(u64::from(self.grafana_request_timeout.max(1)))
    }
}
