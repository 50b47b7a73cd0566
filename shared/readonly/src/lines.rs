//! Text line by line as it arrives, each line capped.

use crate::refusal::Refusal;
use crate::transport::Body;
use bytes::{Buf, Bytes};
use futures::StreamExt;
use http::Response;

/// One line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its start, with invalid UTF-8 replaced.
    pub text: String,
    /// Bytes that were left out beyond the cap.
    pub dropped: usize,
}

/// The lines of a body.
pub struct Lines {
    body: Body,
    line_bytes: usize,
    piece: Bytes,
    ended: bool,
}

impl Lines {
    /// Reads `response` line by line, keeping at most `line_bytes` of each.
    pub fn new(response: Response<Body>, line_bytes: usize) -> Lines {
        Lines { body: response.into_body(), line_bytes, piece: Bytes::new(), ended: false }
    }

    /// The next line; none after the last. An error is the end: what came before it was whole lines.
    pub async fn next(&mut self) -> Result<Option<Line>, Refusal> {
        let mut kept = Vec::new();
        let mut length = 0;
        loop {
            if self.piece.is_empty() {
                match self.body_next().await? {
                    Some(piece) => self.piece = piece,
                    None if length == 0 => return Ok(None),
                    None => return Ok(Some(line(kept, length))),
                }
            }
            let end = self.piece.iter().position(|&byte| byte == b'\n');
            let part = self.piece.split_to(end.unwrap_or(self.piece.len()));
            length += part.len();
            kept.extend(part.iter().take(self.line_bytes - kept.len()));
            if end.is_some() {
                self.piece.advance(1);
                return Ok(Some(line(kept, length)));
            }
        }
    }

    async fn body_next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.ended {
            return Ok(None);
        }
        let piece = self.body.next().await;
        self.ended = !matches!(piece, Some(Ok(_)));
        piece.transpose()
    }
}

fn line(mut kept: Vec<u8>, length: usize) -> Line {
    let mut dropped = length - kept.len();
    if dropped > 0 {
        let whole = whole_characters(&kept);
        dropped += kept.len() - whole;
        kept.truncate(whole);
    } else if kept.last() == Some(&b'\r') {
        kept.pop();
    }
    Line { text: String::from_utf8_lossy(&kept).into_owned(), dropped }
}

/// How many of `bytes` remain when the cap has cut the last character in two.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::tests::{broken_after, in_pieces};

    async fn all(text: &str, piece: usize, cap: usize) -> Vec<(String, usize)> {
        let mut lines = Lines::new(in_pieces(text, piece), cap);
        let mut all = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            all.push((line.text, line.dropped));
        }
        all
    }

    #[tokio::test]
    async fn lines_are_the_same_however_they_arrive() {
        let expected = ["one", "", "two", "drei ü", "last"].map(|text| (text.to_owned(), 0));
        for piece in 1..20 {
            assert_eq!(all("one\n\ntwo\r\ndrei ü\nlast", piece, 100).await, expected);
        }
        assert_eq!(all("a\n", 1, 100).await, [("a".to_owned(), 0)]);
        assert!(all("", 1, 100).await.is_empty());
    }

    #[tokio::test]
    async fn a_long_line_is_cut_and_says_so() {
        for piece in 1..12 {
            let lines = all("0123456789\nab\n", piece, 4).await;
            assert_eq!(lines, [("0123".to_owned(), 6), ("ab".to_owned(), 0)]);
        }
    }

    #[tokio::test]
    async fn a_character_is_not_cut_in_two() {
        assert_eq!(all("aüb", 1, 2).await, [("a".to_owned(), 3)]);
    }

    #[tokio::test]
    async fn invalid_bytes_are_replaced() {
        let bytes = Bytes::from_static(b"a\xffb\n");
        let body = futures::stream::iter([Ok(bytes)]).boxed();
        let line = Lines::new(Response::new(body), 9).next().await.unwrap().unwrap();
        assert_eq!(line.text, "a\u{fffd}b");
    }

    #[tokio::test]
    async fn a_half_line_before_an_error_is_not_a_line() {
        let mut lines = Lines::new(broken_after("one\ntw"), 100);
        assert_eq!(lines.next().await.unwrap().unwrap().text, "one");
        assert!(lines.next().await.is_err());
        assert_eq!(lines.next().await.unwrap(), None);
    }
}
