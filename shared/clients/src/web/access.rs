//! How to reach one upstream: its address, our credentials and our trust. All secrets are files.

use crate::web::authenticated::{Authenticated, Credentials};
use crate::web::wire::Wire;
use http::HeaderValue;
use http::header::HeaderName;
use readonly::limits::Limits;
use readonly::network::{BadAddress, Network, Trust};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The header by which Mimir, Cortex, Loki and Tempo tell tenants apart.
pub const SCOPE: HeaderName = HeaderName::from_static("x-scope-orgid");

/// How one upstream is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The first words of its flags, such as `--prometheus`, to name the one that is wrong.
    pub flags: &'static str,
    /// The address, with the prefix of its paths.
    pub url: Url,
    /// The file with a bearer token.
    pub token_file: Option<PathBuf>,
    /// The user of basic authentication.
    pub user: Option<String>,
    /// The file with that user's password.
    pub password_file: Option<PathBuf>,
    /// The file with the authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// The file with our certificate.
    pub certificate_file: Option<PathBuf>,
    /// The file with the key of that certificate.
    pub key_file: Option<PathBuf>,
    /// The header by which the system tells tenants apart, and ours.
    pub tenant: Option<(HeaderName, String)>,
}

/// Why an upstream cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No address is set.
    #[error("no {system} is configured: set {flags}-url or {variable}")]
    NotConfigured {
        /// The system's name, for people.
        system: &'static str,
        /// The first words of its flags.
        flags: &'static str,
        /// The variable that has the address.
        variable: &'static str,
    },
    /// A file of the settings cannot be used.
    #[error("{flag} {path}: {why}")]
    File {
        /// The flag that names it.
        flag: String,
        /// The file.
        path: String,
        /// What is wrong with it, without what stands in it.
        why: String,
    },
    /// Settings that do not go together, or hold what they may not.
    #[error("{0}")]
    Setting(String),
    /// The address cannot be used.
    #[error(transparent)]
    Address(#[from] BadAddress),
}

impl Access {
    /// The way there. Reads the files; asks nobody anything.
    pub(crate) fn connect(&self, system: &'static str, limits: &Limits) -> Result<Wire, OpenError> {
        let network = Network::trusting(system, &self.url, limits, &self.trust()?)?;
        let tenant = self.tenant.as_ref().map(|tenant| self.tenant(tenant)).transpose()?;
        Ok(Arc::new(Authenticated { system, network, credentials: self.credentials()?, tenant }))
    }

    /// The address for people.
    pub(crate) fn shown(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    fn credentials(&self) -> Result<Credentials, OpenError> {
        let flags = self.flags;
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(OpenError::Setting(format!(
                "{flags}-url must not hold credentials; use {flags}-user and {flags}-password-file"
            )));
        }
        match (&self.token_file, &self.user, &self.password_file) {
            (None, None, None) => Ok(Credentials::None),
            (Some(file), None, None) => {
                Ok(Credentials::bearer(file.clone(), &self.secret("token-file", file)?))
            }
            (None, Some(user), Some(file)) => {
                Ok(Credentials::basic(user, &self.secret("password-file", file)?))
            }
            (Some(_), ..) => Err(OpenError::Setting(format!(
                "{flags}-token-file and {flags}-user do not go together"
            ))),
            (None, ..) => Err(OpenError::Setting(format!(
                "{flags}-user and {flags}-password-file go together"
            ))),
        }
    }

    fn trust(&self) -> Result<Trust, OpenError> {
        let authorities =
            self.ca_file.as_deref().map(|file| self.bytes("ca-file", file)).transpose()?;
        let identity = match (&self.certificate_file, &self.key_file) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                let mut pem = self.bytes("certificate-file", certificate)?;
                pem.push(b'\n');
                pem.extend(self.bytes("key-file", key)?);
                Some(pem)
            }
            _ => {
                return Err(OpenError::Setting(format!(
                    "{0}-certificate-file and {0}-key-file go together",
                    self.flags
                )));
            }
        };
        Ok(Trust { authorities, identity })
    }

    fn tenant(
        &self,
        (name, tenant): &(HeaderName, String),
    ) -> Result<(HeaderName, HeaderValue), OpenError> {
        let value = HeaderValue::from_str(tenant).map_err(|_| {
            OpenError::Setting(format!("{}-tenant cannot stand in a header", self.flags))
        })?;
        Ok((name.clone(), value))
    }

    fn secret(&self, flag: &str, path: &Path) -> Result<String, OpenError> {
        let text = String::from_utf8(self.bytes(flag, path)?).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() || text.contains(char::is_control) {
            return Err(self.unusable(flag, path, "it must hold one line of text".to_owned()));
        }
        Ok(text.to_owned())
    }

    fn bytes(&self, flag: &str, path: &Path) -> Result<Vec<u8>, OpenError> {
        std::fs::read(path).map_err(|error| self.unusable(flag, path, error.to_string()))
    }

    fn unusable(&self, flag: &str, path: &Path, why: String) -> OpenError {
        let flag = format!("{}-{flag}", self.flags);
        OpenError::File { flag, path: path.display().to_string(), why }
    }
}
