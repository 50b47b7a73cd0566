//! The connection to one Grafana: opened from settings, or laid over a snapshot.

use crate::grafana::form::Form;
use crate::grafana::reads;
use crate::grafana::settings::GrafanaSettings;
use crate::web::access::OpenError;
use crate::web::said::Said;
use crate::web::server::Server;
use crate::web::wire::{Clock, Wire};
use jiff::Timestamp;
use readonly::reader::Spent;
use readonly::refusal::Refusal;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::OnceCell;

const SYSTEM: &str = "grafana";

/// One Grafana. Cloning it shares the connection, the limits and what was found out.
#[derive(Clone)]
pub struct Grafana {
    server: Server,
    pub(crate) form: Arc<OnceCell<Form>>,
    pub(crate) namespace: Option<String>,
}

impl Grafana {
    /// Connects as `settings` say. Reads files; asks nobody anything.
    ///
    /// # Errors
    /// Where no address is set, or a setting cannot be used.
    pub fn open(settings: &GrafanaSettings) -> Result<Self, OpenError> {
        let access = settings.access()?;
        let server = Server::connect(SYSTEM, &access, settings.total(), reads::allow_list())?;
        Ok(Grafana { server, form: Arc::default(), namespace: settings.namespace()? })
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(wire: Wire, now: Clock) -> Self {
        let server = Server::over(SYSTEM, wire, now, reads::allow_list());
        Grafana { server, form: Arc::default(), namespace: None }
    }

    /// The same connection with counters of its own, which start at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Grafana { server: self.server.metered(), ..self.clone() }
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

    /// Reads what `path` has, with this query.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Said<T>, Refusal> {
        self.server.get(path, query).await
    }
}
