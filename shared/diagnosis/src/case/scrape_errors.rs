//! What Prometheus says of a scrape that failed, read in its own closed forms.

/// Why a scrape failed, where its error leaves one explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrapeError {
    /// Nobody listens at the port.
    Refused,
    /// There is nothing at the path: 404, 405 or 410.
    NoSuchPath(u16),
    /// Whoever scrapes may not: 401 or 403.
    Denied(u16),
    /// The program fails to tell its numbers: 5xx.
    Fails(u16),
    /// What is there is a page, and no numbers.
    Page,
    /// It is asked by HTTPS, and answers in HTTP.
    PlainHttp,
}

impl ScrapeError {
    /// In words of our own: a program's answer may stand in Prometheus's.
    pub fn words(self) -> String {
        match self {
            ScrapeError::Refused => "nothing listens at its port".to_owned(),
            ScrapeError::NoSuchPath(code) => format!("its path is answered with {code}"),
            ScrapeError::Denied(code) => format!("it turns the scrape away with {code}"),
            ScrapeError::Fails(code) => format!("it fails with {code}"),
            ScrapeError::Page => "its path is a page without metrics".to_owned(),
            ScrapeError::PlainHttp => "it is asked by HTTPS and answers in plain HTTP".to_owned(),
        }
    }
}

/// Reads the error of a target. The status is said by `scrape/scrape.go` of Prometheus 2.42 to 3.x, the content type by that of
/// 3.x, the token by `model/textparse/promparse.go` of 2.44 and before it; the others by Go's `net` and `net/http`.
pub fn read(error: &str) -> Option<ScrapeError> {
    if let Some(status) = error.strip_prefix("server returned HTTP status ") {
        let code: u16 = status.split(' ').next()?.parse().ok()?;
        return match code {
            404 | 405 | 410 => Some(ScrapeError::NoSuchPath(code)),
            401 | 403 => Some(ScrapeError::Denied(code)),
            500..=599 => Some(ScrapeError::Fails(code)),
            _ => None,
        };
    }
    if error.starts_with("received unsupported Content-Type \"text/html")
        || error.starts_with("expected a valid start token, got \"<\"")
        || error == "\"INVALID\" is not a valid start token"
    {
        return Some(ScrapeError::Page);
    }
    if error.ends_with("http: server gave HTTP response to HTTPS client") {
        return Some(ScrapeError::PlainHttp);
    }
    error.ends_with("connect: connection refused").then_some(ScrapeError::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_prometheus_are_known() {
        let rows = [
            ("server returned HTTP status 404 Not Found", Some(ScrapeError::NoSuchPath(404))),
            ("server returned HTTP status 403 Forbidden", Some(ScrapeError::Denied(403))),
            ("server returned HTTP status 503 Service Unavailable", Some(ScrapeError::Fails(503))),
            ("server returned HTTP status 302 Found", None),
            (
                "Get \"http://10.0.0.1:9/metrics\": dial tcp 10.0.0.1:9: connect: connection refused",
                Some(ScrapeError::Refused),
            ),
            (
                "Get \"https://10.0.0.1:80/metrics\": http: server gave HTTP response to HTTPS client",
                Some(ScrapeError::PlainHttp),
            ),
            (
                "received unsupported Content-Type \"text/html; charset=utf-8\" and no fallback_scrape_protocol specified for target",
                Some(ScrapeError::Page),
            ),
            ("Get \"http://10.0.0.1:9/metrics\": context deadline exceeded", None),
        ];
        for (error, expected) in rows {
            assert_eq!(read(error), expected, "{error}");
        }
    }
}
