//! A server on streamable HTTP: who may come in, for how long, and how it ends.

pub(crate) mod caller;
mod guard;
mod oidc;
mod places;
mod rates;
mod refused;
mod resource;
pub mod settings;
mod token;

use crate::http::caller::Peer;
use crate::http::guard::{Guard, LARGEST_BODY};
use crate::http::oidc::Oidc;
use crate::http::places::Places;
use crate::http::rates::Rates;
use crate::http::refused::Refused;
use crate::http::resource::{Resource, WELL_KNOWN};
use crate::http::settings::HttpSettings;
use crate::http::token::TokenFile;
use crate::metrics::Metrics;
use crate::server::Server;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A head takes no longer from any honest client; an idle connection is closed after it too.
const HEAD: Duration = Duration::from_secs(5);
/// More connections than calls can wait are of no use to anybody.
const CONNECTIONS: usize = 256;
/// Longer than any call's deadline is not waited for.
const DRAIN: Duration = Duration::from_secs(26);
/// A probe that takes longer is an answer.
const PROBE: Duration = Duration::from_secs(2);
/// Nothing can be accepted for a moment, such as when the process has no descriptor left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Why a server could not be offered over HTTP.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// There is no address to serve on.
    #[error("--http: an address is needed, such as 127.0.0.1:8080")]
    NoAddress,
    /// Others could reach it, and nobody would be asked who they are.
    #[error(
        "--http {0}: an address that others can reach needs --token-file FILE, --oidc-issuer URL or --insecure-no-auth"
    )]
    NoAuthentication(SocketAddr),
    /// The address could not be bound.
    #[error("{flag} {address}: could not listen")]
    Bind {
        /// The flag that asked for it.
        flag: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The issuer's address cannot be used.
    #[error("--oidc-issuer {issuer}: {why}")]
    Issuer {
        /// The address.
        issuer: String,
        /// What is wrong with it.
        why: String,
    },
    /// Tokens of an issuer count only for an audience.
    #[error("--oidc-issuer and --oidc-audience are needed together")]
    HalfAnIssuer,
    /// The token file cannot be read.
    #[error("--token-file {}: could not be read", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The token file holds no token, or one that can be guessed.
    #[error("--token-file {}: needs one token a line, each of at least {least} characters", path.display())]
    WeakToken {
        /// The file.
        path: PathBuf,
        /// The characters that a token must have.
        least: usize,
    },
}

/// A bound address, and who may come in there.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    guard: Guard,
    metrics: Option<TcpListener>,
}

impl Door {
    /// The address that was bound; where port 0 was asked for, with the port that was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address where anyone may read the metrics, where there is one.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }
}

/// Checks the settings and binds the address.
///
/// # Errors
/// When no address is set, it cannot be bound, or it would let strangers in.
pub async fn bind(settings: &HttpSettings) -> Result<Door, HttpError> {
    let address = settings.http.ok_or(HttpError::NoAddress)?;
    let tokens = match &settings.token_file {
        Some(path) => Some(TokenFile::open(path)?),
        None => None,
    };
    let issuer = match (&settings.oidc_issuer, &settings.oidc_audience) {
        (Some(issuer), Some(audience)) => {
            let refuse = |why| HttpError::Issuer { issuer: issuer.clone(), why };
            Some(Oidc::new(issuer, audience).map_err(refuse)?)
        }
        (None, None) => None,
        _ => return Err(HttpError::HalfAnIssuer),
    };
    let open = tokens.is_none() && issuer.is_none();
    if open && !address.ip().is_loopback() && !settings.insecure_no_auth {
        return Err(HttpError::NoAuthentication(address));
    }
    let (listener, address) = listen("--http", address).await?;
    let metrics = match settings.metrics {
        Some(address) => Some(listen("--metrics", address).await?.0),
        None => None,
    };
    let rates = Rates::new(settings.rate_limit, settings.calls_at_once);
    let url = settings.resource_url.clone();
    let resource = settings.oidc_issuer.clone().map(|issuer| Resource { issuer, url });
    let guard = Guard::new(&settings.allowed_hosts, tokens, issuer, resource, rates);
    Ok(Door { listener, address, guard, metrics })
}

async fn listen(
    flag: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), HttpError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|source| HttpError::Bind { flag, address, source })
}

/// Serves `server` at `/mcp`, its health and metrics, and `extra` behind the same guard, until `stop` is set; calls that
/// run then may finish.
pub async fn serve(door: Door, server: Server, extra: Router, stop: CancellationToken) {
    // Set only after the last call: rmcp answers a running call with a 500 when its token is.
    let ended = CancellationToken::new();
    let measures = metrics(&server);
    let router = router(door.guard, server, extra, &stop, &ended);
    let main = accept(door.listener, router, &stop);
    match door.metrics {
        Some(listener) => {
            tokio::join!(main, accept(listener, measures, &stop));
        }
        None => main.await,
    }
    ended.cancel();
}

/// Takes connections until `stop` is set, and returns when those that were busy then are done.
async fn accept(listener: TcpListener, router: Router, stop: &CancellationToken) {
    let places = Places::new(CONNECTIONS);
    let graceful = GracefulShutdown::new();
    let broken_off = CancellationToken::new();
    loop {
        let accepted = async {
            let (stream, peer) = listener.accept().await?;
            Ok::<_, std::io::Error>((places.take(peer.ip()).await, stream, peer))
        };
        let (place, stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            },
        };
        let place = Arc::new(place);
        let known =
            router.clone().layer(Extension(Peer(peer.ip()))).layer(Extension(place.clone()));
        let connection = graceful.watch(converse(stream, known));
        let broken_off = broken_off.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = broken_off.cancelled() => {}
                () = place.leave.cancelled() => tracing::debug!("a quiet connection made room"),
                outcome = connection => if let Err(error) = outcome {
                    tracing::debug!(%error, "a connection broke");
                }
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("calls still ran when the server stopped");
    }
    broken_off.cancel();
}

type Conversation = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>;

/// `axum::serve` has no limit on the time that a head takes; this has.
fn converse(stream: TcpStream, router: Router) -> Conversation {
    // A small answer must not wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}

/// Everything but the health is behind the guard.
fn router(
    guard: Guard,
    server: Server,
    extra: Router,
    stop: &CancellationToken,
    ended: &CancellationToken,
) -> Router {
    let origins = guard
        .hosts
        .iter()
        .flat_map(|host| [format!("http://{host}:*"), format!("https://{host}:*")]);
    let settings = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_allowed_hosts(&guard.hosts)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(LARGEST_BODY)
        .with_cancellation_token(ended.clone());
    let each = server.clone();
    let mcp = StreamableHttpService::new(
        move || Ok(each.clone()),
        Arc::new(NeverSessionManager::default()),
        settings,
    );
    let counted = server.metrics.clone();
    let whole = from_fn(move |request, next| {
        let counted = counted.clone();
        async move { pass(guard::whole_body(request).await, next, &counted).await }
    });
    let mcp = Router::new().route_service("/mcp", mcp).layer(from_fn(places::keep)).layer(whole);
    let extra = extra.layer(from_fn(places::keep));
    let (guard, counted) = (Arc::new(guard), server.metrics.clone());
    let told = Arc::clone(&guard);
    let guarded = extra.merge(mcp).merge(metrics(&server)).layer(from_fn(
        move |request: Request, next: Next| {
            let (guard, counted) = (guard.clone(), counted.clone());
            async move {
                let host = guard.host(request.headers());
                let answer = pass(guard.admit(request).await, next, &counted).await;
                point_to_issuer(answer, &guard, host)
            }
        },
    ));
    let stop = stop.clone();
    let ready = move || readiness(server.clone(), stop.clone());
    let open = guarded.route("/healthz", get(async || "ok\n")).route("/readyz", get(ready));
    if told.resource.is_none() {
        return open;
    }
    let tell = move |headers: HeaderMap| async move { tell(&told, &headers) };
    open.route(WELL_KNOWN, get(tell.clone())).route(&format!("{WELL_KNOWN}/{{*path}}"), get(tell))
}

/// Who is asked for a token is told where to get one.
fn point_to_issuer(
    mut answer: Response,
    guard: &Guard,
    host: Result<Authority, Refused>,
) -> Response {
    let (Some(resource), Ok(host)) = (&guard.resource, host) else { return answer };
    if answer.status() != StatusCode::UNAUTHORIZED {
        return answer;
    }
    let before = answer.headers().get(WWW_AUTHENTICATE).and_then(|it| it.to_str().ok());
    let before = before.unwrap_or("Bearer");
    let between = if before.contains(' ') { "," } else { "" };
    let challenge = format!("{before}{between} resource_metadata=\"{}\"", resource.told_at(&host));
    if let Ok(challenge) = challenge.parse() {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// What anyone may know of the issuer.
fn tell(guard: &Guard, headers: &HeaderMap) -> Response {
    let host = match guard.host(headers) {
        Ok(host) => host,
        Err(refused) => return refused.into_response(),
    };
    let document = guard.resource.as_ref().map(|resource| resource.document(&host));
    Json(document.unwrap_or_default()).into_response()
}

/// Hands an admitted request on, and answers and counts any other.
async fn pass(admitted: Result<Request, Refused>, next: Next, counted: &Metrics) -> Response {
    match admitted {
        Ok(request) => next.run(request).await,
        Err(refused) => {
            counted.refused(refused.reason());
            refused.into_response()
        }
    }
}

/// The metrics alone.
fn metrics(server: &Server) -> Router {
    let (metrics, name) = (server.metrics.clone(), server.name);
    let text = move || async move {
        ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.text(name))
    };
    Router::new().route("/metrics", get(text))
}

async fn readiness(server: Server, stop: CancellationToken) -> (StatusCode, String) {
    if stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    match tokio::time::timeout(PROBE, server.ready()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(why)) => {
            // The probe may name an upstream's address, which is nobody's business out there.
            tracing::warn!(why, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned())
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned()),
    }
}
