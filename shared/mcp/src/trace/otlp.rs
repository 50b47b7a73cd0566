//! Spans in OTLP's JSON, sent over HTTP: <https://opentelemetry.io/docs/specs/otlp/>.

use crate::trace::Span;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use readonly::allow::{AllowList, Read};
use readonly::body;
use readonly::limits::Limits;
use readonly::network::Network;
use readonly::reader::Reader;
use readonly::refusal::Refusal;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const SYSTEM: &str = "otlp receiver";
/// Below the configured address, as OTLP has it.
const PATH: &str = "/v1/traces";
/// Bytes of an answer, which says nothing that is acted on.
const ANSWER: usize = 64 * 1024;
/// A span of a server that was asked, in OTLP's numbers.
const OF_A_SERVER: u8 = 2;
/// A status that says a span failed.
const FAILED: u8 = 2;

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(3),
    headers: Duration::from_secs(5),
    stall: Duration::from_secs(2),
    total: Duration::from_secs(10),
    body_bytes: ANSWER as u64,
    in_flight: 1,
    retries: 2,
};

/// Where spans are sent to: the one thing that we send to anybody unasked, and only where an operator says so.
pub(crate) struct Receiver {
    reader: Reader,
}

impl Receiver {
    /// The receiver at this address.
    ///
    /// # Errors
    /// In one line, why the address cannot be used.
    pub(crate) fn at(address: &Url) -> Result<Receiver, String> {
        let network = Network::new(SYSTEM, address, &LIMITS).map_err(|error| error.to_string())?;
        let only = Read::new(Method::POST, PATH).map_err(|error| error.to_string())?;
        let allow = AllowList::new(vec![only]);
        Ok(Receiver { reader: Reader::new(SYSTEM, Arc::new(network), allow, LIMITS) })
    }

    /// Sends spans in one request; nothing where there are none.
    pub(crate) async fn send(&self, spans: &[Span]) -> Result<(), Refusal> {
        let Some(first) = spans.first() else { return Ok(()) };
        let whole = json!({"resourceSpans": [{
            "resource": {"attributes": [
                attribute("service.name", first.server),
                attribute("service.version", env!("CARGO_PKG_VERSION")),
            ]},
            "scopeSpans": [{
                "scope": {"name": "inquest", "version": env!("CARGO_PKG_VERSION")},
                "spans": spans.iter().map(written).collect::<Vec<_>>(),
            }],
        }]});
        let mut request = Request::new(Bytes::from(whole.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = axum::http::Uri::from_static(PATH);
        let json = axum::http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        let answer = self.reader.read(request).await?;
        body::whole(answer, ANSWER).await.map(drop)
    }
}

/// One span. Never an argument or an answer: only what was called, and how it ended.
fn written(span: &Span) -> Value {
    let ended = span.ended.as_nanosecond();
    let began = ended.saturating_sub(i128::try_from(span.took.as_nanos()).unwrap_or_default());
    let mut attributes = vec![
        attribute("mcp.method.name", "tools/call"),
        attribute("gen_ai.operation.name", "execute_tool"),
        attribute("gen_ai.tool.name", &span.tool),
    ];
    let mut status = json!({});
    if span.outcome != "ok" {
        attributes.push(attribute("error.type", &span.outcome));
        status = json!({"code": FAILED});
    }
    let mut written = json!({
        "traceId": format!("{:032x}", span.context.trace),
        "spanId": format!("{:016x}", span.context.span),
        "name": format!("tools/call {}", span.tool),
        "kind": OF_A_SERVER,
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
        "status": status,
    });
    if let (Some(parent), Value::Object(fields)) = (span.parent, &mut written) {
        fields.insert("parentSpanId".to_owned(), json!(format!("{parent:016x}")));
    }
    written
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
