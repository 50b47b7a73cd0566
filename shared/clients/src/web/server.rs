//! One server that is read by GET alone and answers in JSON: the connection that its client wraps.

use crate::web::access::{Access, OpenError};
use crate::web::said::Said;
use crate::web::wire::{Clock, Wire};
use bytes::Bytes;
use http::Request;
use http::header::ACCEPT;
use jiff::Timestamp;
use readonly::allow::AllowList;
use readonly::body;
use readonly::limits::Limits;
use readonly::names::encode;
use readonly::reader::{Reader, Spent};
use readonly::refusal::{Kind, Refusal};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of one answer: ten thousand alerts; a dashboard of some hundred panels has one or two million.
const WHOLE: usize = 16 << 20;

/// One server. Cloning it shares the connection and the limits.
#[derive(Clone)]
pub(crate) struct Server {
    system: &'static str,
    reader: Reader,
    address: String,
    now: Clock,
}

impl Server {
    /// Connects as `access` says, for reads that take `total` at most. Reads files; asks nobody anything.
    pub(crate) fn connect(
        system: &'static str,
        access: &Access,
        total: Duration,
        reads: AllowList,
    ) -> Result<Server, OpenError> {
        let limits = Limits { total, ..Limits::default() };
        let wire = access.connect(system, &limits)?;
        let reader = Reader::new(system, wire, reads, limits);
        Ok(Server { system, reader, address: access.shown(), now: Arc::new(Timestamp::now) })
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub(crate) fn over(system: &'static str, wire: Wire, now: Clock, reads: AllowList) -> Server {
        let reader = Reader::new(system, wire, reads, Limits::default());
        Server { system, reader, address: "snapshot".to_owned(), now }
    }

    /// The same connection with counters of its own, which start at zero.
    pub(crate) fn metered(&self) -> Server {
        Server { reader: self.reader.metered(), ..self.clone() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub(crate) fn spent(&self) -> Spent {
        self.reader.spent()
    }

    /// Where it answers, without credentials.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What time it is there.
    pub(crate) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Reads what `path` has, with this query.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Said<T>, Refusal> {
        let mut path = path.to_owned();
        for (at, (key, value)) in query.iter().enumerate() {
            let sign = if at == 0 { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(path, "{sign}{key}={}", encode(value));
        }
        let request = Request::get(&path).header(ACCEPT, "application/json").body(Bytes::new());
        let request = request.map_err(|_| Refusal {
            system: self.system,
            request: String::new(),
            kind: Kind::NotARead(format!("a path that is none: {path}")),
        })?;
        let response = self.reader.read(request).await?;
        let (response, said) = Said::of(response, "GET", path, self.now()).apart();
        Ok(said.around(body::json(response, WHOLE).await?))
    }
}
