//! A server on standard input and output. Logs go to standard error; end of input is a clean end.

use crate::server::Server;
use rmcp::service::{ServerInitializeError, ServiceExt};
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// Longer lines are dropped; a call with arguments that are too large still gets an answer that says so.
const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// The conversation broke down.
#[derive(Debug, thiserror::Error)]
#[error("could not serve on standard input and output")]
pub struct StdioError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Serves until the input ends or `stop` is set.
///
/// # Errors
/// When the other side does not speak MCP.
pub async fn serve(server: Server, stop: CancellationToken) -> Result<(), StdioError> {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    serve_on(server, input, output, stop).await
}

/// The same on any two ends.
pub(crate) async fn serve_on(
    server: Server,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    stop: CancellationToken,
) -> Result<(), StdioError> {
    let transport = AsyncRwTransport::new(input, output).with_max_line_length(LONGEST_LINE);
    let running = match server.serve_with_ct(transport, stop).await {
        Ok(running) => running,
        // Who closes without a word has nothing to ask.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            return Ok(());
        }
        Err(error) => return Err(StdioError(Box::new(error))),
    };
    running.waiting().await.map_err(|error| StdioError(Box::new(error)))?;
    Ok(())
}
