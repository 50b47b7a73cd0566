//! What an endpoint said, where, and when.

use http::Response;
use http::header::DATE;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, SignedDurationRound, Timestamp, Unit};
use readonly::transport::Body;

/// What an endpoint said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said<T> {
    /// The data.
    pub data: T,
    /// What the server warned of, such as that a store did not answer.
    pub warnings: Vec<String>,
    /// The request's method.
    pub method: &'static str,
    /// The request's path with its query or form, to be cited.
    pub path: String,
    /// When the answer began.
    pub observed_at: Timestamp,
    /// How far the server's clock is ahead of ours, give or take a second; none where it did not say the time.
    pub ahead: Option<SignedDuration>,
}

impl Said<Response<Body>> {
    /// An answer that begins now.
    pub(crate) fn of(
        response: Response<Body>,
        method: &'static str,
        path: String,
        now: Timestamp,
    ) -> Self {
        let ahead = ahead(&response, now);
        Said { data: response, warnings: Vec::new(), method, path, observed_at: now, ahead }
    }
}

impl<T> Said<T> {
    /// The same about something else that was made of it.
    pub fn map<U>(self, made: impl FnOnce(T) -> U) -> Said<U> {
        let (data, frame) = self.apart();
        frame.around(made(data))
    }

    /// The data, and what was said around it.
    pub(crate) fn apart(self) -> (T, Said<()>) {
        let Said { data, warnings, method, path, observed_at, ahead } = self;
        (data, Said { data: (), warnings, method, path, observed_at, ahead })
    }
}

impl Said<()> {
    /// The same around `data`.
    pub(crate) fn around<U>(self, data: U) -> Said<U> {
        let Said { data: (), warnings, method, path, observed_at, ahead } = self;
        Said { data, warnings, method, path, observed_at, ahead }
    }
}

fn ahead(response: &Response<Body>, now: Timestamp) -> Option<SignedDuration> {
    let theirs = response.headers().get(DATE)?.to_str().ok()?;
    let difference = rfc2822::parse(theirs).ok()?.timestamp().duration_since(now);
    // The header has no fractions, so neither has the difference.
    Some(difference.round(SignedDurationRound::new().smallest(Unit::Second)).unwrap_or(difference))
}
