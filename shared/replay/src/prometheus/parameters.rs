//! The parameters of a request, in its address and in the form that it posts.

use crate::prometheus::duration;
use crate::prometheus::promql::failure::Failure;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;

/// Milliseconds since 1970 that are before and after everything.
const ENDS: [i64; 2] = [-10_000_000_000_000_000, 10_000_000_000_000_000];
/// How Prometheus writes its own earliest and latest times, which some clients send.
const ENDS_WRITTEN: [&str; 2] =
    ["-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"];

/// Parameters in their order, the posted ones first.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn of(request: &Request<Bytes>) -> Parameters {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_form =
            kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let posted: &[u8] = if is_form { request.body() } else { &[] };
        let address = request.uri().query().unwrap_or_default().as_bytes();
        let all = [posted, address].into_iter().flat_map(url::form_urlencoded::parse);
        Parameters(all.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// A parameter; empty where it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// Every parameter of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A time that must be there, in milliseconds since 1970.
    pub(crate) fn time(&self, name: &str) -> Result<i64, Failure> {
        time(self.text(name)).ok_or_else(|| {
            let reason = format!("cannot parse {:?} to a valid timestamp", self.text(name));
            invalid(name, reason)
        })
    }

    /// A time that may be absent.
    pub(crate) fn time_or(&self, name: &str, otherwise: i64) -> Result<i64, Failure> {
        if self.text(name).is_empty() { Ok(otherwise) } else { self.time(name) }
    }

    /// The times between which something is asked for.
    pub(crate) fn span(&self) -> Result<(i64, i64), Failure> {
        let [first, last] = ENDS;
        Ok((self.time_or("start", first)?, self.time_or("end", last)?))
    }

    /// Milliseconds, more than 0.
    pub(crate) fn step(&self) -> Result<i64, Failure> {
        let text = self.text("step");
        let milliseconds = match text.parse::<f64>() {
            // Not a number at all where it is beyond all numbers.
            Ok(seconds) => (seconds.abs() < 1e10).then_some((seconds * 1000.0) as i64),
            Err(_) => duration::parse(text),
        };
        let reason = format!("cannot parse {text:?} to a valid duration");
        let milliseconds = milliseconds.ok_or_else(|| invalid("step", reason))?;
        if milliseconds > 0 {
            return Ok(milliseconds);
        }
        let reason = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        Err(invalid("step", reason))
    }

    /// False if it says so.
    pub(crate) fn flag(&self, name: &str) -> bool {
        !matches!(self.text(name), "false" | "0")
    }
}

/// A parameter that is wrong.
pub(crate) fn invalid(name: &str, reason: impl std::fmt::Display) -> Failure {
    Failure::bad_data(format!("invalid parameter {name:?}: {reason}"))
}

fn time(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.abs() < 1e13).then_some((seconds * 1000.0).round() as i64);
    }
    if let Some((_, end)) = ENDS_WRITTEN.iter().zip(ENDS).find(|(written, _)| **written == text) {
        return Some(end);
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(address: &str, body: &'static str) -> Parameters {
        let request =
            Request::post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        Parameters::of(&request.body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn what_is_posted_comes_first() {
        let parameters = parameters("/x?query=a&time=1.5&match%5B%5D=b", "query=c%2Bd&match[]=e");
        assert_eq!(parameters.text("query"), "c+d");
        assert_eq!(parameters.all("match[]").collect::<Vec<_>>(), ["e", "b"]);
        assert_eq!(parameters.time_or("time", 0), Ok(1500));
    }

    #[test]
    fn a_time_is_seconds_or_a_date() {
        assert_eq!(time("2026-11-21T12:00:00.5Z"), Some(1_795_262_400_500));
        assert_eq!(time("1795262400.5"), Some(1_795_262_400_500));
        assert_eq!(["now", "NaN", ""].map(time), [None; 3]);
    }
}
