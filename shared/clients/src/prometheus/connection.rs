//! The connection to one Prometheus: opened from settings, or laid over a snapshot.

use crate::prometheus::build::Build;
use crate::prometheus::expression::{BadExpression, Expression};
use crate::prometheus::form::Form;
use crate::prometheus::matchers::LabelMatchers;
use crate::prometheus::reads;
use crate::prometheus::settings::PrometheusSettings;
use crate::web::access::OpenError;
use crate::web::said::Said;
use crate::web::wire::{Clock, Wire};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response};
use jiff::Timestamp;
use readonly::body;
use readonly::limits::Limits;
use readonly::reader::{Reader, Spent};
use readonly::refusal::{Kind, Refusal};
use readonly::transport::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The system's name in refusals.
pub(crate) const SYSTEM: &str = "prometheus";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// How VictoriaMetrics says that it does not have a path.
const NOT_THERE: &str = "unsupported path requested";
/// Bytes of an answer that is decoded as a whole: some ten thousand rules with their alerts.
const WHOLE: usize = 16 << 20;
/// What is left of the time of a request for sending the answer.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// One Prometheus. Cloning it shares the connection, the limits and what was found out.
#[derive(Clone)]
pub struct Prometheus {
    reader: Reader,
    address: String,
    pub(crate) enforced: Option<Arc<LabelMatchers>>,
    pub(crate) build: Arc<OnceCell<Build>>,
    timeout: Duration,
    now: Clock,
}

/// The frame of every answer.
#[derive(Deserialize)]
struct Frame<T> {
    data: T,
    #[serde(default)]
    warnings: Vec<String>,
}

impl Prometheus {
    /// Connects as `settings` say. Reads files; asks nobody anything.
    ///
    /// # Errors
    /// Where no address is set, or a setting cannot be used.
    pub fn open(settings: &PrometheusSettings) -> Result<Self, OpenError> {
        let access = settings.access()?;
        let total = settings.total();
        // A query is evaluated before its answer begins; a query that timed out would time out again.
        let limits = Limits { total, headers: total, retries: 1, ..Limits::default() };
        let wire = access.connect(SYSTEM, &limits)?;
        let enforced = settings.prometheus_enforced_matchers.clone();
        Ok(Prometheus::with(wire, access.shown(), enforced, limits, Arc::new(Timestamp::now)))
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(wire: Wire, enforced: Option<LabelMatchers>, now: Clock) -> Self {
        Prometheus::with(wire, "snapshot".to_owned(), enforced, Limits::default(), now)
    }

    fn with(
        wire: Wire,
        address: String,
        enforced: Option<LabelMatchers>,
        limits: Limits,
        now: Clock,
    ) -> Self {
        Prometheus {
            reader: Reader::new(SYSTEM, wire, reads::allow_list(), limits),
            address,
            enforced: enforced.map(Arc::new),
            build: Arc::default(),
            timeout: limits.total.saturating_sub(TO_ANSWER),
            now,
        }
    }

    /// The same connection with counters of its own, which start at zero.
    #[must_use]
    pub fn metered(&self) -> Self {
        Prometheus { reader: self.reader.metered(), ..self.clone() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub fn spent(&self) -> Spent {
        self.reader.spent()
    }

    /// Where it answers, without credentials.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// The matchers that every selector gets.
    pub fn enforced(&self) -> Option<&LabelMatchers> {
        self.enforced.as_deref()
    }

    /// A query as it may be sent: with the matchers that are enforced.
    ///
    /// # Errors
    /// Where it is too long, or cannot be parsed and matchers are enforced.
    pub fn expression(&self, text: &str) -> Result<Expression, BadExpression> {
        Expression::of(text, self.enforced())
    }

    /// How long the server may take over one query, as its `timeout` parameter.
    pub(crate) fn patience(&self) -> String {
        format!("{}ms", self.timeout.as_millis())
    }

    /// Asks by GET, with `form` as the query.
    pub(crate) async fn get(
        &self,
        path: &str,
        form: &Form,
    ) -> Result<Said<Response<Body>>, Refusal> {
        let query = form.encoded();
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let request = Request::get(&path).header(ACCEPT, JSON).body(Bytes::new());
        self.send("GET", path, request).await
    }

    /// Asks by POST, with `form` as the body.
    pub(crate) async fn post(
        &self,
        path: &str,
        form: &Form,
    ) -> Result<Said<Response<Body>>, Refusal> {
        let body = form.encoded();
        let cited = format!("{path}?{body}");
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, FORM)
            .body(Bytes::from(body));
        self.send("POST", cited, request).await
    }

    async fn send(
        &self,
        method: &'static str,
        path: String,
        request: Result<Request<Bytes>, http::Error>,
    ) -> Result<Said<Response<Body>>, Refusal> {
        let request = request.map_err(|_| not_sent(format!("a path that is none: {path}")))?;
        let response = self.reader.read(request).await.map_err(absent)?;
        Ok(Said::of(response, method, path, self.now()))
    }
}

/// VictoriaMetrics answers 400 to what it does not have, where others answer 404.
fn absent(refusal: Refusal) -> Refusal {
    match refusal.kind {
        Kind::Status { status: 400, message } if message.starts_with(NOT_THERE) => {
            Refusal { kind: Kind::NotFound(message), ..refusal }
        }
        kind => Refusal { kind, ..refusal },
    }
}

/// The answer decoded as a whole, where it is known to be small.
pub(crate) async fn decoded<T: DeserializeOwned>(
    said: Said<Response<Body>>,
) -> Result<Said<T>, Refusal> {
    let (response, said) = said.apart();
    let frame: Frame<T> = body::json(response, WHOLE).await?;
    Ok(Said { warnings: frame.warnings, ..said }.around(frame.data))
}

/// What we did not even send.
pub(crate) fn not_sent(what: String) -> Refusal {
    Refusal { system: SYSTEM, request: String::new(), kind: Kind::NotARead(what) }
}
