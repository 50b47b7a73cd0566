//! A span for each call of a tool, in the trace that its caller began, sent to an OTLP receiver where one is configured.

pub(crate) mod context;
mod otlp;
pub mod settings;

use crate::trace::context::{CURRENT, Context};
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

/// The same work, whose calls of other servers stay in the trace of the call that is answered here, also on a task of
/// its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let current = CURRENT.try_with(|current| *current).ok();
    async move {
        match current {
            Some(current) => CURRENT.scope(current, work).await,
            None => work.await,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::client::Specialist;
    use crate::failure::Failure;
    use crate::server::Server;
    use crate::tool::{Call, Tool};
    use crate::tools::Tools;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::Map;
    use std::sync::Arc;
    use tokio_util::sync::CancellationToken;

    struct Greet;

    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}

    impl Tool<()> for Greet {
        const NAME: &'static str = "greet";
        const ABOUT: &'static str = "Greets.";
        type Ask = Nothing;

        async fn answer((): &(), _: Nothing, _: &Call) -> Result<Answer, Failure> {
            Ok(Answer { summary: "hello".to_owned(), ..Answer::default() })
        }
    }

    fn span() -> Span {
        Span {
            context: Context::root(),
            parent: None,
            server: "mcp-test",
            tool: "greet".to_owned(),
            outcome: "ok".to_owned(),
            ended: Timestamp::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }

    // The clock stands still unless somebody waits for it.
    #[tokio::test(start_paused = true)]
    async fn where_no_more_spans_can_wait_calls_are_answered_all_the_same() {
        let (sender, waiting) = mpsc::channel(WAITING);
        let traces = Traces { sender };
        for _ in 0..WAITING + 1 {
            traces.record(span());
        }
        assert_eq!(waiting.len(), WAITING);
        let server = Server::new("mcp-test", "", Arc::new(()), Tools::new().with::<Greet>());
        let server = server.with_traces(Some(traces));
        let specialist = Specialist::in_memory(server).await.unwrap();
        let (never, patience) = (CancellationToken::new(), Duration::from_secs(60));
        let began = Instant::now();
        let reply = specialist.call("greet", Map::new(), false, patience, &never).await.unwrap();
        assert!(reply.text.starts_with("hello\n"), "{}", reply.text);
        assert_eq!((began.elapsed().as_secs(), waiting.len()), (0, WAITING));
    }
}
