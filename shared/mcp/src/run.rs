//! The one path that every call takes: checked, bounded, caught, rendered, accounted for.

use crate::check;
use crate::envelope;
use crate::failure::{Code, Failure};
use crate::http::caller::Caller;
use crate::outside::Outside;
use crate::render::{self, MOST_BYTES};
use crate::schema::{FORMAT, MAX_TOKENS};
use crate::server::{Bound, Server};
use crate::tool::Call;
use crate::trace::Span;
use crate::trace::context::{CURRENT, Context};
use futures::FutureExt;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A tool that watches its deadline answers before this has passed as well.
const GRACE: Duration = Duration::from_millis(250);
/// A token is about four bytes.
const BYTES_PER_TOKEN: u64 = 4;
/// Stands for the name of a tool that there is not.
pub(crate) const UNKNOWN: &str = "(unknown)";

/// What was asked.
pub(crate) struct Asked {
    pub(crate) arguments: Map<String, Value>,
    pub(crate) caller: Caller,
    pub(crate) client: String,
    pub(crate) wants_facts: bool,
    pub(crate) cancelled: CancellationToken,
    pub(crate) place: Option<Place>,
}

/// Where a call stands in a trace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) context: Context,
    /// The caller's span.
    pub(crate) parent: Option<u64>,
}

/// What goes back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) structured: Value,
}

/// The form that the caller wants.
pub(crate) struct Form {
    pub(crate) json: bool,
    pub(crate) wants_facts: bool,
    pub(crate) most_bytes: usize,
}

/// The account of one call. It is settled once, also when the call is dropped half-way because its caller left.
pub(crate) struct Account<'a> {
    server: &'a Server,
    tool: &'a str,
    caller: String,
    client: String,
    place: Option<Place>,
    started: Instant,
    outcome: String,
    bytes: usize,
}

impl<'a> Account<'a> {
    pub(crate) fn open(server: &'a Server, tool: &'a str, caller: &str, client: String) -> Self {
        server.metrics.begun();
        Account {
            server,
            tool,
            caller: caller.to_owned(),
            client,
            place: None,
            started: Instant::now(),
            outcome: Code::Cancelled.to_string(),
            bytes: 0,
        }
    }

    /// The same, told to whom traces go.
    pub(crate) fn traced(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    pub(crate) fn close(mut self, outcome: &str, bytes: usize) {
        self.outcome = outcome.to_owned();
        self.bytes = bytes;
    }
}

impl Drop for Account<'_> {
    /// The audit line: never an argument's value, never a panic's words.
    fn drop(&mut self) {
        let Account { server, tool, caller, client, outcome, bytes, .. } = self;
        let took = self.started.elapsed();
        server.metrics.ended(tool, outcome, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let (Some(traces), Some(Place { context, parent })) = (&server.traces, self.place) {
            let (tool, outcome) = ((*tool).to_owned(), outcome.clone());
            let (server, ended) = (server.name, Timestamp::now());
            traces.record(Span { context, parent, server, tool, outcome, ended, took });
        }
        let server = server.name;
        tracing::info!(target: "audit", server, tool, caller, client, outcome, ms, bytes, "tool called");
    }
}

/// Runs one call to its end, and accounts for it.
pub(crate) async fn run(server: &Server, bound: &Bound, asked: Asked) -> Result<Answered, Failure> {
    let tool = bound.listed.name.as_str();
    let account = Account::open(server, tool, &asked.caller.name, asked.client.clone());
    let account = account.traced(asked.place);
    let (started, place) = (account.started, asked.place);
    let answering = answer(server, bound, asked, started);
    let result = match place {
        Some(place) => CURRENT.scope(place.context, answering).await,
        None => answering.await,
    };
    match &result {
        Ok(answered) => account.close("ok", answered.text.len()),
        Err(failure) => account.close(&failure.code.to_string(), failure.message.len()),
    }
    result.map_err(|failure| Outside::new().failure(failure))
}

async fn answer(
    server: &Server,
    bound: &Bound,
    mut asked: Asked,
    started: Instant,
) -> Result<Answered, Failure> {
    // Hosts send null for what they leave out.
    asked.arguments.retain(|_, value| !value.is_null());
    check::check(&bound.checked, &asked.arguments)?;
    let form = form(&mut asked);
    let deadline = started + server.deadline;
    let call = Call {
        deadline,
        cancelled: asked.cancelled.clone(),
        wants_facts: form.wants_facts,
        wants_rows: form.json,
    };
    let share = asked.caller.share.clone();
    let began = server.now();
    let work = async {
        let _slot = server.slots.enter(share).await?;
        (bound.ask)(asked.arguments.clone(), call).await
    };
    let caught = AssertUnwindSafe(work).catch_unwind();
    let mut answer = tokio::select! {
        biased;
        () = asked.cancelled.cancelled() => return Err(cancelled()),
        caught = tokio::time::timeout_at(deadline + GRACE, caught) => match caught {
            Ok(Ok(answer)) => answer?,
            Ok(Err(_)) => return Err(panicked(server.name, &bound.listed.name)),
            Err(_) => return Err(timed_out(server.deadline)),
        }
    };
    let oldest = answer.testimony.sources.iter().map(|source| source.observed_at).min();
    answer.examined.as_of = oldest.filter(|oldest| began.is_some_and(|began| *oldest < began));
    answer.testimony.server = server.name.to_owned();
    answer.testimony.tool.clone_from(&bound.listed.name);
    answer.testimony.arguments = Value::Object(asked.arguments);
    if let Some(notice) = server.notice() {
        answer.warnings.push(notice.clone());
        answer.testimony.notices.push(notice);
    }
    Ok(dress(answer, &form))
}

/// Takes the two arguments that every tool has out of the tool's own.
fn form(asked: &mut Asked) -> Form {
    let json = asked.arguments.remove(FORMAT).is_some_and(|format| format == "json");
    let tokens = asked.arguments.remove(MAX_TOKENS).as_ref().and_then(Value::as_u64);
    let lowered = tokens.map_or(u64::MAX, |tokens| tokens.saturating_mul(BYTES_PER_TOKEN));
    let most_bytes = usize::try_from(lowered).unwrap_or(usize::MAX).min(MOST_BYTES);
    Form { json, wants_facts: asked.wants_facts, most_bytes }
}

/// The answer made safe, as text and as its envelope.
fn dress(answer: crate::answer::Answer, form: &Form) -> Answered {
    let mut outside = Outside::new();
    let answer = outside.answer(answer);
    let testimony = form.wants_facts.then(|| outside.testimony(&answer.testimony));
    let (text, left_out) = if form.json || form.wants_facts {
        (answer.summary.clone(), 0)
    } else {
        render::text(&answer, form.most_bytes)
    };
    let structured = envelope::of(&answer, form, left_out, &mut outside, testimony);
    Answered { text, structured }
}

fn cancelled() -> Failure {
    Failure {
        code: Code::Cancelled,
        message: "the caller went away".to_owned(),
        retryable: false,
        hint: String::new(),
    }
}

fn timed_out(deadline: Duration) -> Failure {
    Failure {
        code: Code::Timeout,
        message: format!(
            "no answer within {} s; what was found until then is lost",
            deadline.as_secs_f64()
        ),
        retryable: true,
        hint: "ask for less: one namespace, a shorter time, a lower limit".to_owned(),
    }
}

/// The panic's own words may hold anything, so the caller gets a number that stands in the log.
fn panicked(server: &str, tool: &str) -> Failure {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("{:x}-{:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    tracing::error!(server, tool, id, "a tool panicked");
    Failure {
        code: Code::Internal,
        message: format!("the tool failed for a reason of its own (incident {id})"),
        retryable: false,
        hint: format!("look for {id} in the log of {server}"),
    }
}
