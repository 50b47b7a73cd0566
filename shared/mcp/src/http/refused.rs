//! What is answered to who is turned away at the door.

use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// By then the issuer was asked again.
const ISSUER_AGAIN: u64 = 5;

/// Why a request was turned away.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    NoHost,
    Host,
    Origin,
    NoToken,
    /// What is wrong with the token, in words of ours.
    Token(&'static str),
    /// The token cannot be checked, since the issuer does not give its keys.
    NoKeys,
    /// Too often; to be tried again after this time.
    Rate(Duration),
    LargeBody,
    BrokenBody,
    SlowBody,
}

impl Refused {
    /// One word for the metrics.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Refused::NoHost | Refused::Host => "host",
            Refused::Origin => "origin",
            Refused::NoToken => "no_token",
            Refused::Token(_) => "token",
            Refused::NoKeys => "issuer",
            Refused::Rate(_) => "rate",
            Refused::LargeBody | Refused::BrokenBody | Refused::SlowBody => "body",
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Refused::NoHost => {
                (StatusCode::BAD_REQUEST, "a Host header is needed\n").into_response()
            }
            Refused::Host => not_allowed("Host"),
            Refused::Origin => not_allowed("Origin"),
            Refused::NoToken => {
                let challenge = [(WWW_AUTHENTICATE, "Bearer")];
                (StatusCode::UNAUTHORIZED, challenge, "a bearer token is needed\n").into_response()
            }
            Refused::Token(why) => {
                let challenge =
                    format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
                let challenge = [(WWW_AUTHENTICATE, challenge)];
                (StatusCode::UNAUTHORIZED, challenge, format!("{why}\n")).into_response()
            }
            Refused::NoKeys => {
                let why = "the issuer does not give its keys, so no token can be checked\n";
                let again = [(RETRY_AFTER, ISSUER_AGAIN.to_string())];
                (StatusCode::SERVICE_UNAVAILABLE, again, why).into_response()
            }
            Refused::Rate(wait) => {
                let seconds = wait.as_secs_f64().ceil().max(1.0);
                let why = format!("too many requests of this caller; try again in {seconds} s\n");
                let again = [(RETRY_AFTER, seconds.to_string())];
                (StatusCode::TOO_MANY_REQUESTS, again, why).into_response()
            }
            Refused::LargeBody => {
                (StatusCode::PAYLOAD_TOO_LARGE, "a body is at most 256 KiB\n").into_response()
            }
            Refused::BrokenBody => {
                (StatusCode::BAD_REQUEST, "the body broke off\n").into_response()
            }
            Refused::SlowBody => {
                (StatusCode::REQUEST_TIMEOUT, "the body took too long\n").into_response()
            }
        }
    }
}

fn not_allowed(header: &str) -> Response {
    let why = format!("this {header} is not allowed; see --allowed-hosts\n");
    (StatusCode::FORBIDDEN, why).into_response()
}
