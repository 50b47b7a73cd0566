//! Where Alertmanager is, and how to be let in.

use crate::web::access::{Access, OpenError, SCOPE};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where Alertmanager is. Reading these opens nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AlertmanagerSettings {
    /// Address of Alertmanager, with its path, as http://mimir/alertmanager.
    #[arg(long, env = "ALERTMANAGER_URL", value_name = "URL")]
    pub alertmanager_url: Option<Url>,
    /// File with a bearer token for it; read again each minute.
    #[arg(long, env = "ALERTMANAGER_TOKEN_FILE", value_name = "FILE")]
    pub alertmanager_token_file: Option<PathBuf>,
    /// User of basic authentication.
    #[arg(long, env = "ALERTMANAGER_USER", value_name = "NAME")]
    pub alertmanager_user: Option<String>,
    /// File with that user's password.
    #[arg(long, env = "ALERTMANAGER_PASSWORD_FILE", value_name = "FILE")]
    pub alertmanager_password_file: Option<PathBuf>,
    /// File with the authorities to trust (PEM); unset: those of the operating system.
    #[arg(long, env = "ALERTMANAGER_CA_FILE", value_name = "FILE")]
    pub alertmanager_ca_file: Option<PathBuf>,
    /// File with a client certificate (PEM).
    #[arg(long, env = "ALERTMANAGER_CERTIFICATE_FILE", value_name = "FILE")]
    pub alertmanager_certificate_file: Option<PathBuf>,
    /// File with the key of the client certificate (PEM).
    #[arg(long, env = "ALERTMANAGER_KEY_FILE", value_name = "FILE")]
    pub alertmanager_key_file: Option<PathBuf>,
    /// Tenant, sent as X-Scope-OrgID.
    #[arg(long, env = "ALERTMANAGER_TENANT", value_name = "NAME")]
    pub alertmanager_tenant: Option<String>,
    /// Seconds that one request to Alertmanager may take, answer included.
    #[arg(
        long,
        env = "ALERTMANAGER_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        value_parser = clap::value_parser!(u16).range(1..=300),
    )]
    pub alertmanager_request_timeout: u16,
}

impl AlertmanagerSettings {
    /// How it is reached.
    pub(crate) fn access(&self) -> Result<Access, OpenError> {
        let Some(url) = self.alertmanager_url.clone() else {
            return Err(OpenError::NotConfigured {
                system: "Alertmanager",
                flags: "--alertmanager",
                variable: "ALERTMANAGER_URL",
            });
        };
        Ok(Access {
            flags: "--alertmanager",
            url,
            token_file: self.alertmanager_token_file.clone(),
            user: self.alertmanager_user.clone(),
            password_file: self.alertmanager_password_file.clone(),
            ca_file: self.alertmanager_ca_file.clone(),
            certificate_file: self.alertmanager_certificate_file.clone(),
            key_file: self.alertmanager_key_file.clone(),
            tenant: self.alertmanager_tenant.clone().map(|tenant| (SCOPE, tenant)),
        })
    }

    /// How long one request may take.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_secs(u64::from(self.alertmanager_request_timeout.max(1)))
    }
}
