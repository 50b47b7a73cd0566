//! The connection to one Alertmanager: opened from settings, or laid over a snapshot.

use crate::alertmanager::reads;
use crate::alertmanager::settings::AlertmanagerSettings;
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
use std::sync::Arc;

const SYSTEM: &str = "alertmanager";
/// Bytes of one answer: some ten thousand alerts.
const WHOLE: usize = 16 << 20;

/// One Alertmanager. Cloning it shares the connection and the limits.
#[derive(Clone)]
pub struct Alertmanager {
    reader: Reader,
    address: String,
    now: Clock,
}

impl Alertmanager {
    /// Connects as `settings` say. Reads files; asks nobody anything.
    ///
    /// # Errors
    /// Where no address is set, or a setting cannot be used.
    pub fn open(settings: &AlertmanagerSettings) -> Result<Self, OpenError> {
        let access = settings.access()?;
        let limits = Limits { total: settings.total(), ..Limits::default() };
        let wire = access.connect(SYSTEM, &limits)?;
        Ok(Alertmanager::with(wire, access.shown(), limits, Arc::new(Timestamp::now)))
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(wire: Wire, now: Clock) -> Self {
        Alertmanager::with(wire, "snapshot".to_owned(), Limits::default(), now)
    }

    fn with(wire: Wire, address: String, limits: Limits, now: Clock) -> Self {
        let reader = Reader::new(SYSTEM, wire, reads::allow_list(), limits);
        Alertmanager { reader, address, now }
    }

    /// The same connection with counters of its own, which start at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Alertmanager { reader: self.reader.metered(), ..self.clone() }
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

    /// Reads what `path` has of what fits all `filters`, each as `namespace="shop"`.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        filters: &[String],
    ) -> Result<Said<T>, Refusal> {
        let mut path = path.to_owned();
        for (at, filter) in filters.iter().enumerate() {
            path.push(if at == 0 { '?' } else { '&' });
            path.push_str(&format!("filter={}", encode(filter)));
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
