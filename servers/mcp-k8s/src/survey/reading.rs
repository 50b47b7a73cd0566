//! One list, read by a deadline: what it brought, and whether that was all there is.

use crate::listing::known::Known;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{Cut, ListOptions, Metadata, Walk};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use clients::kubernetes::resource::Resource;
use clients::kubernetes::table::{IncludeObject, Table};
use evidence::fact::Body;
use evidence::testimony::Source;
use mcp::failure::{Code, Failure};
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Objects of one list at first glance: each costs little, and none may be missing.
const MOST: usize = 200_000;
/// Objects in one answer. A page of these is some 8 MB; more pages would only be more requests.
const PAGE: u32 = 2_000;

/// Where reads are made from, and until when.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The cluster.
    pub(crate) client: Client,
    /// When a read that has not ended is given up.
    pub(crate) deadline: Instant,
}

/// What one read brought.
#[derive(Debug)]
pub(crate) struct Reading {
    /// What was read.
    pub(crate) resource: Resource,
    /// The namespace; empty for all, or none.
    pub(crate) namespace: String,
    /// What was seen.
    pub(crate) bodies: Vec<Body>,
    /// The request; none where it was never answered.
    pub(crate) source: Option<Source>,
    /// Why it is not all there is; none where it is.
    pub(crate) trouble: Option<Trouble>,
    /// It asked for all of the kind, so that what it did not bring is not there.
    pub(crate) is_look: bool,
}

/// Why a read did not bring all there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Which kind.
    pub(crate) code: Code,
    /// In words.
    pub(crate) why: String,
}

impl Reading {
    /// A read that has brought nothing yet.
    pub(crate) fn of(resource: &Resource, reach: Reach<'_>) -> Self {
        Reading {
            resource: resource.clone(),
            namespace: reach.namespace().to_owned(),
            bodies: Vec::new(),
            source: None,
            trouble: None,
            is_look: true,
        }
    }

    /// Notes how the read ended.
    fn ended(&mut self, walk: Result<Walk, Trouble>) {
        match walk {
            Ok(walk) => self.walked(walk),
            Err(trouble) => self.trouble = Some(trouble),
        }
    }

    fn walked(&mut self, walk: Walk) {
        self.trouble = walk.cut.as_ref().map(Trouble::cut);
        self.source = Some(Source {
            method: "GET".to_owned(),
            path: walk.path,
            observed_at: walk.observed_at,
        });
    }
}

impl Trouble {
    /// Something that was not read because there was too much of it.
    pub(crate) fn too_much(why: String) -> Self {
        Trouble { code: Code::TooLarge, why }
    }

    /// An object in a form that its documentation does not promise.
    pub(crate) fn unknown_form(error: &serde_json::Error) -> Self {
        Trouble {
            code: Code::UpstreamError,
            why: format!("answered in a form we do not know: {error}"),
        }
    }

    /// It did not answer in time.
    pub(crate) fn late() -> Self {
        Trouble { code: Code::Timeout, why: "no answer before the call's deadline".to_owned() }
    }

    fn cut(cut: &Cut) -> Self {
        match cut {
            Cut::Refused(refusal) => Failure::from(refusal).into(),
            Cut::AtMost(_) => Trouble::too_much(cut.to_string()),
            Cut::Expired | Cut::Stopped | Cut::Unreadable { .. } => {
                Trouble { code: Code::UpstreamError, why: cut.to_string() }
            }
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble { code: failure.code, why: failure.message }
    }
}

impl Desk {
    /// Reads whole objects; each one's fact is kept.
    pub(crate) async fn objects<T: DeserializeOwned + Send>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        fact: fn(T) -> Body,
    ) -> Reading {
        let mut bodies = Vec::new();
        let options = ListOptions::default();
        let mut reading =
            self.each(resource, reach, options, |object| bodies.push(fact(object))).await;
        reading.bodies = bodies;
        reading
    }

    /// Reads whole objects, and hands each to `visit` as it arrives. What has arrived by the deadline counts.
    pub(crate) async fn each<T: DeserializeOwned + Send>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: ListOptions,
        mut visit: impl FnMut(T) + Send,
    ) -> Reading {
        let options = ListOptions { page: PAGE, ..options };
        let visit = |object| {
            visit(object);
            ControlFlow::Continue(())
        };
        let walk = self.client.each(resource, reach, &options, visit);
        let walk = match timeout_at(self.deadline, walk).await {
            Ok(walk) => walk.map_err(|refusal| Failure::from(&refusal).into()),
            Err(_) => Err(Trouble::late()),
        };
        let mut reading = Reading::of(resource, reach);
        reading.ended(walk);
        reading
    }

    /// Shows the fact of each pod to `visit`, none of those that are well whatever the time is, where the list is kept; else
    /// nothing is read.
    pub(crate) async fn kept_pods(
        &self,
        mut visit: impl FnMut(Option<&Body>) + Send,
    ) -> Option<Reading> {
        let (resource, reach) = (&reads::PODS, Reach::Cluster);
        let options = ListOptions { at_most: MOST, ..ListOptions::default() };
        let mut odd = 0;
        let visit = |known: Option<Arc<Known>>| {
            match known {
                Some(known) => visit(known.body.as_ref()),
                None => odd += 1,
            }
            ControlFlow::Continue(())
        };
        let walk = self.client.each_kept(resource, reach, &options, Known::read_short, visit);
        let walk = match timeout_at(self.deadline, walk).await {
            Ok(walk) => walk?.map_err(|refusal| Failure::from(&refusal).into()),
            Err(_) => Err(Trouble::late()),
        };
        let mut reading = Reading::of(resource, reach);
        reading.ended(walk);
        if odd > 0 && reading.trouble.is_none() {
            let why = format!("{odd} are in a form that we do not know");
            reading.trouble = Some(Trouble { code: Code::UpstreamError, why });
        }
        Some(reading)
    }

    /// Reads metadata alone; each one's fact is kept.
    pub(crate) async fn names(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        fact: fn(Metadata) -> Body,
    ) -> Reading {
        let mut bodies = Vec::new();
        let mut reading = self.metadata(resource, reach, "", |it| bodies.push(fact(it))).await;
        reading.bodies = bodies;
        reading
    }

    /// Reads the metadata of what has these labels, and hands each to `visit`.
    pub(crate) async fn metadata(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        labels: &str,
        visit: impl FnMut(Metadata),
    ) -> Reading {
        let labels = labels.to_owned();
        let options = ListOptions { page: PAGE, labels, ..ListOptions::default() };
        let mut reading = Reading::of(resource, reach);
        let listed = self.client.list_metadata(resource, reach, &options);
        let listed = match timeout_at(self.deadline, listed).await {
            Ok(listed) => listed.map_err(|refusal| Failure::from(&refusal).into()),
            Err(_) => Err(Trouble::late()),
        };
        let walk = listed.map(|listed| {
            listed.items.into_iter().for_each(visit);
            listed.walk
        });
        reading.ended(walk);
        reading
    }

    /// Reads the short view of a list, in one answer: a row is a hundred bytes.
    pub(crate) async fn rows(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
    ) -> (Reading, Option<Table>) {
        let options = ListOptions { page: 0, at_most: MOST, ..ListOptions::default() };
        let mut reading = Reading::of(resource, reach);
        let table = self.client.table(resource, reach, &options, IncludeObject::None);
        let table = match timeout_at(self.deadline, table).await {
            Ok(table) => table.map_err(|refusal| Failure::from(&refusal).into()),
            Err(_) => Err(Trouble::late()),
        };
        match table {
            Ok(table) => {
                reading.trouble = table.walk.cut.as_ref().map(Trouble::cut);
                reading.source = Some(Source {
                    method: "GET".to_owned(),
                    path: table.walk.path.clone(),
                    observed_at: table.walk.observed_at,
                });
                (reading, Some(table))
            }
            Err(trouble) => {
                reading.trouble = Some(trouble);
                (reading, None)
            }
        }
    }
}
