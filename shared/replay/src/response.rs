//! An answer of a replayed API as HTTP has it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Puts it together; it bears the time at which the snapshot was taken.
pub(crate) fn of(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    now: Timestamp,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    if !content_type.is_empty() {
        let kind = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(date) = date.ok().and_then(|date| HeaderValue::from_str(&date).ok()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}
