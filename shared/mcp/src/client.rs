//! A connection to one server: how the lead asks.

pub mod reply;

use crate::client::reply::Reply;
use crate::handler::WANTS_FACTS;
use crate::server::Server;
use crate::stdio;
use crate::tools::Listed;
use crate::trace::context::{CURRENT, TRACEPARENT};
use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    CallToolRequestParams, CancelledNotification, CancelledNotificationParam, ClientCapabilities,
    ClientConfig, ClientRequest, Implementation, ProtocolVersion, Request, RequestId,
    RequestMetaObject, ServerResult,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, Peer, PeerRequestOptions,
    RoleClient, RunningService, ServiceError,
};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{IntoTransport, StreamableHttpClientTransport, TokioChildProcess};
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The facts of a survey of 10,000 pods are a few MiB; nothing that we ask for is larger than this.
const LARGEST_REPLY: usize = 32 * 1024 * 1024;
/// Ten seconds for a server that does not know the new handshake, and five for the old one.
const CONNECT: Duration = Duration::from_secs(15);
/// More calls of one investigation never run at once.
const CONCURRENT_CALLS: usize = 64;
/// The pipe in memory; a longer message goes through it in parts.
const PIPE_BYTES: usize = 256 * 1024;

/// A connection to one server. Cheap to clone; the last one dropped closes it.
#[derive(Clone)]
pub struct Specialist {
    name: Arc<str>,
    connection: Arc<RunningService<RoleClient, Lead>>,
}

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The program could not be started.
    #[error("could not start {program}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It was not reached, or it does not speak MCP.
    #[error("could not speak MCP with {address}")]
    Conversation {
        /// The address, the program, or the server's name.
        address: String,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It did not answer in time.
    #[error("{address} did not answer within {seconds} s")]
    TimedOut {
        /// The address, the program, or the server's name.
        address: String,
        /// Seconds waited.
        seconds: u64,
    },
}

/// Why a call brought no reply, not even a failure.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The connection is gone.
    #[error("the connection to {0} is closed")]
    Closed(String),
    /// No reply in time.
    #[error("{server} did not reply within {seconds} s")]
    TimedOut {
        /// Who was asked.
        server: String,
        /// Seconds waited.
        seconds: f64,
    },
    /// The asker no longer wants to know.
    #[error("cancelled")]
    Cancelled,
    /// The server refused the call as such: there is no such tool, or nobody may ask.
    #[error("{server} refused the call: {message}")]
    Refused {
        /// Who was asked.
        server: String,
        /// What it said, cleaned.
        message: String,
    },
    /// The reply is not in a form that we know.
    #[error("{server} replied in a form we do not know: {message}")]
    Malformed {
        /// Who was asked.
        server: String,
        /// What does not fit.
        message: String,
    },
}

impl ConnectError {
    /// Somebody answered, but not to what was asked.
    fn is_misunderstanding(&self) -> bool {
        let ConnectError::Conversation { source, .. } = self else { return false };
        matches!(source.downcast_ref(), Some(ClientInitializeError::ExpectedInitResult(_)))
    }
}

impl Specialist {
    /// Serves `server` in this process, over the same protocol.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn in_memory(server: Server) -> Result<Self, ConnectError> {
        let name = server.name();
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let (input, output) = tokio::io::split(far);
        tokio::spawn(async move {
            if let Err(error) =
                stdio::serve_on(server, input, output, CancellationToken::new()).await
            {
                tracing::error!(server = name, %error, "an in-memory server ended");
            }
        });
        let (input, output) = tokio::io::split(near);
        let pipe = AsyncRwTransport::new(input, output).with_max_line_length(LARGEST_REPLY);
        Self::connect(name, pipe).await
    }

    /// Starts `program` and speaks with it over its standard input and output. It ends with the connection.
    ///
    /// # Errors
    /// When it cannot be started, or does not speak MCP.
    pub async fn child(program: &str, arguments: &[OsString]) -> Result<Self, ConnectError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a server that the operator named in the settings"
        )]
        let mut command = tokio::process::Command::new(program);
        command.args(arguments);
        let child = TokioChildProcess::new(command)
            .map_err(|source| ConnectError::Start { program: program.to_owned(), source })?;
        Self::connect(program, child).await
    }

    /// Speaks with the server at `url`, as `http://mcp-k8s:8080/mcp`; `token` without `Bearer`.
    ///
    /// # Errors
    /// When nobody answers there, or it does not speak MCP.
    pub async fn http(url: &str, token: Option<&str>) -> Result<Self, ConnectError> {
        let mut settings = StreamableHttpClientTransportConfig::with_uri(url)
            .max_concurrent_requests(CONCURRENT_CALLS)
            .max_sse_event_size(LARGEST_REPLY);
        if let Some(token) = token {
            settings = settings.auth_header(token);
        }
        let transport = StreamableHttpClientTransport::from_config(settings.clone());
        let connected = Self::connect(url, transport).await;
        if !connected.as_ref().is_err_and(ConnectError::is_misunderstanding) {
            return connected;
        }
        // Some servers of the old era answer a method that they do not know as if they did.
        let transport = StreamableHttpClientTransport::from_config(settings);
        Self::connect_in(ClientLifecycleMode::Initialize, url, transport).await
    }

    async fn connect<T, E, A>(address: &str, transport: T) -> Result<Self, ConnectError>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::connect_in(both_eras(), address, transport).await
    }

    /// Connects in one era, or in whichever the server knows.
    async fn connect_in<T, E, A>(
        era: ClientLifecycleMode,
        address: &str,
        transport: T,
    ) -> Result<Self, ConnectError>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let connecting = Lead.serve_with_lifecycle(transport, era);
        let address = address.to_owned();
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(Ok(connection)) => {
                Ok(Specialist { name: address.into(), connection: Arc::new(connection) })
            }
            Ok(Err(error)) => Err(ConnectError::Conversation { address, source: Box::new(error) }),
            Err(_) => Err(ConnectError::TimedOut { address, seconds: CONNECT.as_secs() }),
        }
    }

    /// Where the server was reached: its address, its program, or its name where it runs in this process.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its tools.
    ///
    /// # Errors
    /// When the connection is gone or the server refuses.
    pub async fn list(&self, timeout: Duration) -> Result<Vec<Listed>, CallError> {
        let listing = tokio::time::timeout(timeout, self.connection.list_all_tools());
        let tools = match listing.await {
            Ok(tools) => tools.map_err(|error| self.call_error(error, timeout))?,
            Err(_) => return Err(self.timed_out(timeout)),
        };
        let listed = |tool: rmcp::model::Tool| Listed {
            name: tool.name.into_owned(),
            about: tool.description.unwrap_or_default().into_owned(),
            schema: Arc::unwrap_or_clone(tool.input_schema),
        };
        Ok(tools.into_iter().map(listed).collect())
    }

    /// Calls `tool`. Dropping the future, or setting `cancelled`, cancels the call at the server.
    ///
    /// # Errors
    /// When no reply came; a reply that says the tool failed is not an error here.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        wants_facts: bool,
        timeout: Duration,
        cancelled: &CancellationToken,
    ) -> Result<Reply, CallError> {
        let asking = self.ask(tool, arguments, wants_facts, timeout);
        let result = tokio::select! {
            biased;
            () = cancelled.cancelled() => return Err(CallError::Cancelled),
            result = tokio::time::timeout(timeout, asking) => match result {
                Ok(result) => result.map_err(|error| self.call_error(error, timeout))?,
                Err(_) => return Err(self.timed_out(timeout)),
            },
        };
        let malformed = |message| CallError::Malformed { server: self.name.to_string(), message };
        let ServerResult::CallToolResult(result) = result else {
            return Err(malformed("it is not the result of a tool".to_owned()));
        };
        Reply::read(result).map_err(malformed)
    }

    async fn ask(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        wants_facts: bool,
        timeout: Duration,
    ) -> Result<ServerResult, ServiceError> {
        let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let mut meta = RequestMetaObject::default();
        if wants_facts {
            meta.insert(WANTS_FACTS.to_owned(), Value::Bool(true));
        }
        // A call that is made to answer a call is part of its trace.
        if let Ok(current) = CURRENT.try_with(ToString::to_string) {
            meta.insert(TRACEPARENT.to_owned(), Value::String(current));
        }
        let options = PeerRequestOptions::with_timeout(timeout).with_meta(meta);
        let peer = self.connection.peer();
        let request = ClientRequest::CallToolRequest(Request::new(call));
        let handle = peer.send_cancellable_request(request, options).await?;
        let mut unanswered = Unanswered { peer: peer.clone(), id: Some(handle.id.clone()) };
        let result = handle.await_response().await;
        unanswered.id = None;
        result
    }

    fn timed_out(&self, timeout: Duration) -> CallError {
        CallError::TimedOut { server: self.name.to_string(), seconds: timeout.as_secs_f64() }
    }

    fn call_error(&self, error: ServiceError, timeout: Duration) -> CallError {
        let server = self.name.to_string();
        match error {
            ServiceError::Timeout { .. } => self.timed_out(timeout),
            ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
                CallError::Closed(server)
            }
            ServiceError::Cancelled { .. } => CallError::Cancelled,
            ServiceError::McpError(error) => {
                CallError::Refused { server, message: reply::one_line(&error.message) }
            }
            other => CallError::Malformed { server, message: reply::one_line(&other.to_string()) },
        }
    }
}

impl fmt::Debug for Specialist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specialist").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A call that was sent and not answered. Dropped so, it tells the server that nobody waits any more.
struct Unanswered {
    peer: Peer<RoleClient>,
    id: Option<RequestId>,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let (Some(id), Ok(runtime)) = (self.id.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let peer = self.peer.clone();
        runtime.spawn(async move {
            let cancelled = CancelledNotificationParam::new(Some(id), None);
            let _ = peer.send_notification(CancelledNotification::new(cancelled).into()).await;
        });
    }
}

/// The new era of the protocol, and the old one where the server does not know it.
fn both_eras() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    }
}

/// What we are to the servers.
#[derive(Clone)]
struct Lead;

impl ClientHandler for Lead {
    fn get_info(&self) -> ClientConfig {
        let us = Implementation::new("inquest", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), us)
    }
}
