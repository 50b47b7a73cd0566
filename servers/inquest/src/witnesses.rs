//! The servers that the lead can call, each over MCP: in this process unless an address is set.

#[cfg(feature = "k8s")]
pub mod kubernetes;
#[cfg(feature = "prometheus")]
mod prometheus;
pub mod settings;
pub mod witness;

use crate::delegation::Call;
use crate::witnesses::witness::Witness;
use evidence::testimony::Testimony;
use jiff::Timestamp;
use mcp::client::CallError;
use mcp::failure::{Code, Failure};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// The servers that the lead can call, and what time it is for them.
pub struct Witnesses {
    /// By the server's name.
    servers: BTreeMap<&'static str, Witness>,
    /// The moment at which a snapshot stands still; none where time passes.
    frozen: Option<Timestamp>,
    cluster: String,
}

/// What one call brought.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The facts.
    pub testimony: Testimony,
    /// The answer's one sentence; words of others may stand in it.
    pub summary: String,
}

impl Witnesses {
    /// These servers, in the present or at the moment of a snapshot.
    pub fn new(servers: BTreeMap<&'static str, Witness>, frozen: Option<Timestamp>) -> Self {
        Witnesses { servers, frozen, cluster: String::new() }
    }

    /// The same, looking at the cluster of this name.
    #[must_use]
    pub fn of_cluster(self, cluster: String) -> Self {
        Witnesses { cluster, ..self }
    }

    /// The same, with another server beside them, where there is one.
    #[must_use]
    pub fn with(mut self, name: &'static str, server: Option<Witness>) -> Self {
        if let Some(server) = server {
            self.servers.insert(name, server);
        }
        self
    }

    /// Whether there is a server of this name to ask.
    pub fn has(&self, name: &str) -> bool {
        self.servers.contains_key(name)
    }

    /// The cluster's name; empty where it is not known.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// What time it is where they look.
    pub fn now(&self) -> Timestamp {
        let present = || {
            let now = Timestamp::now();
            // Nobody reads nanoseconds.
            Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
        };
        self.frozen.unwrap_or_else(present)
    }

    /// Whether they look at a snapshot, where nothing takes time and nothing changes.
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// The servers by name.
    pub fn servers(&self) -> impl Iterator<Item = (&'static str, &Witness)> {
        self.servers.iter().map(|(name, server)| (*name, server))
    }

    /// Whether any of the servers can be reached.
    ///
    /// # Errors
    /// Why none can.
    pub async fn ready(&self) -> Result<(), String> {
        let mut unreachable = Vec::new();
        for (name, server) in &self.servers {
            match server.specialist().await {
                Ok(_) => return Ok(()),
                Err(why) => unreachable.push(format!("{name}: {why}")),
            }
        }
        Err(unreachable.join("; "))
    }

    /// Makes the call and waits at most `timeout` for the answer.
    ///
    /// # Errors
    /// Why there is no testimony, whoever failed.
    pub async fn ask(
        &self,
        call: &Call,
        timeout: Duration,
        stop: &CancellationToken,
    ) -> Result<Heard, Failure> {
        let Some(witness) = self.servers.get(call.server) else {
            return Err(failure(Code::NotFound, "this server is not part of this build"));
        };
        let end = Instant::now() + timeout;
        let specialist = tokio::select! {
            connected = timeout_at(end, witness.specialist()) => match connected {
                Ok(Ok(specialist)) => specialist,
                Ok(Err(why)) => return Err(failure(Code::Unreachable, &why)),
                Err(_) => return Err(failure(Code::Timeout, "no connection came about in time")),
            },
            () = stop.cancelled() => return Err(failure(Code::Cancelled, "cancelled")),
        };
        let left = end.saturating_duration_since(Instant::now());
        let reply = specialist.call(&call.tool, call.arguments.clone(), true, left, stop).await;
        if let Err(CallError::Closed(_)) = &reply {
            witness.forget().await;
        }
        let reply = reply.map_err(|error| failure(code(&error), &error.to_string()))?;
        if let Some(failure) = reply.failure {
            return Err(failure);
        }
        let Some(testimony) = reply.testimony else {
            return Err(failure(Code::UpstreamError, "the answer has no facts in it"));
        };
        // Who was asked what is for us to say, not for the answer.
        let testimony = Testimony {
            server: call.server.to_owned(),
            tool: call.tool.to_string(),
            arguments: call.arguments.clone().into(),
            ..testimony
        };
        Ok(Heard { testimony, summary: reply.text.lines().next().unwrap_or_default().to_owned() })
    }
}

fn code(error: &CallError) -> Code {
    match error {
        CallError::Closed(_) => Code::Unreachable,
        CallError::TimedOut { .. } => Code::Timeout,
        CallError::Cancelled => Code::Cancelled,
        CallError::Refused { .. } | CallError::Malformed { .. } => Code::UpstreamError,
    }
}

fn failure(code: Code, message: &str) -> Failure {
    Failure { code, message: message.to_owned(), retryable: false, hint: String::new() }
}
