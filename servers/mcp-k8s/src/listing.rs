//! All objects of one kind in a place: rows to show, facts to keep, and what could not be seen.

pub(crate) mod chosen;
mod columns;

use crate::cells::{self, pod::restart_count};
use crate::listing::chosen::Chosen;
use crate::server::NAME;
use crate::translate;
use crate::translate::network::Slices;
use crate::unwell::{self, Trouble};
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{Cut, ListOptions, Walk};
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::ENDPOINT_SLICES;
use clients::kubernetes::redact;
use clients::kubernetes::resource::Resource;
use evidence::entity::Entity;
use evidence::fact::{Body, Fact};
use evidence::testimony::{Gap, Look, Source, Testimony};
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use serde_json::Value;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Facts that are kept: a few kilobytes each. Rows are small, so all of them are.
const MOST_FACTS: usize = 1_000;
/// A list that still arrives at the deadline ends with what has arrived; one that does not arrive is given up then.
const GRACE: Duration = Duration::from_millis(300);

/// Which objects to read.
pub(crate) struct Wanted<'a> {
    /// Their kind.
    pub(crate) resource: &'a Resource,
    /// Where they are.
    pub(crate) place: Place,
    /// A label selector; empty for all.
    pub(crate) labels: String,
    /// A field selector; empty for all.
    pub(crate) fields: String,
    /// Show the cells that need room.
    pub(crate) wide: bool,
    /// The columns that were chosen.
    pub(crate) chosen: Chosen,
}

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In all namespaces; where that is denied, in the one that this identity is at home in.
    Everywhere,
    /// In this namespace.
    Namespace(String),
}

/// What was listed.
#[derive(Default)]
pub(crate) struct Listing {
    /// The heads of the columns.
    pub(crate) columns: Vec<String>,
    /// One for each object.
    pub(crate) rows: Vec<Row>,
    /// Facts, looks, sources and gaps.
    pub(crate) testimony: Testimony,
    /// The namespaces looked at; none for all of them.
    pub(crate) namespaces: Vec<String>,
    /// What was denied, as `shop: list pods (403)`.
    pub(crate) denied: Vec<String>,
    /// Why it is not all there is.
    pub(crate) incomplete: Option<String>,
}

/// One object in brief.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The object.
    pub(crate) entity: Entity,
    /// The controller that owns it; a ReplicaSet of a Deployment counts as that.
    pub(crate) owner: Option<Entity>,
    /// Its cells.
    pub(crate) cells: Vec<String>,
    /// The parts of it that were chosen.
    pub(crate) parts: Vec<Result<String, Failure>>,
    /// One word for how it does, where its kind has one.
    pub(crate) status: String,
    /// When it was made.
    pub(crate) created: Option<Timestamp>,
    /// How often its containers were started again.
    pub(crate) restarts: u32,
    /// A container of it has ended before.
    pub(crate) crashed: bool,
    /// What is wrong with it.
    pub(crate) trouble: Option<Trouble>,
}

/// Lists what is wanted by `deadline`. A denial is an entry in the listing; it is never an empty list.
///
/// # Errors
/// Where the API server does not answer, or does not know the kind.
pub(crate) async fn list(
    client: &Client,
    wanted: &Wanted<'_>,
    deadline: Instant,
) -> Result<Listing, Failure> {
    let mut listing = Listing::default();
    let namespace = match &wanted.place {
        Place::Namespace(namespace) if wanted.resource.namespaced => Some(namespace.clone()),
        _ => None,
    };
    let reach = namespace.as_deref().map_or(Reach::Cluster, Reach::Namespace);
    listing.namespaces = namespace.iter().cloned().collect();
    match read(client, wanted, reach, deadline, &mut listing).await {
        Ok(()) => return Ok(listing),
        Err(failure) if failure.code == Code::Forbidden => {
            listing.deny(wanted.resource, reach, &failure);
        }
        Err(failure) => return Err(failure),
    }
    if namespace.is_none() && wanted.resource.namespaced {
        let home = client.cluster().namespace.clone();
        listing.namespaces = vec![home.clone()];
        let reach = Reach::Namespace(&home);
        match read(client, wanted, reach, deadline, &mut listing).await {
            Ok(()) => {}
            Err(failure) if failure.code == Code::Forbidden => {
                listing.deny(wanted.resource, reach, &failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(listing)
}

async fn read(
    client: &Client,
    wanted: &Wanted<'_>,
    reach: Reach<'_>,
    deadline: Instant,
    listing: &mut Listing,
) -> Result<(), Failure> {
    let options = ListOptions {
        labels: wanted.labels.clone(),
        fields: wanted.fields.clone(),
        ..ListOptions::default()
    };
    let mut reading = Reading::new(wanted, client.now(), deadline);
    let objects = client.each(wanted.resource, reach, &options, |object| reading.add(object));
    let wide = wanted.wide || !wanted.chosen.is_empty();
    let columns = columns::read(client, wanted.resource, reach, &options, wide);
    let both = async { tokio::join!(objects, columns) };
    let (walk, printed) = timeout_at(deadline + GRACE, both).await.map_err(|_| late())?;
    let walk = walk.map_err(|refusal| Failure::from(&refusal))?;
    reading.close();
    if let Some(printed) = printed {
        printed.put(&mut reading.columns, &mut reading.rows);
    }
    wanted.chosen.put(&mut reading.columns, &mut reading.rows)?;
    let cut = reading.trouble(&walk);
    let selected = !wanted.labels.is_empty() || !wanted.fields.is_empty();
    let source = source(&walk);
    let whole = cut.is_none() && reading.facts.len() == reading.rows.len();
    if !selected {
        let kind = wanted.resource.kind.to_string();
        let namespace = reach.namespace().to_owned();
        listing.testimony.looks.push(Look { kind, namespace, complete: whole });
    }
    listing.take(reading, source, reach, wanted.resource, cut);
    Ok(())
}

impl Listing {
    fn take(
        &mut self,
        reading: Reading<'_>,
        source: Source,
        reach: Reach<'_>,
        resource: &Resource,
        cut: Option<String>,
    ) {
        let position = self.testimony.sources.len();
        self.testimony.sources.push(source);
        let facts = reading.facts.into_iter().map(|body| Fact { source: position, body });
        self.testimony.facts.extend(facts);
        self.columns = reading.columns;
        self.rows = reading.rows;
        if let Some(why) = cut {
            self.gap(resource, reach, &why, "narrow it: a namespace, a label_selector".to_owned());
            self.incomplete.get_or_insert(why);
        }
    }

    fn deny(&mut self, resource: &Resource, reach: Reach<'_>, failure: &Failure) {
        let (place, role) = match reach {
            Reach::Cluster => ("cluster", "ClusterRole"),
            Reach::Namespace(namespace) => (namespace, "Role"),
        };
        self.denied.push(format!("{place}: list {resource} (403)"));
        let rule = rbac::rule_for(resource);
        let remedy = format!("add to a {role} of this identity: {rule}");
        self.gap(resource, reach, &failure.message, remedy);
        let kind = resource.kind.to_string();
        let namespace = reach.namespace().to_owned();
        self.testimony.looks.push(Look { kind, namespace, complete: false });
    }

    fn gap(&mut self, resource: &Resource, reach: Reach<'_>, why: &str, remedy: String) {
        let what = match reach {
            Reach::Cluster => format!("{} of the whole cluster", resource.plural),
            Reach::Namespace(namespace) => format!("{} in namespace {namespace}", resource.plural),
        };
        let (server, why) = (NAME.to_owned(), why.to_owned());
        self.testimony.gaps.push(Gap { server, what, why, remedy });
    }
}

/// A list as it arrives.
struct Reading<'a> {
    wanted: &'a Wanted<'a>,
    now: Timestamp,
    deadline: Instant,
    columns: Vec<String>,
    rows: Vec<Row>,
    facts: Vec<Body>,
    slices: Slices,
    odd: usize,
}

impl<'a> Reading<'a> {
    fn new(wanted: &'a Wanted<'a>, now: Timestamp, deadline: Instant) -> Self {
        let (columns, rows, facts) = (Vec::new(), Vec::new(), Vec::new());
        Reading { wanted, now, deadline, columns, rows, facts, slices: Slices::default(), odd: 0 }
    }

    /// Takes in one object, unless it is too late to.
    fn add(&mut self, object: Value) -> ControlFlow<()> {
        if Instant::now() >= self.deadline {
            return ControlFlow::Break(());
        }
        let resource = self.wanted.resource;
        if *resource == ENDPOINT_SLICES {
            // Those of one Service are one fact.
            match serde_json::from_value(object) {
                Ok(slice) => self.slices.add(slice),
                Err(_) => self.odd += 1,
            }
            return ControlFlow::Continue(());
        }
        let parts = self.parts(&object);
        match translate::any(&resource.api_version(), &resource.kind, object) {
            Ok(body) => self.keep(body, parts),
            Err(_) => self.odd += 1,
        }
        ControlFlow::Continue(())
    }

    fn close(&mut self) {
        for endpoints in std::mem::take(&mut self.slices).all() {
            self.keep(Body::Endpoints(endpoints), Vec::new());
        }
    }

    /// The parts that were chosen, without secrets.
    fn parts(&self, object: &Value) -> Vec<Result<String, Failure>> {
        if !self.wanted.chosen.has_paths() {
            return Vec::new();
        }
        let mut object = object.clone();
        redact::in_process(&mut object);
        self.wanted.chosen.parts(&object)
    }

    fn keep(&mut self, body: Body, parts: Vec<Result<String, Failure>>) {
        let mut cells = cells::of(&body, self.now);
        let wide = self.wanted.wide || !self.wanted.chosen.is_empty();
        cells.retain(|cell| wide || !cell.wide);
        if self.columns.is_empty() {
            self.columns = cells.iter().map(|cell| cell.head.to_owned()).collect();
        }
        let meta = cells::meta(&body);
        let status = cells.iter().find(|cell| cell.head == "STATUS");
        let status = status.map(|cell| cell.text.clone()).unwrap_or_default();
        self.rows.push(Row {
            entity: body.entity(),
            owner: owner(&body),
            status,
            created: meta.and_then(|meta| meta.created),
            restarts: if let Body::Pod(pod) = &body { restart_count(pod) } else { 0 },
            crashed: matches!(&body, Body::Pod(pod) if pod.containers.iter().any(|it| it.last.is_some())),
            trouble: unwell::why(&body, self.now),
            cells: cells.into_iter().map(|cell| cell.text).collect(),
            parts,
        });
        if self.facts.len() < MOST_FACTS {
            self.facts.push(body);
        }
    }

    /// Why this is not all there is.
    fn trouble(&self, walk: &Walk) -> Option<String> {
        match &walk.cut {
            Some(Cut::AtMost(most)) => {
                let left = walk.remaining.map(|left| format!(" of {}", *most as u64 + left));
                return Some(format!(
                    "only the first {most}{} were read",
                    left.unwrap_or_default()
                ));
            }
            Some(cut) => return Some(cut.to_string()),
            None => {}
        }
        match (self.odd, self.rows.len() > self.facts.len()) {
            (0, false) => None,
            (0, true) => Some(format!("facts are kept of the first {MOST_FACTS} alone")),
            (odd, _) => Some(format!("{odd} are in a form that we do not know")),
        }
    }
}

/// The workload behind an object: its controller, or the Deployment behind its ReplicaSet.
fn owner(body: &Body) -> Option<Entity> {
    let meta = cells::meta(body)?;
    let owner = meta.owner.clone()?;
    let hash = meta.labels.get("pod-template-hash");
    match hash.and_then(|hash| owner.name.strip_suffix(hash.as_str())?.strip_suffix('-')) {
        Some(name) if owner.kind == "ReplicaSet" => {
            Some(Entity::new("Deployment", &owner.namespace, name))
        }
        _ => Some(owner),
    }
}

fn source(walk: &Walk) -> Source {
    Source { method: "GET".to_owned(), path: walk.path.clone(), observed_at: walk.observed_at }
}

fn late() -> Failure {
    Failure {
        code: Code::Timeout,
        message: "the list did not come to its end before the call's deadline".to_owned(),
        retryable: true,
        hint: "ask for one namespace, or with a label_selector".to_owned(),
    }
}
