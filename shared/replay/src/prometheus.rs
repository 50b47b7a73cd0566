//! A snapshot as a read-only Prometheus, with the semantics of the real one.

mod alerting;
pub(crate) mod duration;
mod evaluations;
mod find;
mod humanize;
mod json;
mod number;
pub(crate) mod parameters;
pub(crate) mod promql;
mod query;
mod reply;
mod rules;
mod status;
mod template;

use crate::prometheus::parameters::Parameters;
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::reply::Reply;
use crate::prometheus::rules::Judged;
use crate::response;
use crate::snapshot::Snapshot;
use crate::snapshot::metrics::Metrics;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Method, Request, Response, StatusCode};
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use std::sync::{Arc, OnceLock};

/// Endpoints that Prometheus has and a snapshot does not hold.
const NOT_HELD: [&str; 9] = [
    "query_exemplars",
    "format_query",
    "scrape_pools",
    "targets/metadata",
    "alertmanagers",
    "status/config",
    "status/flags",
    "status/runtimeinfo",
    "status/walreplay",
];

/// A Prometheus that is only a snapshot: it measures no more, and its now is when the snapshot was taken.
#[derive(Clone)]
pub struct Prometheus {
    snapshot: Arc<Snapshot>,
    /// The rules, once they were asked for: they do not change.
    judged: Arc<OnceLock<Option<Judged>>>,
}

impl Prometheus {
    /// Serves this snapshot.
    pub fn of(snapshot: Arc<Snapshot>) -> Prometheus {
        Prometheus { snapshot, judged: Arc::default() }
    }

    /// Why there is nothing to serve; none if there is.
    pub fn unavailable(snapshot: &Snapshot) -> Option<String> {
        let recorded = snapshot.metrics.is_some();
        let missing = "the snapshot has no prometheus/*.om";
        unavailable(snapshot, "prometheus", recorded, missing)
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let reply = self.reply(request).unwrap_or_else(Reply::from);
        let now = self.snapshot.about.captured_at;
        response::of(reply.status, reply.content_type, reply.body.into_bytes(), now)
    }

    fn reply(&self, request: &Request<Bytes>) -> Result<Reply, Failure> {
        if let Some(why) = Prometheus::unavailable(&self.snapshot) {
            return Err(Failure::unavailable(why));
        }
        let Some(metrics) = &self.snapshot.metrics else {
            return Err(Failure::unavailable("nothing was measured"));
        };
        let path = request.uri().path();
        let (is_get, posts) = (request.method() == Method::GET, request.method() == Method::POST);
        let allowed = match path {
            "/api/v1/query" | "/api/v1/query_range" | "/api/v1/series" | "/api/v1/labels" => {
                is_get || posts
            }
            _ => is_get,
        };
        if !allowed {
            return Ok(Reply::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n"));
        }
        match path {
            "/-/healthy" => Ok(Reply::text(StatusCode::OK, "Prometheus Server is Healthy.\n")),
            "/-/ready" => Ok(Reply::text(StatusCode::OK, "Prometheus Server is Ready.\n")),
            _ => match path.strip_prefix("/api/v1/") {
                Some(endpoint) => self.api(metrics, endpoint, &Parameters::of(request)),
                None => Ok(not_found()),
            },
        }
    }

    fn api(
        &self,
        metrics: &Metrics,
        endpoint: &str,
        parameters: &Parameters,
    ) -> Result<Reply, Failure> {
        let now = self.snapshot.about.captured_at.as_millisecond();
        match endpoint {
            "query" => query::instant(metrics, parameters, now),
            "query_range" => query::range(metrics, parameters),
            "series" => find::series(metrics, parameters),
            "labels" => find::label_names(metrics, parameters),
            "metadata" => find::metadata(metrics, parameters),
            "targets" => status::targets(metrics, parameters, now),
            "rules" => self.judged(metrics)?.rules(parameters),
            "alerts" => Ok(self.judged(metrics)?.alerts()),
            "status/buildinfo" => Ok(status::build()),
            "status/tsdb" => Ok(status::tsdb(metrics)),
            _ if NOT_HELD.contains(&endpoint) => {
                Err(Failure::unavailable(format!("a snapshot does not hold {endpoint}")))
            }
            _ => {
                match endpoint.strip_prefix("label/").and_then(|rest| rest.strip_suffix("/values"))
                {
                    Some(name) => find::label_values(metrics, name, parameters),
                    None => Ok(not_found()),
                }
            }
        }
    }

    fn judged(&self, metrics: &Metrics) -> Result<&Judged, Failure> {
        let judged = self.judged.get_or_init(|| Judged::of(&self.snapshot, metrics));
        let missing = "the snapshot has no prometheus/rules.yaml";
        judged.as_ref().ok_or_else(|| Failure::unavailable(missing))
    }
}

fn not_found() -> Reply {
    Reply::text(StatusCode::NOT_FOUND, "404 page not found\n")
}

/// Why a source cannot be served: it was declared so, or it was not recorded.
pub(crate) fn unavailable(
    snapshot: &Snapshot,
    source: &str,
    recorded: bool,
    missing: &str,
) -> Option<String> {
    let declared = snapshot.about.sources.get(source).filter(|source| !source.available);
    if recorded && declared.is_none() {
        return None;
    }
    let reason = declared.and_then(|source| source.reason.clone());
    Some(reason.unwrap_or_else(|| missing.to_owned()))
}

impl Transport for Prometheus {
    /// A query may take seconds: it is evaluated where it holds up nobody else.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let prometheus = self.clone();
        let evaluated = tokio::task::spawn_blocking(move || prometheus.answer(&request));
        async move {
            let response = evaluated.await.unwrap_or_else(|_| {
                let mut failed = Response::new(Bytes::new());
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                failed
            });
            Ok(response.map(|body| stream::iter([Ok(body)]).boxed()))
        }
        .boxed()
    }
}
