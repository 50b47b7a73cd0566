//! What a call writes down: which reads it made, what they warned of, what could not be seen, and what it cost.

use crate::server::NAME;
use clients::alertmanager::connection::Alertmanager;
use clients::prometheus::connection::Prometheus as Client;
use clients::web::said::Said;
use evidence::scope::Window;
use evidence::testimony::{Cost, Gap, Source, Testimony};
use jiff::Timestamp;
use mcp::age::to_second;
use mcp::answer::{Answer, Examined};
use mcp::failure::{Code, Failure};

/// Warnings that are told of one answer; a store that is down is named once for each query.
const MOST_WARNINGS: usize = 5;

/// What stands in a warning of Thanos about a store that did not answer: the answer lacks its part.
const NOT_REACHED: &str = "rpc error: ";

/// What that part is.
const OF_STORES: &str = "what some stores hold";

/// What a call has written down so far.
#[derive(Default)]
pub(crate) struct Record {
    testimony: Testimony,
    warnings: Vec<String>,
    incomplete: Vec<String>,
}

impl Record {
    /// Notes a read and what it warned of; the position of the read among all.
    pub(crate) fn said<T>(&mut self, said: &Said<T>) -> usize {
        let method = said.method.to_owned();
        let source = Source { method, path: said.path.clone(), observed_at: said.observed_at };
        said.warnings.iter().for_each(|it| self.warn(it.clone()));
        if said.warnings.iter().any(|it| it.contains(NOT_REACHED)) {
            self.gap(OF_STORES, &unreached(), "see the warning, and why they do not");
        }
        let sources = &mut self.testimony.sources;
        let known = sources.iter().position(|it| *it == source);
        known.unwrap_or_else(|| {
            sources.push(source);
            sources.len() - 1
        })
    }

    /// Whether some of what there is may be with stores that did not answer.
    pub(crate) fn misses_stores(&self) -> bool {
        self.testimony.gaps.iter().any(|it| it.what == OF_STORES)
    }

    /// Notes what the reader should know.
    pub(crate) fn warn(&mut self, warning: String) {
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Notes that not all there is was seen.
    pub(crate) fn cut(&mut self, why: String) {
        if !self.incomplete.contains(&why) {
            self.incomplete.push(why);
        }
    }

    /// Notes what could not be seen, why, and what to do about it.
    pub(crate) fn gap(&mut self, what: &str, failure: &Failure, remedy: &str) {
        let why = failure.message.clone();
        self.cut(format!("{what}: {why}"));
        let (what, remedy) = (what.to_owned(), remedy.to_owned());
        let gap = Gap { server: NAME.to_owned(), what, why, remedy };
        if !self.testimony.gaps.contains(&gap) {
            self.testimony.gaps.push(gap);
        }
    }

    /// Adds what reading from Prometheus cost.
    pub(crate) fn spent(&mut self, client: &Client) {
        let spent = client.spent();
        self.add(spent.requests, spent.bytes);
    }

    /// Adds what reading from Alertmanager cost.
    pub(crate) fn spent_on_alerts(&mut self, client: &Alertmanager) {
        let spent = client.spent();
        self.add(spent.requests, spent.bytes);
    }

    fn add(&mut self, requests: u64, bytes: u64) {
        let Cost { upstream_requests, upstream_bytes } = self.testimony.cost;
        self.testimony.cost = Cost {
            upstream_requests: upstream_requests + requests,
            upstream_bytes: upstream_bytes + bytes,
        };
    }

    /// Adds what another record holds. What it says of its reads holds for the same positions after this many.
    pub(crate) fn merge(&mut self, other: Record) -> usize {
        let before = self.testimony.sources.len();
        let Cost { upstream_requests, upstream_bytes } = other.testimony.cost;
        self.add(upstream_requests, upstream_bytes);
        self.testimony.sources.extend(other.testimony.sources);
        self.testimony.gaps.extend(other.testimony.gaps);
        self.incomplete.extend(other.incomplete);
        other.warnings.into_iter().for_each(|it| self.warn(it));
        before
    }

    /// The answer with all this in it.
    pub(crate) fn into(self, answer: Answer) -> Answer {
        let mut warnings = answer.warnings;
        warnings.extend(self.warnings);
        let incomplete = (!self.incomplete.is_empty()).then(|| self.incomplete.join("; "));
        let examined = Examined { incomplete, ..answer.examined };
        Answer { warnings, examined, testimony: self.testimony, ..answer }
    }
}

fn unreached() -> Failure {
    Failure {
        code: Code::Unreachable,
        message: "stores behind it did not answer".to_owned(),
        retryable: true,
        hint: String::new(),
    }
}

/// The same about a span of time.
pub(crate) fn examined_from(client: &Client, start: Timestamp, end: Timestamp) -> Examined {
    let window = Some(Window { start: to_second(start), end: to_second(end) });
    Examined { window, ..examined(client) }
}

/// The part of the answer that says where it was looked.
pub(crate) fn examined(client: &Client) -> Examined {
    let namespaces = client.enforced().map(|it| it.namespaces()).unwrap_or_default();
    let system = match client.enforced() {
        Some(enforced) if namespaces.is_empty() => format!("Prometheus, {enforced}"),
        _ => "Prometheus".to_owned(),
    };
    Examined { system, namespaces, ..Examined::default() }
}
