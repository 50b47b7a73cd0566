//! All objects of one kind in a place: rows to show, facts to keep, and what could not be seen.

mod brief;
pub(crate) mod chosen;
mod columns;
pub(crate) mod known;
mod reading;

use crate::cells;
use crate::listing::chosen::Chosen;
use crate::listing::known::Known;
use crate::listing::reading::Reading;
use crate::server::NAME;
use crate::unwell::Trouble;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{ListOptions, Walk};
use clients::kubernetes::rbac;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{ENDPOINT_SLICES, PODS};
use clients::kubernetes::resource::Resource;
use evidence::fact::Fact;
use evidence::testimony::{Gap, Look, Source, Testimony};
use jiff::Timestamp;
use mcp::failure::{Code, Failure};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

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
    /// The caller asked for facts.
    pub(crate) facts: bool,
}

#[cfg(test)]
impl<'a> Wanted<'a> {
    /// All of a kind, as its rows.
    pub(crate) fn everywhere(resource: &'a Resource) -> Wanted<'a> {
        Wanted {
            resource,
            place: Place::Everywhere,
            labels: String::new(),
            fields: String::new(),
            wide: false,
            chosen: Chosen::default(),
            facts: false,
        }
    }
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
    /// When they were read; ages are told from then.
    pub(crate) now: Timestamp,
    /// Rows have the cells that need room.
    pub(crate) wide: bool,
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
#[derive(Clone)]
pub(crate) struct Row {
    /// What does not change with the time.
    pub(crate) known: Arc<Known>,
    /// Its cells, where they are not the usual ones.
    pub(crate) special: Option<Vec<String>>,
    /// The parts of it that were chosen.
    pub(crate) parts: Vec<Result<String, Failure>>,
    /// What is wrong with it.
    pub(crate) trouble: Option<Trouble>,
}

impl Row {
    /// Its cells. They are made when they are shown: of thousands of objects few are.
    pub(crate) fn cells(&self, now: Timestamp, wide: bool) -> Vec<String> {
        if let Some(special) = &self.special {
            return special.clone();
        }
        if let Some(cells) = cells::pod::in_short(&self.known, now) {
            return cells;
        }
        let cells = self.known.body.iter().flat_map(|body| cells::of(body, now));
        cells.filter(|cell| wide || !cell.wide).map(|cell| cell.text).collect()
    }
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
        unpruned: wanted.chosen.has_paths(),
        ..ListOptions::default()
    };
    let mut reading = Reading::new(wanted, client.now(), deadline);
    let columns = columns::read(client, wanted.resource, reach, &options, reading.wide);
    let objects = objects(client, reach, &options, &mut reading);
    let both = async { tokio::join!(objects, columns) };
    let (walk, printed) = timeout_at(deadline + GRACE, both).await.map_err(|_| late())?;
    let walk = walk?;
    reading.close();
    if let Some(printed) = printed {
        printed.put(&mut reading.columns, &mut reading.rows);
    }
    if !wanted.chosen.is_empty() {
        reading.fill_cells();
    }
    wanted.chosen.put(&mut reading.columns, &mut reading.rows)?;
    let cut = reading.trouble(&walk);
    let selected = !wanted.labels.is_empty() || !wanted.fields.is_empty();
    let source = source(&walk);
    let whole = cut.is_none();
    if !selected {
        let kind = wanted.resource.kind.to_string();
        let namespace = reach.namespace().to_owned();
        listing.testimony.looks.push(Look { kind, namespace, complete: whole });
    }
    listing.take(reading, source, reach, wanted.resource, cut);
    Ok(())
}

/// Reads the objects as `reading` needs them.
async fn objects(
    client: &Client,
    reach: Reach<'_>,
    options: &ListOptions,
    reading: &mut Reading<'_>,
) -> Result<Walk, Failure> {
    let resource = reading.wanted.resource;
    let know = |object| Known::read(resource, object);
    if brief::suffices(reading.wanted) {
        let add = |known| reading.add(known, Vec::new());
        // What is kept costs no request.
        let short = Known::read_short;
        if let Some(walk) = client.each_kept(resource, reach, options, short, add).await {
            return walk.map_err(|refusal| Failure::from(&refusal));
        }
        // Rows are taken in at the end or not at all: the list, which ends with what has arrived, gets as much time again.
        let half = sleep_until(reading.half);
        let brief = tokio::select! {
            biased;
            () = half => None,
            walk = brief::read(client, reach, options, reading) => walk,
        };
        if let Some(walk) = brief {
            return Ok(walk);
        }
    }
    let walk = if *resource == ENDPOINT_SLICES {
        client.each(resource, reach, options, |slice| reading.add_slice(slice)).await
    } else if reading.wanted.chosen.has_paths() {
        client.each(resource, reach, options, |object| reading.add_parts(object)).await
    } else if *resource == PODS {
        // Beside a pod that is kept stands what is known of it in short.
        let add = |object| reading.add(know(object).map(Arc::new), Vec::new());
        client.each(resource, reach, options, add).await
    } else {
        let add = |known| reading.add(known, Vec::new());
        client.each_made(resource, reach, options, know, add).await
    };
    walk.map_err(|refusal| Failure::from(&refusal))
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
        self.testimony.sources.extend(reading.sources);
        let facts = reading.facts.into_iter();
        let facts = facts.map(|(source, body)| Fact { source: position + source, body });
        self.testimony.facts.extend(facts);
        self.columns = reading.columns;
        self.rows = reading.rows;
        (self.now, self.wide) = (reading.now, reading.wide);
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
