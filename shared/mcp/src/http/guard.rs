//! Who may come in over HTTP: a known Host, a known Origin, a token, not too often; and a body that arrives soon and is small.

use crate::http::caller::{self, Caller, Peer};
use crate::http::oidc::{Oidc, Unproven};
use crate::http::rates::Rates;
use crate::http::refused::Refused;
use crate::http::resource::Resource;
use crate::http::token::TokenFile;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// No question to a tool is longer.
pub(crate) const LARGEST_BODY: usize = 256 * 1024;
/// A body of that size arrives sooner from anywhere.
const BODY: Duration = Duration::from_secs(10);

/// What is asked of a request before anything else is.
#[derive(Debug)]
pub(crate) struct Guard {
    /// The names that a caller may know us by.
    pub(crate) hosts: Vec<String>,
    /// What is told of the issuer, where there is one.
    pub(crate) resource: Option<Resource>,
    tokens: Option<TokenFile>,
    issuer: Option<Oidc>,
    rates: Rates,
}

impl Guard {
    pub(crate) fn new(
        allowed_hosts: &[String],
        tokens: Option<TokenFile>,
        issuer: Option<Oidc>,
        resource: Option<Resource>,
        rates: Rates,
    ) -> Self {
        let loopback = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let allowed = allowed_hosts.iter().map(|host| host.trim().to_ascii_lowercase());
        let hosts = loopback.into_iter().chain(allowed.filter(|host| !host.is_empty())).collect();
        Guard { hosts, resource, tokens, issuer, rates }
    }

    /// The request, with its caller and without its token.
    pub(crate) async fn admit(&self, mut request: Request) -> Result<Request, Refused> {
        // A page in a browser can make its own name point here; then it says that name.
        self.host(request.headers())?;
        if let Some(origin) = request.headers().get(ORIGIN)
            && !origin_host(origin).is_some_and(|origin| self.knows(&origin))
        {
            return Err(Refused::Origin);
        }
        // The token ends here: nothing further in can pass it on.
        let shown = request.headers_mut().remove(AUTHORIZATION);
        let name = match self.open() {
            true => caller::of_peer(request.extensions().get::<Peer>().copied()),
            false => self.name(shown.ok_or(Refused::NoToken)?).await?,
        };
        let share = self.rates.admit(&name).map_err(Refused::Rate)?;
        request.extensions_mut().insert(Caller { name, share });
        Ok(request)
    }

    /// The known name that a request is sent to.
    pub(crate) fn host(&self, headers: &HeaderMap) -> Result<Authority, Refused> {
        let host = headers.get(HOST).and_then(authority).ok_or(Refused::NoHost)?;
        match self.knows(host.host()) {
            true => Ok(host),
            false => Err(Refused::Host),
        }
    }

    /// Whether nobody is asked for a token.
    fn open(&self) -> bool {
        self.tokens.is_none() && self.issuer.is_none()
    }

    /// The name that a token gives its bearer.
    async fn name(&self, shown: HeaderValue) -> Result<String, Refused> {
        let token = shown.to_str().ok().and_then(bearer);
        let token = token.ok_or(Refused::Token("a bearer token is needed"))?;
        if self.tokens.as_ref().is_some_and(|tokens| tokens.admits(token)) {
            return Ok(caller::of_token(token));
        }
        let Some(issuer) = &self.issuer else {
            return Err(Refused::Token("the token is not known"));
        };
        match issuer.subject(token).await {
            Ok(subject) => Ok(caller::of_subject(&subject)),
            Err(Unproven::Wrong(why)) => Err(Refused::Token(why)),
            Err(Unproven::NoKeys) => Err(Refused::NoKeys),
        }
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.hosts.contains(&host)
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn authority(value: &HeaderValue) -> Option<Authority> {
    value.to_str().ok()?.parse().ok()
}

fn origin_host(value: &HeaderValue) -> Option<String> {
    let uri: Uri = value.to_str().ok()?.parse().ok()?;
    uri.scheme()?;
    uri.host().map(str::to_owned)
}

/// The request with its body read: at most 256 KiB, and within ten seconds.
pub(crate) async fn whole_body(request: Request) -> Result<Request, Refused> {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(BODY, Limited::new(body, LARGEST_BODY).collect());
    match read.await {
        Ok(Ok(whole)) => Ok(Request::from_parts(parts, Body::from(whole.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::LargeBody),
        Ok(Err(_)) => Err(Refused::BrokenBody),
        Err(_) => Err(Refused::SlowBody),
    }
}
