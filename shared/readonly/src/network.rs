//! Over the network: the only place that opens a socket.

use crate::asked::Asked;
use crate::limits::Limits;
use crate::refusal::{Kind, Refusal};
use crate::transport::{Body, Transport};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use http::{Request, Response};
use reqwest::{Certificate, Client, ClientBuilder, Identity, redirect, retry, tls};
use std::io::ErrorKind;
use std::time::Duration;
use url::Url;

/// Silent connections are kept for the next question, but not longer than proxies commonly do.
const IDLE: Duration = Duration::from_secs(50);

/// One upstream address. Requests are in origin form (`/api/v1/pods`); the address and its path prefix come from here.
pub struct Network {
    system: &'static str,
    /// Without a slash at its end.
    base: String,
    /// For messages: without credentials.
    address: String,
    connect: Duration,
    client: Client,
}

/// Whom to trust and who to be, where the operating system does not say it: PEM as it stands in files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// The authorities to trust, and no others.
    pub authorities: Option<Vec<u8>>,
    /// Our certificate, with those that lead to its authority, and its key.
    pub identity: Option<Vec<u8>>,
}

/// An address or TLS configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot talk to {address}: {why}")]
pub struct BadAddress {
    address: String,
    why: String,
}

impl Network {
    /// Reaches `address` (http or https), trusting the certificates that the operating system trusts.
    pub fn new(
        system: &'static str,
        address: &Url,
        limits: &Limits,
    ) -> Result<Network, BadAddress> {
        let client = Client::builder().tls_version_min(tls::Version::TLS_1_2);
        Network::from(system, address, limits, client)
    }

    /// The same, trusting and being what `trust` says.
    pub fn trusting(
        system: &'static str,
        address: &Url,
        limits: &Limits,
        trust: &Trust,
    ) -> Result<Network, BadAddress> {
        let refuse =
            |why: &str| BadAddress { address: without_credentials(address), why: why.to_owned() };
        let mut client = Client::builder().tls_version_min(tls::Version::TLS_1_2);
        if let Some(pem) = &trust.authorities {
            // What is wrong with it is not repeated: a key may stand in the wrong file.
            let authorities = Certificate::from_pem_bundle(pem).unwrap_or_default();
            if authorities.is_empty() {
                return Err(refuse("the file with its authorities holds no certificate in PEM"));
            }
            client = client.tls_certs_only(authorities);
        }
        if let Some(pem) = &trust.identity {
            let unusable = |_| refuse("the client certificate and its key are not a pair in PEM");
            client = client.identity(Identity::from_pem(pem).map_err(unusable)?);
        }
        Network::from(system, address, limits, client)
    }

    /// The same with a prepared TLS configuration.
    pub fn with_tls(
        system: &'static str,
        address: &Url,
        limits: &Limits,
        mut tls: rustls::ClientConfig,
    ) -> Result<Network, BadAddress> {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        // rustls speaks nothing older than TLS 1.2.
        let client = Client::builder().tls_backend_preconfigured(tls);
        Network::from(system, address, limits, client)
    }

    fn from(
        system: &'static str,
        address: &Url,
        limits: &Limits,
        client: ClientBuilder,
    ) -> Result<Network, BadAddress> {
        let shown = without_credentials(address);
        let refuse = |why: String| BadAddress { address: shown.clone(), why };
        if !matches!(address.scheme(), "http" | "https") || !address.has_host() {
            return Err(refuse("it must begin with http:// or https:// and a host".to_owned()));
        }
        if address.query().is_some() || address.fragment().is_some() {
            return Err(refuse("it must end with its path".to_owned()));
        }
        let client = client
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .retry(retry::never())
            .connect_timeout(limits.connect)
            .http1_only()
            .gzip(true)
            .default_headers(packing(address))
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.in_flight)
            .build()
            .map_err(|error| refuse(chain(&error)))?;
        let base = address.as_str().trim_end_matches('/').to_owned();
        Ok(Network { system, base, address: shown, connect: limits.connect, client })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Body>, Refusal> {
        let line = format!("{} {}", request.method(), request.uri().path());
        let asked = Asked { system: self.system, request: line };
        let fault = {
            let asked = asked.clone();
            let (address, connect) = (self.address.clone(), self.connect);
            move |error| asked.refused(kind(error, &address, connect))
        };
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let Ok(target) = Url::parse(&format!("{}{target}", self.base)) else {
            return Err(asked.refused(Kind::NotARead(asked.request.clone())));
        };
        let mut outgoing = reqwest::Request::new(parts.method, target);
        *outgoing.headers_mut() = parts.headers;
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        let answer = self.client.execute(outgoing).await.map_err(&fault)?;
        let (parts, body) = Response::<reqwest::Body>::from(answer).into_parts();
        let body: Body = Box::pin(http_body_util::BodyDataStream::new(body).map_err(fault));
        Ok(Response::from_parts(parts, body))
    }
}

impl Transport for Network {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        self.exchange(request).boxed()
    }
}

/// Whether answers are asked for packed. A plain connection leads to a neighbour in the cluster, where packing an answer takes the
/// upstream longer than sending it: Prometheus packs whatever it is asked to, at its own cost and its callers'.
fn packing(address: &Url) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if address.scheme() == "http" {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    headers
}

fn kind(error: reqwest::Error, address: &str, connect: Duration) -> Kind {
    if error.is_timeout() {
        // The only time that the client keeps itself; the others are the reader's.
        return Kind::TimedOut { seconds: connect.as_secs(), phase: "connect" };
    }
    if is_corrupt(&error) {
        return Kind::Malformed(format!(
            "its compression is broken: {}",
            chain(&error.without_url())
        ));
    }
    Kind::Unreachable { address: address.to_owned(), source: Box::new(error.without_url()) }
}

/// Whether the decompressor refused the bytes themselves, rather than missing some that a broken connection kept back.
fn is_corrupt(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(kind, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput)) {
            return true;
        }
        source = error.source();
    }
    false
}

fn without_credentials(address: &Url) -> String {
    let mut address = address.clone();
    // A URL without a host has no credentials to remove.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    address.into()
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        chain.push_str(": ");
        chain.push_str(&error.to_string());
        source = error.source();
    }
    chain
}
