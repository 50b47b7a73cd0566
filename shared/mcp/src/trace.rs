//! A span for each call of a tool, in the trace that its caller began, sent to an OTLP receiver where one is configured.

pub(crate) mod context;
mod otlp;
pub mod settings;

use crate::trace::context::Context;
use crate::trace::otlp::Receiver;
use crate::trace::settings::TraceSettings;
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

/// Spans that wait to be sent. A receiver that is down must not cost memory: what comes then is dropped.
const WAITING: usize = 2_048;
/// Spans in one request, some 100 KiB.
const TOGETHER: usize = 256;
/// The first span of a request waits no longer for others.
const GATHER: Duration = Duration::from_secs(5);
/// At the end a receiver gets this long for what is left.
const LAST: Duration = Duration::from_secs(3);

/// One call of a tool.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) context: Context,
    /// The caller's span.
    pub(crate) parent: Option<u64>,
    pub(crate) server: &'static str,
    pub(crate) tool: String,
    /// `ok`, or the code of a failure.
    pub(crate) outcome: String,
    pub(crate) ended: Timestamp,
    pub(crate) took: Duration,
}

/// Takes spans, and sends them in the background. Clones send to the same receiver.
#[derive(Clone)]
pub struct Traces {
    sender: mpsc::Sender<Message>,
}

enum Message {
    Span(Box<Span>),
    /// Everything before it shall be sent now.
    Flush(oneshot::Sender<()>),
}

/// The receiver's address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("--otlp-endpoint: {0}")]
pub struct BadReceiver(String);

impl Traces {
    /// Begins to send to the receiver of the settings; none where there is none. Opens nothing yet; needs a runtime.
    ///
    /// # Errors
    /// Where the address cannot be one.
    pub fn open(settings: &TraceSettings) -> Result<Option<Traces>, BadReceiver> {
        let Some(address) = &settings.otlp_endpoint else { return Ok(None) };
        let receiver = Receiver::at(address).map_err(BadReceiver)?;
        let (sender, spans) = mpsc::channel(WAITING);
        tokio::spawn(send(receiver, spans));
        Ok(Some(Traces { sender }))
    }

    /// Hands over one span, if its trace is recorded. Never waits.
    pub(crate) fn record(&self, span: Span) {
        if !span.context.sampled {
            return;
        }
        if let Err(TrySendError::Full(_)) = self.sender.try_send(Message::Span(Box::new(span))) {
            tracing::debug!("a span was dropped: the receiver is too slow");
        }
    }

    /// Sends what is left, and waits for it; not for long.
    pub async fn flush(&self) {
        let (sent, done) = oneshot::channel();
        let flushed = async {
            // An error says that nobody sends any more.
            let _ = self.sender.send(Message::Flush(sent)).await;
            let _ = done.await;
        };
        if timeout(LAST, flushed).await.is_err() {
            tracing::warn!("spans were lost: the receiver did not take them in time");
        }
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}

/// Sends spans, several at a time, until nobody can make any more.
async fn send(receiver: Receiver, mut messages: mpsc::Receiver<Message>) {
    while let Some(first) = messages.recv().await {
        let until = Instant::now() + GATHER;
        let (mut spans, mut waits) = (Vec::new(), None);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Span(span) => spans.push(*span),
                Message::Flush(sent) => {
                    waits = Some(sent);
                    break;
                }
            }
            if spans.len() == TOGETHER {
                break;
            }
            next = timeout_at(until, messages.recv()).await.ok().flatten();
        }
        if let Err(refusal) = receiver.send(&spans).await {
            tracing::warn!(%refusal, spans = spans.len(), "spans were lost");
        }
        if let Some(sent) = waits {
            // Who waited may be gone.
            let _ = sent.send(());
        }
    }
}
