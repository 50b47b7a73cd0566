//! Asks Prometheus on behalf of one call: every query checked, bounded, in time, and written down.

use crate::record::Record;
use clients::prometheus::connection::Prometheus as Client;
use clients::prometheus::expression::{BadExpression, Expression};
use clients::prometheus::query::{Found, Outcome, Range};
use clients::prometheus::series::{Point, Series};
use clients::web::said::Said;
use futures::TryFutureExt;
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// Series that are kept of one answer: far more than are shown, and some megabytes.
pub(crate) const MOST_SERIES: usize = 1_000;
/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);
/// A query over time that has not been answered by then is asked how many series it has.
const PATIENCE: Duration = Duration::from_millis(250);
/// A query over time with more series than these is given up: nobody reads them, and the server should not either.
const MOST_OVER_TIME: f64 = 5_000.0;

/// How Prometheus 3 begins what it thinks of a query, as of a counter whose name does not say that it is one.
const ADVICE: &str = "PromQL info:";

/// What one call asks with.
pub(crate) struct Desk {
    /// The connection, with counters of its own.
    pub(crate) client: Client,
    /// The moment that is asked about where none is named.
    pub(crate) now: Timestamp,
    deadline: Instant,
    record: Mutex<Record>,
}

impl Desk {
    pub(crate) fn new(client: Client, deadline: Instant) -> Desk {
        let deadline = deadline.checked_sub(TO_ANSWER).unwrap_or(deadline);
        Desk { now: client.now(), client, deadline, record: Mutex::default() }
    }

    /// What was written down, with what it cost.
    pub(crate) fn close(self) -> Record {
        let mut record = self.record.into_inner().unwrap_or_else(PoisonError::into_inner);
        record.spent(&self.client);
        record
    }

    /// Writes something down.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The query of an argument.
    ///
    /// # Errors
    /// One line that names the argument.
    pub(crate) fn expression(&self, argument: &str, text: &str) -> Result<Expression, Failure> {
        let expression = self.client.expression(text).map_err(|why| bad(argument, &why))?;
        if let Some(why) = expression.not_understood() {
            let why = format!(
                "our parser does not know the syntax of this query, so it was sent unexamined: {why}"
            );
            self.note(|record| record.warn(why));
        }
        Ok(expression)
    }

    /// Waits for a read no longer than there is time, and writes it down.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn read<T, R>(
        &self,
        reading: impl Future<Output = Result<Said<T>, R>>,
    ) -> Result<T, Failure>
    where
        Failure: for<'a> From<&'a R>,
    {
        Ok(self.sourced(reading).await?.0)
    }

    /// The same, and which of the call's reads it was.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn sourced<T, R>(
        &self,
        reading: impl Future<Output = Result<Said<T>, R>>,
    ) -> Result<(T, usize), Failure>
    where
        Failure: for<'a> From<&'a R>,
    {
        let said = timeout_at(self.deadline, reading).await.map_err(|_| late())?;
        let said = said.map_err(|refusal| Failure::from(&refusal))?;
        let mut source = 0;
        self.note(|record| source = record.said(&said));
        Ok((said.data, source))
    }

    /// The series of a query of our own over time, and which of the call's reads brought them.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn courses(
        &self,
        expression: &Expression,
        range: Range,
    ) -> Result<(Found, usize), Failure> {
        let asking = self.client.query_range(expression, range, MOST_SERIES).map_ok(unadvised);
        match self.sourced(asking).await? {
            (Outcome::Series(found), source) => Ok((found, source)),
            (Outcome::Scalar(_) | Outcome::Text(_), source) => Ok((Found::default(), source)),
        }
    }

    /// What a query comes to at a moment.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn at(
        &self,
        expression: &Expression,
        at: Timestamp,
    ) -> Result<Outcome, Failure> {
        self.read(self.client.query(expression, at, MOST_SERIES)).await
    }

    /// The series of a query of our own at a moment. A scalar is a series without labels.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn series(&self, text: &str, at: Timestamp) -> Result<Found, Failure> {
        let expression = self.client.expression(text).map_err(|why| bad("query", &why))?;
        let asking = self.client.query(&expression, at, MOST_SERIES).map_ok(unadvised);
        Ok(match self.read(asking).await? {
            Outcome::Series(found) => found,
            Outcome::Scalar(value) => scalar(value, at),
            Outcome::Text(_) => Found::default(),
        })
    }

    /// The one number that a query of our own comes to; none where it has no series.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn number(&self, text: &str, at: Timestamp) -> Result<Option<f64>, Failure> {
        let found = self.series(text, at).await?;
        Ok(found.series.first().and_then(|it| it.points.last()).map(|it| it.value))
    }

    /// The series of a query over time. One that takes long is counted meanwhile, and given up where it has too many.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn over(
        &self,
        expression: &Expression,
        range: Range,
    ) -> Result<Found, Failure> {
        let asked = self.read(self.client.query_range(expression, range, MOST_SERIES));
        let counted = async {
            sleep(PATIENCE).await;
            let count = format!("count({})", expression.given());
            match self.number(&count, range.end).await {
                Ok(Some(count)) if count > MOST_OVER_TIME => count,
                // Few enough, or nobody can tell: the answer itself is waited for.
                _ => std::future::pending().await,
            }
        };
        let outcome = tokio::select! {
            biased;
            outcome = asked => outcome?,
            count = counted => return Err(too_many(count)),
        };
        Ok(match outcome {
            Outcome::Series(found) => found,
            Outcome::Scalar(value) => scalar(value, range.end),
            Outcome::Text(_) => Found::default(),
        })
    }
}

/// What was said of a query of our own: what Prometheus 3 thinks of it would hide what is wrong.
fn unadvised<T>(mut said: Said<T>) -> Said<T> {
    said.warnings.retain(|it| !it.starts_with(ADVICE));
    said
}

fn scalar(value: f64, at: Timestamp) -> Found {
    let at = at.as_millisecond() as f64 / 1000.0;
    let series = Series { points: vec![Point { at, value }], ..Series::default() };
    Found { series: vec![series], cut: false, over_time: false }
}

fn bad(argument: &str, why: &BadExpression) -> Failure {
    Failure::invalid(format!("argument `{argument}`: {why}"))
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "prometheus did not answer before the call's deadline".to_owned(),
        retryable: true,
        hint: "ask for a shorter time, a longer step or fewer series".to_owned(),
    }
}

fn too_many(count: f64) -> Failure {
    Failure {
        code: Code::TooLarge,
        message: format!(
            "the query has {count} series, too many to read over time, and was given up"
        ),
        retryable: false,
        hint: "aggregate, as sum by (job) (...), take topk(20, ...), or add label matchers"
            .to_owned(),
    }
}
