//! Puts our credentials and our tenant on each request, and hands it to the network.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Request, Response};
use readonly::network::Network;
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

/// A token that is projected into a pod is replaced long before it ends, so a look each minute is enough.
const FRESH: Duration = Duration::from_secs(60);

/// The network, with our credentials on each request.
pub(crate) struct Authenticated {
    pub(crate) system: &'static str,
    pub(crate) network: Network,
    pub(crate) credentials: Credentials,
    pub(crate) tenant: Option<(HeaderName, HeaderValue)>,
}

/// Who we are.
pub(crate) enum Credentials {
    None,
    Basic(HeaderValue),
    /// A file that is read again, as tokens end.
    Bearer {
        path: PathBuf,
        read: Mutex<(Instant, HeaderValue)>,
    },
}

impl Credentials {
    pub(crate) fn basic(user: &str, password: &str) -> Credentials {
        Credentials::Basic(secret(&format!(
            "Basic {}",
            STANDARD.encode(format!("{user}:{password}"))
        )))
    }

    pub(crate) fn bearer(path: PathBuf, token: &str) -> Credentials {
        let read = Mutex::new((Instant::now(), secret(&format!("Bearer {token}"))));
        Credentials::Bearer { path, read }
    }

    fn header(&self, system: &'static str) -> Option<HeaderValue> {
        match self {
            Credentials::None => None,
            Credentials::Basic(header) => Some(header.clone()),
            Credentials::Bearer { path, read } => {
                let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                if read.0.elapsed() >= FRESH {
                    read.0 = Instant::now();
                    match std::fs::read_to_string(path).as_deref().map(str::trim) {
                        Ok(token) if !token.is_empty() => {
                            read.1 = secret(&format!("Bearer {token}"))
                        }
                        _ => warn!(system, "the token could not be read again"),
                    }
                }
                Some(read.1.clone())
            }
        }
    }
}

/// A header that no log shows. What cannot stand in one is refused by the upstream as no credentials at all.
fn secret(text: &str) -> HeaderValue {
    let mut header = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

impl Transport for Authenticated {
    fn send(&self, mut request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        if let Some(header) = self.credentials.header(self.system) {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        if let Some((name, value)) = &self.tenant {
            request.headers_mut().insert(name, value.clone());
        }
        self.network.send(request).boxed()
    }
}
