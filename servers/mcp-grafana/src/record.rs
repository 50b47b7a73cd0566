//! What a call writes down: which reads it made, what could not be seen, and what it cost.

use crate::server::NAME;
use clients::grafana::connection::Grafana as Client;
use clients::web::said::Said;
use evidence::testimony::{Cost, Gap, Source, Testimony};
use mcp::answer::{Answer, Examined};
use mcp::failure::{Code, Failure};
use tokio::time::{Instant, timeout_at};

/// What is kept of the time for writing the answer down.
const TO_ANSWER: std::time::Duration = std::time::Duration::from_secs(1);

/// What one call asks with, and has written down so far.
pub(crate) struct Record {
    /// The connection, with counters of its own.
    pub(crate) client: Client,
    deadline: Instant,
    testimony: Testimony,
    warnings: Vec<String>,
    incomplete: Vec<String>,
}

impl Record {
    pub(crate) fn new(client: Client, deadline: Instant) -> Record {
        Record {
            client,
            deadline: deadline.checked_sub(TO_ANSWER).unwrap_or(deadline),
            testimony: Testimony::default(),
            warnings: Vec::new(),
            incomplete: Vec::new(),
        }
    }

    /// Until when reads are waited for.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes what a read brought, and notes the read.
    ///
    /// # Errors
    /// Why it brought nothing; `permission` is what the identity lacks where it may not.
    pub(crate) fn take<T>(
        &mut self,
        answer: Result<Said<T>, Failure>,
        permission: &str,
    ) -> Result<T, Failure> {
        let said = answer.map_err(|failure| hinted(failure, permission))?;
        let (method, path) = (said.method.to_owned(), said.path.clone());
        let source = Source { method, path, observed_at: said.observed_at };
        if !self.testimony.sources.contains(&source) {
            self.testimony.sources.push(source);
        }
        Ok(said.data)
    }

    /// Notes what the reader should know.
    pub(crate) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Notes what could not be seen, why, and what to do about it.
    pub(crate) fn gap(&mut self, what: &str, failure: &Failure) {
        let why = failure.message.clone();
        self.incomplete.push(format!("{what}: {why}"));
        let (what, remedy) = (what.to_owned(), failure.hint.clone());
        self.testimony.gaps.push(Gap { server: NAME.to_owned(), what, why, remedy });
    }

    /// The answer with all this in it.
    pub(crate) fn into(mut self, answer: Answer) -> Answer {
        let spent = self.client.spent();
        self.testimony.cost =
            Cost { upstream_requests: spent.requests, upstream_bytes: spent.bytes };
        let mut warnings = answer.warnings;
        warnings.extend(self.warnings);
        let incomplete = (!self.incomplete.is_empty()).then(|| self.incomplete.join("; "));
        let system = "Grafana".to_owned();
        let examined = Examined { system, incomplete, ..answer.examined };
        Answer { warnings, examined, testimony: self.testimony, ..answer }
    }
}

/// Waits for a read no longer than there is time.
///
/// # Errors
/// Why there is no answer.
pub(crate) async fn within<T, R>(
    deadline: Instant,
    reading: impl Future<Output = Result<Said<T>, R>>,
) -> Result<Said<T>, Failure>
where
    Failure: for<'a> From<&'a R>,
{
    let late = |_| Failure {
        code: Code::Timeout,
        message: "grafana: no answer before the call's deadline".to_owned(),
        retryable: true,
        hint: String::new(),
    };
    timeout_at(deadline, reading).await.map_err(late)?.map_err(|refusal| Failure::from(&refusal))
}

/// What may be done where Grafana says no.
fn hinted(failure: Failure, permission: &str) -> Failure {
    let hint = match failure.code {
        Code::Unauthorized => {
            "give a service account's token with --grafana-token-file, and look whether it has expired"
                .to_owned()
        }
        Code::Forbidden => format!("give the service account {permission}"),
        _ => return failure,
    };
    Failure { hint, ..failure }
}
