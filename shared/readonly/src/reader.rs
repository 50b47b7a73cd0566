//! The reader: stands in front of every transport, sends only what reads, and bounds what comes back.

use crate::allow::AllowList;
use crate::asked::Asked;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::pour::{Pour, poured};
use crate::refusal::{Kind, Refusal};
use crate::retry::{self, Budget, Jitter};
use crate::sanitise::clean;
use crate::status;
use crate::tally;
use crate::transport::{Body, Transport};
use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, UPGRADE};
use http::{Request, Response};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Bytes of a path that a refusal repeats.
const SHOWN: usize = 512;

/// Headers by which some servers let a GET stand for another method.
const OVERRIDES: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
];

/// What was spent through a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests sent, retries included.
    pub requests: u64,
    /// Bytes of bodies received, after decompression.
    pub bytes: u64,
}

/// Reads from one system. Clones share limits, budget and counters.
#[derive(Clone)]
pub struct Reader {
    shared: Arc<Shared>,
    meter: Arc<Meter>,
    jitter: Jitter,
}

struct Shared {
    system: &'static str,
    transport: Arc<dyn Transport>,
    allow: AllowList,
    limits: Limits,
    slots: Arc<Semaphore>,
    budget: Budget,
}

impl Reader {
    /// Reads `system` through `transport`: what `allow` permits, within `limits`.
    pub fn new(
        system: &'static str,
        transport: Arc<dyn Transport>,
        allow: AllowList,
        limits: Limits,
    ) -> Reader {
        let slots = Arc::new(Semaphore::new(limits.in_flight));
        let shared = Shared { system, transport, allow, limits, slots, budget: Budget::full() };
        Reader { shared: Arc::new(shared), meter: Arc::default(), jitter: retry::random }
    }

    /// The same reader with its own source of jitter, so that a test knows every pause.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Jitter) -> Reader {
        self.jitter = jitter;
        self
    }

    /// The same reader with a counter of its own, which starts at nothing; the original counts what it spends as well.
    #[must_use]
    pub fn metered(&self) -> Reader {
        Reader { meter: Arc::new(Meter::within(&self.meter)), ..self.clone() }
    }

    /// A reader of the same system within other limits, with places and a retry budget of its own: for reads that last, which
    /// must not take the places of those that do not. What it spends counts here as well.
    #[must_use]
    pub fn within(&self, limits: Limits) -> Reader {
        let Shared { system, transport, allow, .. } = &*self.shared;
        let reader = Reader::new(system, Arc::clone(transport), allow.clone(), limits);
        Reader { meter: Arc::new(Meter::within(&self.meter)), jitter: self.jitter, ..reader }
    }

    /// What was spent so far.
    pub fn spent(&self) -> Spent {
        self.meter.spent()
    }

    /// Sends `request`, in origin form (path and query only), and gives a successful answer; any other is a refusal.
    pub async fn read(&self, request: Request<Bytes>) -> Result<Response<Body>, Refusal> {
        let response = self.read_raw(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(status::refusal(response).await)
    }

    /// The same, but an answer of any status is given as it is, for layers that act on some of them.
    pub async fn read_raw(&self, request: Request<Bytes>) -> Result<Response<Body>, Refusal> {
        let shared = &self.shared;
        let line = format!("{} {}", request.method(), clean(request.uri().path(), SHOWN));
        let asked = Asked { system: shared.system, request: line };
        if !self.permits(&request) {
            return Err(asked.refused(Kind::NotARead(asked.request.clone())));
        }
        let deadline = Instant::now() + shared.limits.total;
        let mut retries = 0;
        loop {
            let outcome = self.attempt(&asked, request.clone(), deadline).await;
            let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
            tracing::debug!(system = asked.system, request = asked.request, status, retries);
            if !retry::may_pass(&outcome) {
                if outcome.is_ok() {
                    shared.budget.earn();
                }
                return outcome;
            }
            let next = Instant::now() + retry::pause(&outcome, retries, (self.jitter)());
            if retries >= shared.limits.retries || next >= deadline || !shared.budget.spend() {
                return outcome;
            }
            // Letting go of the answer frees its slot and its connection while we wait.
            drop(outcome);
            sleep_until(next).await;
            retries += 1;
        }
    }

    fn permits(&self, request: &Request<Bytes>) -> bool {
        let uri = request.uri();
        // Of several `Accept` headers an upstream may take any.
        let mut forms = request.headers().get_all(ACCEPT).into_iter();
        let form = forms.next().filter(|_| forms.next().is_none());
        let form = form.and_then(|form| form.to_str().ok());
        // The address comes from configuration, never from a request; and nothing may turn a read into something else.
        uri.authority().is_none()
            && !request.headers().contains_key(UPGRADE)
            && !OVERRIDES.iter().any(|header| request.headers().contains_key(header))
            && self.shared.allow.permits(request.method(), uri.path(), uri.query(), form)
    }

    async fn attempt(
        &self,
        asked: &Asked,
        request: Request<Bytes>,
        deadline: Instant,
    ) -> Result<Response<Body>, Refusal> {
        let limits = self.shared.limits;
        let out_of_time =
            || asked.refused(Kind::TimedOut { seconds: limits.total.as_secs(), phase: "total" });
        let slot = timeout_at(deadline, Arc::clone(&self.shared.slots).acquire_owned())
            .await
            .map_err(|_| out_of_time())?
            .map_err(|_| asked.refused(Kind::Cancelled))?;
        self.meter.request();
        let headers_by = Instant::now() + limits.headers;
        let answered = timeout_at(headers_by.min(deadline), self.shared.transport.send(request))
            .await
            .map_err(|_| match headers_by < deadline {
                true => {
                    let seconds = limits.headers.as_secs();
                    asked.refused(Kind::TimedOut { seconds, phase: "headers" })
                }
                false => out_of_time(),
            })
            .flatten();
        tally::count(asked.system, &answered);
        let mut response = answered.map_err(|refusal| asked.refused(refusal.kind))?;
        response.extensions_mut().insert(asked.clone());
        let asked = asked.clone();
        let meter = Arc::clone(&self.meter);
        Ok(response.map(|body| poured(Pour { body, asked, meter, limits, deadline, _slot: slot })))
    }
}
