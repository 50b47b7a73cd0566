//! One call that gathers every fact that the first round of an investigation needs.

pub(crate) mod asked;
pub(crate) mod custom;
mod events;
mod kinds;
mod misled;
mod named;
mod namespace;
mod pods;
pub(crate) mod reading;
pub(crate) mod record;
mod revisions;
pub(crate) mod rows;
mod suspicion;
mod triage;
mod whole;
pub(crate) mod words;

use asked::Centre;
use clients::kubernetes::connection::Kubernetes as Client;
use evidence::fact::Body;
use futures::future::join;
use jiff::Timestamp;
use mcp::failure::Failure;
use reading::Desk;
use record::Record;
use std::time::Duration;
use tokio::time::Instant;

/// What is kept of the time for writing the answer down.
const TO_ANSWER: Duration = Duration::from_secs(1);
/// What is kept of the time for what the first look makes worth reading.
const TO_READ_FURTHER: Duration = Duration::from_secs(4);

/// What a survey is about.
pub(crate) struct Scope {
    /// The namespaces; none for the whole cluster.
    pub(crate) namespaces: Vec<String>,
    /// The object in the middle.
    pub(crate) centre: Option<Centre>,
    /// What happened before is old.
    pub(crate) since: Timestamp,
}

/// What a survey found.
pub(crate) struct Survey {
    /// Facts, looks and gaps.
    pub(crate) record: Record,
    /// The namespaces that were looked at closely.
    pub(crate) namespaces: Vec<String>,
    /// Pods that were looked at.
    pub(crate) pods: usize,
}

impl Survey {
    /// All the EndpointSlices of what was looked at were read.
    fn looked_at_endpoints(&self) -> bool {
        let looks = &self.record.testimony.looks;
        let mut slices = looks.iter().filter(|look| look.kind == "EndpointSlice").peekable();
        slices.peek().is_some() && slices.all(|look| look.complete)
    }
}

/// Surveys the scope with what can be read until `deadline`.
///
/// # Errors
/// Where what was asked about is not there, or nothing at all could be read.
pub(crate) async fn run(
    client: &Client,
    scope: Scope,
    deadline: Instant,
) -> Result<Survey, Failure> {
    let mut record = Record::default();
    let last = deadline.checked_sub(TO_ANSWER).unwrap_or(deadline);
    let first = last.checked_sub(TO_READ_FURTHER).unwrap_or(last);
    let mut desk = Desk { client: client.clone(), deadline: first };
    let mut namespaces = scope.namespaces;
    if let (Some(centre), true) = (&scope.centre, namespaces.is_empty()) {
        namespaces.push(named::whereabouts(&desk, centre).await?);
    }
    let looked = async {
        if namespaces.is_empty() {
            let whole = whole::survey(&desk, scope.since, &mut record).await;
            return Ok::<_, Failure>((whole.closely, whole.pods));
        }
        let centre = scope.centre.as_ref();
        named::survey(&desk, scope.since, &namespaces, centre, &mut record).await?;
        Ok((namespaces, None))
    };
    let (groups, looked) = join(custom::served(&desk), looked).await;
    let (namespaces, pods) = looked?;
    if let Some(failure) = record.failure() {
        return Err(failure);
    }
    desk.deadline = last;
    let worth = namespace::worth(record.bodies());
    let custom = async {
        match &groups {
            Ok(groups) => custom::read(&desk, groups, &namespaces).await,
            Err(_) => Vec::new(),
        }
    };
    let (further, custom) = join(namespace::read_further(&desk, &worth), custom).await;
    for reading in further.into_iter().chain(custom) {
        record.add(reading);
    }
    if let Err(trouble) = groups {
        let remedy = "ask again; `inquest doctor` shows what is reachable".to_owned();
        record.gap("which custom kinds there are".to_owned(), trouble.why, remedy);
    }
    let pods = pods.unwrap_or_else(|| record.bodies().map(stands_for).sum());
    Ok(Survey { record, namespaces, pods })
}

/// How many pods a fact stands for.
fn stands_for(body: &Body) -> usize {
    match body {
        Body::Pod(pod) => 1 + usize::try_from(pod.alike).unwrap_or(0),
        _ => 0,
    }
}
