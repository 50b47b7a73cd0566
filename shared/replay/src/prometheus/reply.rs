//! Answers in Prometheus's envelope.

use crate::prometheus::promql::failure::{Failure, Kind};
use http::StatusCode;
use serde_json::{Value, json};

/// One answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Reply {
    /// What was asked for; `data` is JSON.
    pub(crate) fn success(data: &str) -> Reply {
        let body = format!("{{\"status\":\"success\",\"data\":{data}}}");
        Reply { status: StatusCode::OK, content_type: "application/json", body }
    }

    pub(crate) fn value(data: &Value) -> Reply {
        Reply::success(&data.to_string())
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Reply {
        Reply { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Reply {
        let (status, kind) = match failure.kind {
            Kind::BadData => (StatusCode::BAD_REQUEST, "bad_data"),
            Kind::Execution => (StatusCode::UNPROCESSABLE_ENTITY, "execution"),
            Kind::Timeout => (StatusCode::SERVICE_UNAVAILABLE, "timeout"),
            Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        };
        let body = json!({"status": "error", "errorType": kind, "error": failure.message});
        Reply { status, content_type: "application/json", body: body.to_string() }
    }
}
