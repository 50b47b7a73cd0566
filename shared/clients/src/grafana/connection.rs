//! The connection to one Grafana: opened from settings, or laid over a snapshot.

use crate::grafana::form::Form;
use crate::grafana::reads;
use crate::grafana::settings::GrafanaSettings;
use crate::web::access::OpenError;
use crate::web::said::Said;
use crate::web::wire::{Clock, Wire};
use bytes::Bytes;
use http::Request;
use http::header::ACCEPT;
use jiff::Timestamp;
use readonly::body;
use readonly::limits::Limits;
use readonly::names::encode;
use readonly::reader::{Reader, Spent};
use readonly::refusal::{Kind, Refusal};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::sync::Arc;
use tokio::sync::OnceCell;

const SYSTEM: &str = "grafana";
/// Bytes of one answer: dashboards of some hundred panels have one or two million.
const WHOLE: usize = 16 << 20;

/// One Grafana. Cloning it shares the connection, the limits and what was found out.
#[derive(Clone)]
pub struct Grafana {
    reader: Reader,
    address: String,
    pub(crate) form: Arc<OnceCell<Form>>,
    pub(crate) namespace: Option<String>,
    now: Clock,
}

impl Grafana {
    /// Connects as `settings` say. Reads files; asks nobody anything.
    ///
    /// # Errors
    /// Where no address is set, or a setting cannot be used.
    pub fn open(settings: &GrafanaSettings) -> Result<Self, OpenError> {
        let access = settings.access()?;
        let limits = Limits { total: settings.total(), ..Limits::default() };
        let wire = access.connect(SYSTEM, &limits)?;
        let namespace = settings.namespace()?;
        let now: Clock = Arc::new(Timestamp::now);
        Ok(Grafana { namespace, ..Grafana::with(wire, access.shown(), limits, now) })
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(wire: Wire, now: Clock) -> Self {
        Grafana::with(wire, "snapshot".to_owned(), Limits::default(), now)
    }

    fn with(wire: Wire, address: String, limits: Limits, now: Clock) -> Self {
        let reader = Reader::new(SYSTEM, wire, reads::allow_list(), limits);
        Grafana { reader, address, form: Arc::default(), namespace: None, now }
    }

    /// The same connection with counters of its own, which start at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Grafana { reader: self.reader.metered(), ..self.clone() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub fn spent(&self) -> Spent {
        self.reader.spent()
    }

    /// Where it answers, without credentials.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
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
            system: SYSTEM,
            request: String::new(),
            kind: Kind::NotARead(format!("a path that is none: {path}")),
        })?;
        let response = self.reader.read(request).await?;
        let (response, said) = Said::of(response, "GET", path, self.now()).apart();
        Ok(said.around(body::json(response, WHOLE).await?))
    }
}
