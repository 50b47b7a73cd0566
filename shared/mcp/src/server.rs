//! One MCP server: a name, instructions and tools over what they read from. Cheap to clone.

use crate::answer::Answer;
use crate::clusters::Clusters;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::slots::Slots;
use crate::tool::Call;
use crate::tools::{Entry, Listed, Tools};
use crate::trace::Traces;
use crate::upstream::Upstream;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A tool answers by then with what it has. kagent's client gives up at 30 s.
const DEADLINE: Duration = Duration::from_secs(20);
/// What is left of those 30 s for the way back is not ours to spend.
const LATEST_DEADLINE: Duration = Duration::from_secs(25);

/// One MCP server, whatever its tools read from.
#[derive(Clone)]
pub struct Server {
    pub(crate) name: &'static str,
    pub(crate) instructions: &'static str,
    pub(crate) deadline: Duration,
    pub(crate) tools: Arc<[Bound]>,
    pub(crate) slots: Arc<Slots>,
    pub(crate) metrics: Arc<Metrics>,
    readiness: Option<Arc<Probe>>,
    notice: Option<Arc<Notice>>,
    clock: Option<Arc<Clock>>,
    pub(crate) traces: Option<Traces>,
}

/// A tool bound to the state that it reads from.
pub(crate) struct Bound {
    pub(crate) listed: Listed,
    pub(crate) checked: Map<String, Value>,
    pub(crate) ask: Box<Ask>,
}

pub(crate) type Ask =
    dyn Fn(Map<String, Value>, Call) -> BoxFuture<'static, Result<Answer, Failure>> + Send + Sync;
type Notice = dyn Fn() -> Option<String> + Send + Sync;
type Clock = dyn Fn() -> Timestamp + Send + Sync;
type Probe = dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync;

impl Server {
    /// A server of `tools` over `state`. Nothing is opened.
    pub fn new<S: Send + Sync + 'static>(
        name: &'static str,
        instructions: &'static str,
        state: Arc<S>,
        tools: Tools<S>,
    ) -> Self {
        let bind = |entry: Entry<S>| {
            let state = state.clone();
            let ask = move |arguments, call| (entry.ask)(state.clone(), arguments, call);
            Bound { listed: entry.listed, checked: entry.checked, ask: Box::new(ask) }
        };
        Server::of(name, instructions, tools.entries.into_iter().map(bind).collect())
    }

    /// The same over several clusters, by their names: each tool takes one more argument, `cluster`, that says which is meant.
    pub fn of_several<S: Send + Sync + 'static>(
        name: &'static str,
        instructions: &'static str,
        clusters: &Clusters<S>,
        tools: Tools<S>,
    ) -> Self {
        let bound = tools.entries.into_iter().map(|entry| clusters.bind(entry));
        Server::of(name, instructions, bound.collect())
    }

    fn of(name: &'static str, instructions: &'static str, tools: Arc<[Bound]>) -> Self {
        Server {
            name,
            instructions,
            deadline: DEADLINE,
            tools,
            slots: Arc::new(Slots::new()),
            metrics: Arc::default(),
            readiness: None,
            notice: None,
            clock: None,
            traces: None,
        }
    }

    /// The same, with another deadline per call; more than 25 s are cut to 25 s.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(LATEST_DEADLINE);
        self
    }

    /// The same, with a probe for `/readyz`: an error says in one line what is not ready.
    #[must_use]
    pub fn with_readiness(
        mut self,
        probe: impl Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Self {
        self.readiness = Some(Arc::new(probe));
        self
    }

    /// The same, with what every answer says of this server for as long as there is something to say.
    #[must_use]
    pub fn with_notice(
        mut self,
        notice: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.notice = Some(Arc::new(notice));
        self
    }

    /// The same, with the clock that its sources are dated by: what was read before a call began is then said to be older.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The same, with a span of each call sent there.
    #[must_use]
    pub fn with_traces(mut self, traces: Option<Traces>) -> Self {
        self.traces = traces;
        self
    }

    /// The same, ready where its upstream is, and saying with every answer what is to be said of that.
    #[must_use]
    pub fn reading<C: Clone + Send + Sync + 'static>(self, upstream: &Arc<Upstream<C>>) -> Self {
        let (asked, told) = (Arc::clone(upstream), Arc::clone(upstream));
        self.with_readiness(move || {
            let upstream = Arc::clone(&asked);
            Box::pin(
                async move { upstream.client().await.map(drop).map_err(|failure| failure.message) },
            )
        })
        .with_notice(move || told.notice())
    }

    /// Its name, such as `mcp-k8s`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its tools, in reading order. Needs no backend.
    pub fn list(&self) -> Vec<Listed> {
        self.tools.iter().map(|bound| bound.listed.clone()).collect()
    }

    /// Whether it can answer now; without a probe it always can.
    ///
    /// # Errors
    /// One line that says what is not ready.
    pub async fn ready(&self) -> Result<(), String> {
        let Some(probe) = &self.readiness else { return Ok(()) };
        probe().await
    }
}

impl Server {
    /// What every answer says of it now.
    pub(crate) fn notice(&self) -> Option<String> {
        self.notice.as_ref().and_then(|notice| notice())
    }

    /// What time it is for its sources; none where it does not say.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        self.clock.as_ref().map(|clock| clock())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("name", &self.name).finish_non_exhaustive()
    }
}
