//! One server that the lead can ask: in this process, or at an address that is connected to when it is first asked.

use crate::trouble::chain;
use mcp::client::Specialist;
use tokio::sync::Mutex;

/// One server. A connection that fails is tried again the next time: servers and lead may start in any order.
pub struct Witness {
    way: Way,
    connected: Mutex<Option<Specialist>>,
}

enum Way {
    /// In this process.
    Here,
    /// Over HTTP; the token without `Bearer`.
    At { url: String, token: Option<String> },
    /// Not at all.
    None { why: String },
}

impl Witness {
    /// A server that is connected to already.
    pub fn here(specialist: Specialist) -> Self {
        Witness { way: Way::Here, connected: Mutex::new(Some(specialist)) }
    }

    /// The server at `url`; `token` without `Bearer`. Opens nothing yet.
    pub fn at(url: String, token: Option<String>) -> Self {
        Witness { way: Way::At { url, token }, connected: Mutex::new(None) }
    }

    /// One that cannot be asked, and why.
    pub fn none(why: String) -> Self {
        Witness { way: Way::None { why }, connected: Mutex::new(None) }
    }

    /// The connection.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn specialist(&self) -> Result<Specialist, String> {
        let mut connected = self.connected.lock().await;
        if let Some(specialist) = connected.as_ref() {
            return Ok(specialist.clone());
        }
        let (url, token) = match &self.way {
            Way::At { url, token } => (url, token.as_deref()),
            Way::Here => return Err("its connection is gone".to_owned()),
            Way::None { why } => return Err(why.clone()),
        };
        let specialist = Specialist::http(url, token).await.map_err(|error| chain(&error))?;
        *connected = Some(specialist.clone());
        Ok(specialist)
    }

    /// Has the next question open a new connection, where there can be one.
    pub(super) async fn forget(&self) {
        if matches!(self.way, Way::At { .. }) {
            *self.connected.lock().await = None;
        }
    }
}
