//! A snapshot as a read-only Alertmanager: its API v2 over what it said when the snapshot was taken.

mod alerts;
mod filter;
mod silences;

use crate::prometheus;
use crate::prometheus::parameters::Parameters;
use crate::response;
use crate::snapshot::Snapshot;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::{Method, Request, Response, StatusCode};
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use serde_json::{Value, json};
use std::sync::Arc;

/// Endpoints that Alertmanager has and a snapshot does not hold: they tell of its configuration, and so does the way in
/// which it groups alerts.
const NOT_HELD: [&str; 3] = ["status", "receivers", "alerts/groups"];

/// An Alertmanager that is only a snapshot.
#[derive(Clone)]
pub struct Alertmanager {
    snapshot: Arc<Snapshot>,
}

/// A status and a body.
type Reply = (StatusCode, Value);

impl Alertmanager {
    /// Serves this snapshot.
    pub fn of(snapshot: Arc<Snapshot>) -> Alertmanager {
        Alertmanager { snapshot }
    }

    /// Why there is nothing to serve; none if there is.
    pub fn unavailable(snapshot: &Snapshot) -> Option<String> {
        let said = &snapshot.alertmanager;
        let recorded = said.alerts.is_some() || said.silences.is_some();
        let missing =
            "the snapshot has neither alertmanager/alerts.json nor alertmanager/silences.json";
        prometheus::unavailable(snapshot, "alertmanager", recorded, missing)
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let now = self.snapshot.about.captured_at;
        if let Some(why) = Alertmanager::unavailable(&self.snapshot) {
            let (status, body) = not_held(&why);
            return response::of(status, "application/json", body.to_string().into_bytes(), now);
        }
        let path = request.uri().path();
        if matches!(path, "/-/healthy" | "/-/ready") && request.method() == Method::GET {
            return response::of(StatusCode::OK, "text/plain; charset=utf-8", b"OK".to_vec(), now);
        }
        let (status, body) = self.reply(request, path).unwrap_or_else(|refused| refused);
        response::of(status, "application/json", body.to_string().into_bytes(), now)
    }

    fn reply(&self, request: &Request<Bytes>, path: &str) -> Result<Reply, Reply> {
        let unknown = || {
            let words = format!("path {path} was not found");
            (StatusCode::NOT_FOUND, json!({"code": 404, "message": words}))
        };
        let endpoint = path.strip_prefix("/api/v2/").ok_or_else(unknown)?;
        if request.method() != Method::GET {
            let words = format!("method {} is not allowed, but [GET] are", request.method());
            return Err((StatusCode::METHOD_NOT_ALLOWED, json!({"code": 405, "message": words})));
        }
        if NOT_HELD.contains(&endpoint) {
            return Err(not_held(&format!("a snapshot does not hold {endpoint} of Alertmanager")));
        }
        let parameters = Parameters::of(request);
        let said = &self.snapshot.alertmanager;
        let alerts = || {
            let missing = || not_held("the snapshot has no alertmanager/alerts.json");
            said.alerts.as_deref().ok_or_else(missing)
        };
        let silences = || {
            let missing = || not_held("the snapshot has no alertmanager/silences.json");
            said.silences.as_deref().ok_or_else(missing)
        };
        let now = self.snapshot.about.captured_at;
        let body = match endpoint {
            "alerts" => json!(alerts::list(alerts()?, &parameters, now)?),
            "silences" => json!(silences::list(silences()?, &parameters)?),
            _ => {
                let id = endpoint.strip_prefix("silence/").ok_or_else(unknown)?;
                let found = silences()?.iter().find(|silence| silence.id == id);
                json!(found.ok_or_else(unknown)?)
            }
        };
        Ok((StatusCode::OK, body))
    }
}

fn not_held(why: &str) -> Reply {
    (StatusCode::SERVICE_UNAVAILABLE, json!({"code": 503, "message": why}))
}

impl Transport for Alertmanager {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let response = self.answer(&request);
        let response = response.map(|body| stream::iter([Ok(body)]).boxed());
        std::future::ready(Ok(response)).boxed()
    }
}
