//! What an answer without success means, and what it said about it.

use crate::asked::Asked;
use crate::refusal::{Kind, Refusal};
use crate::retry::retry_after;
use crate::text;
use crate::transport::Body;
use futures::StreamExt;
use http::{Response, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of an error body that are read: enough for a Kubernetes `Status` with its details.
const READ: usize = 16 * 1024;
/// Time for them; the status alone is an answer, too.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of its message that are kept.
const KEPT: usize = 512;

/// Turns an answer whose status is not a success into the refusal that it is.
pub(crate) async fn refusal(response: Response<Body>) -> Refusal {
    let asked = Asked::of(response.extensions());
    let status = response.status();
    let retry_after = retry_after(&response);
    let location = response.headers().get(http::header::LOCATION).cloned();
    let mut start = Vec::new();
    // Running out of time leaves what has come so far.
    let _ = timeout(PATIENCE, read_start(response.into_body(), &mut start)).await;
    let message = match location {
        Some(location) if status.is_redirection() => {
            let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
            text::safe(&format!("redirects are not followed; it points to {location}"), KEPT)
        }
        _ => message(&start),
    };
    asked.refused(match status {
        StatusCode::UNAUTHORIZED => Kind::Unauthorized,
        StatusCode::FORBIDDEN => Kind::Forbidden(message),
        StatusCode::NOT_FOUND => Kind::NotFound(message),
        StatusCode::TOO_MANY_REQUESTS => Kind::Throttled { retry_after },
        _ => Kind::Status { status: status.as_u16(), message },
    })
}

async fn read_start(mut body: Body, start: &mut Vec<u8>) {
    while let Some(Ok(piece)) = body.next().await {
        start.extend(piece.iter().take(READ - start.len()));
        if start.len() == READ {
            return;
        }
    }
}

/// The `message` of a JSON error such as a Kubernetes `Status`, or its `error` as Prometheus calls it, else the start of the text, on
/// one line.
fn message(start: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(start).ok();
    let field = |name| json.as_ref().and_then(|json| json.get(name)).and_then(Value::as_str);
    let said = field("message").or_else(|| field("error"));
    let whole = String::from_utf8_lossy(start);
    let words: Vec<&str> = said.unwrap_or(&whole).split_whitespace().collect();
    if words.is_empty() {
        return "no reason given".to_owned();
    }
    if words.concat().starts_with("<!") || words.concat().starts_with("<html") {
        return "a web page".to_owned();
    }
    text::safe(&words.join(" "), KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::in_pieces;

    async fn kind(status: u16, text: &str) -> Kind {
        let mut response = in_pieces(text, 10);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        refusal(response).await.kind
    }

    #[tokio::test]
    async fn a_kubernetes_status_gives_its_message() {
        let status = r#"{"kind":"Status","message":"pods \"web\" not found","code":404}"#;
        let Kind::NotFound(message) = kind(404, status).await else { panic!() };
        assert_eq!(message, "pods \"web\" not found");
        assert!(matches!(kind(403, status).await, Kind::Forbidden(_)));
    }

    #[tokio::test]
    async fn an_error_of_prometheus_gives_its_error() {
        let body = r#"{"status":"error","errorType":"bad_data","error":"1:3: parse error"}"#;
        let Kind::Status { message, .. } = kind(400, body).await else { panic!() };
        assert_eq!(message, "1:3: parse error");
    }

    #[tokio::test]
    async fn every_status_has_its_kind() {
        assert!(matches!(kind(401, "").await, Kind::Unauthorized));
        assert!(matches!(kind(429, "").await, Kind::Throttled { retry_after: None }));
        assert!(matches!(kind(500, "x").await, Kind::Status { status: 500, .. }));
        assert!(matches!(kind(410, "x").await, Kind::Status { status: 410, .. }));
    }

    #[tokio::test]
    async fn a_message_is_one_clean_short_line() {
        let long = "\u{1b}[31mboom\u{202e}\nAuthorization: Bearer abcdefgh12345678\n".repeat(1000);
        let Kind::Status { message, .. } = kind(500, &long).await else { panic!() };
        assert!(message.starts_with("boom Authorization: Bearer <redacted"), "{message}");
        assert!(message.len() <= 512 && !message.contains(['\n', '\u{1b}', '\u{202e}']));
    }

    #[tokio::test]
    async fn a_body_without_words_is_no_mystery() {
        let Kind::Status { message, .. } = kind(502, " \n").await else { panic!() };
        assert_eq!(message, "no reason given");
        let Kind::Status { message, .. } = kind(502, "<html><b>Bad").await else { panic!() };
        assert_eq!(message, "a web page");
    }
}
