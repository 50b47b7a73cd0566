//! The connection to one Alertmanager: opened from settings, or laid over a snapshot.

use crate::alertmanager::reads;
use crate::alertmanager::settings::AlertmanagerSettings;
use crate::web::access::OpenError;
use crate::web::said::Said;
use crate::web::server::Server;
use crate::web::wire::{Clock, Wire};
use jiff::Timestamp;
use readonly::reader::Spent;
use readonly::refusal::Refusal;
use serde::de::DeserializeOwned;

const SYSTEM: &str = "alertmanager";

/// One Alertmanager. Cloning it shares the connection and the limits.
#[derive(Clone)]
pub struct Alertmanager {
    server: Server,
}

impl Alertmanager {
    /// Connects as `settings` say. Reads files; asks nobody anything.
    ///
    /// # Errors
    /// Where no address is set, or a setting cannot be used.
    pub fn open(settings: &AlertmanagerSettings) -> Result<Self, OpenError> {
        let access = settings.access()?;
        let server = Server::connect(SYSTEM, &access, settings.total(), reads::allow_list())?;
        Ok(Alertmanager { server })
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(wire: Wire, now: Clock) -> Self {
        Alertmanager { server: Server::over(SYSTEM, wire, now, reads::allow_list()) }
    }

    /// The same connection with counters of its own, which start at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Alertmanager { server: self.server.metered() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub fn spent(&self) -> Spent {
        self.server.spent()
    }

    /// Where it answers, without credentials.
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        self.server.now()
    }

    /// Reads what `path` has of what fits all `filters`, each as `namespace="shop"`.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        filters: &[String],
    ) -> Result<Said<T>, Refusal> {
        let query: Vec<_> = filters.iter().map(|filter| ("filter", filter.clone())).collect();
        self.server.get(path, &query).await
    }
}
