//! A whole answer at once, where it is known to be small.

use crate::asked::Asked;
use crate::refusal::{Kind, Refusal};
use crate::transport::Body;
use futures::StreamExt;
use http::Response;
use serde::de::DeserializeOwned;

/// The whole body, refused as too large beyond `limit` bytes. The reader's own limit holds as well.
pub async fn whole(response: Response<Body>, limit: usize) -> Result<Vec<u8>, Refusal> {
    let (parts, mut body) = response.into_parts();
    let mut whole = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece?;
        if whole.len() + piece.len() > limit {
            let asked = Asked::of(&parts.extensions);
            return Err(asked.refused(Kind::TooLarge { limit: limit as u64 }));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// The whole body decoded from JSON, up to `limit` bytes. Another form is malformed.
pub async fn json<T: DeserializeOwned>(
    response: Response<Body>,
    limit: usize,
) -> Result<T, Refusal> {
    let asked = Asked::of(response.extensions());
    let whole = whole(response, limit).await?;
    serde_json::from_slice(&whole)
        .map_err(|error| asked.refused(Kind::Malformed(not_json(&whole, &error))))
}

/// Why `start`, the beginning of an answer, is not the JSON that was expected.
pub(crate) fn not_json(start: &[u8], error: &dyn std::fmt::Display) -> String {
    if start.trim_ascii_start().starts_with(b"<") {
        return "a web page where JSON was expected; is there a login page in front?".to_owned();
    }
    format!("not the JSON that was expected: {error}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use bytes::Bytes;
    use futures::stream;

    /// A response that arrives in pieces of `size` bytes.
    pub(crate) fn in_pieces(text: &str, size: usize) -> Response<Body> {
        let pieces: Vec<_> =
            text.as_bytes().chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Response::new(stream::iter(pieces).boxed())
    }

    /// A response whose body breaks off after `text`.
    pub(crate) fn broken_after(text: &'static str) -> Response<Body> {
        let asked = Asked { system: "test", request: "GET /".to_owned() };
        let pieces = [
            Ok(Bytes::from_static(text.as_bytes())),
            Err(asked.refused(Kind::TimedOut { seconds: 5, phase: "body" })),
        ];
        Response::new(stream::iter(pieces).boxed())
    }

    #[tokio::test]
    async fn the_limit_is_exact() {
        assert_eq!(whole(in_pieces("12345", 2), 5).await.unwrap(), b"12345");
        let refusal = whole(in_pieces("12345", 2), 4).await.unwrap_err();
        assert!(matches!(refusal.kind, Kind::TooLarge { limit: 4 }));
    }

    #[tokio::test]
    async fn json_is_decoded() {
        let numbers: Vec<u8> = json(in_pieces("[1, 2, 3]", 2), 100).await.unwrap();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_login_page_is_called_one() {
        let refusal = json::<u8>(in_pieces("\n<!doctype html>", 99), 100).await.unwrap_err();
        assert!(refusal.to_string().contains("login page"), "{refusal}");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_answer() {
        let refusal = json::<u8>(broken_after("1"), 100).await.unwrap_err();
        assert!(matches!(refusal.kind, Kind::TimedOut { .. }));
    }
}
