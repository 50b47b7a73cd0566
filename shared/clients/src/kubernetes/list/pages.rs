//! Reads a list page by page, each object as it arrives.

use super::{Cut, Form, ListOptions, Walk};
use crate::kubernetes::connection::Kubernetes;
use crate::kubernetes::paths;
use crate::kubernetes::table::Column;
use futures::StreamExt;
use http::Response;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use readonly::items::Items;
use readonly::refusal::{Kind, Refusal};
use readonly::transport::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// Objects of one list that may be passed over because they cannot be decoded.
const UNREADABLE: usize = 20;

impl Kubernetes {
    /// Reads a list from the API server, whatever is kept of it.
    pub(crate) async fn read_pages<T: DeserializeOwned + Send>(
        &self,
        list: &str,
        options: &ListOptions,
        form: Form,
        mut visit: impl FnMut(T) -> ControlFlow<()> + Send,
    ) -> Result<(Walk, Vec<Column>), Refusal> {
        let mut path = page(list, options, form, "");
        let response = self.read(&path, form.accept).await?;
        let mut walk = Walk::from(path, self.now());
        let mut items = items_of(response, form);
        let mut ended = walk.drain(&mut items, options.at_most, &mut visit).await;
        let (mut next, columns) = walk.turn(items.rest());
        while ended.is_continue() && !next.is_empty() {
            if walk.seen >= options.at_most {
                walk.cut = Some(Cut::AtMost(options.at_most));
                break;
            }
            path = page(list, options, form, &next);
            let response = match self.read(&path, form.accept).await {
                Ok(response) => response,
                Err(refusal) => {
                    walk.cut = Some(Cut::of(refusal));
                    break;
                }
            };
            items = items_of(response, form);
            ended = walk.drain(&mut items, options.at_most, &mut visit).await;
            (next, _) = walk.turn(items.rest());
        }
        walk.unless_nothing().map(|walk| (walk, columns))
    }
}

impl Walk {
    pub(crate) fn from(path: String, observed_at: Timestamp) -> Self {
        Walk {
            path,
            observed_at,
            resource_version: String::new(),
            seen: 0,
            remaining: None,
            cut: None,
        }
    }

    /// Itself, unless nothing at all was read: that is no short list, but a failure.
    pub(crate) fn unless_nothing(self) -> Result<Walk, Refusal> {
        match self.cut {
            Some(Cut::Refused(refusal) | Cut::Unreadable { first: refusal, .. })
                if self.seen == 0 =>
            {
                Err(refusal)
            }
            _ => Ok(self),
        }
    }

    /// Visits the items of one page, and breaks where the walk must end.
    async fn drain<T: DeserializeOwned>(
        &mut self,
        items: &mut Items<T>,
        at_most: usize,
        visit: &mut (impl FnMut(T) -> ControlFlow<()> + Send),
    ) -> ControlFlow<()> {
        loop {
            match items.next().await {
                Ok(None) => return ControlFlow::Continue(()),
                Ok(Some(_)) if self.seen >= at_most => self.cut = Some(Cut::AtMost(at_most)),
                Ok(Some(item)) => {
                    self.seen += 1;
                    if visit(item).is_continue() {
                        continue;
                    }
                    self.cut = Some(Cut::Stopped);
                }
                Err(refusal) => {
                    if self.pass_over(refusal) {
                        continue;
                    }
                }
            }
            return ControlFlow::Break(());
        }
    }

    /// Passes over one object that cannot be decoded, up to a number of them.
    pub(crate) fn pass_over(&mut self, refusal: Refusal) -> bool {
        let malformed = matches!(refusal.kind, Kind::Malformed(_));
        match &mut self.cut {
            Some(Cut::Unreadable { count, .. }) if malformed && *count < UNREADABLE => *count += 1,
            None if malformed => self.cut = Some(Cut::Unreadable { count: 1, first: refusal }),
            _ => {
                self.cut = Some(Cut::of(refusal));
                return false;
            }
        }
        true
    }

    /// Takes what a page says beside its items: where the next one is, and a table's columns.
    fn turn(&mut self, rest: &Map<String, Value>) -> (String, Vec<Column>) {
        let head = Head::deserialize(rest).unwrap_or_default();
        self.resource_version = head.metadata.resource_version.unwrap_or_default();
        self.remaining = head.metadata.remaining_item_count.and_then(|n| u64::try_from(n).ok());
        (head.metadata.continue_.unwrap_or_default(), head.column_definitions)
    }
}

impl Cut {
    fn of(refusal: Refusal) -> Self {
        match refusal.kind {
            Kind::Status { status: 410, .. } => Cut::Expired,
            _ => Cut::Refused(refusal),
        }
    }
}

/// What a page says beside its items.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Head {
    metadata: ListMeta,
    column_definitions: Vec<Column>,
}

/// A body that has ended stays ended, so that reading on after a fault is safe.
fn items_of<T: DeserializeOwned>(response: Response<Body>, form: Form) -> Items<T> {
    Items::new(response.map(|body| body.fuse().boxed()), form.field)
}

fn page(list: &str, options: &ListOptions, form: Form, next: &str) -> String {
    let limit = match options.page {
        0 => String::new(),
        page => page.to_string(),
    };
    paths::with_query(
        list,
        &[
            ("labelSelector", &options.labels),
            ("fieldSelector", &options.fields),
            ("includeObject", form.include),
            ("limit", &limit),
            ("continue", next),
        ],
    )
}
