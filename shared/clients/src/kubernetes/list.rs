//! Reads lists page by page, one object at a time, and says whether it saw the whole of them.

use crate::kubernetes::connection::{JSON, Kubernetes};
use crate::kubernetes::paths;
use crate::kubernetes::reach::Reach;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::table::{Column, IncludeObject, Table};
use futures::StreamExt;
use http::Response;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta};
use readonly::items::Items;
use readonly::refusal::{Kind, Refusal};
use readonly::transport::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// Objects per page: what `kubectl` asks for, and about 5 MB of ordinary pods.
const PAGE: u32 = 500;
/// Objects of one list that may be passed over because they cannot be decoded.
const UNREADABLE: usize = 20;

/// Metadata alone; a server that does not know it answers 406, never with whole objects.
pub(crate) const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// In which form to ask for a list.
#[derive(Clone, Copy)]
struct Form {
    accept: &'static str,
    field: &'static str,
    include: &'static str,
}

const OBJECTS: Form = Form { accept: JSON, field: "items", include: "" };
const METADATA: Form = Form { accept: METADATA_LIST, field: "items", include: "" };
const ROWS: Form =
    Form { accept: "application/json;as=Table;g=meta.k8s.io;v=v1", field: "rows", include: "None" };
const ROWS_WITH_METADATA: Form = Form { include: "Metadata", ..ROWS };

/// Which part of a list to read.
#[derive(Clone, Debug)]
pub struct ListOptions {
    /// A label selector as `kubectl` takes it; empty for all.
    pub labels: String,
    /// A field selector; empty for all.
    pub fields: String,
    /// Objects per page; 0 for all in one.
    pub page: u32,
    /// Objects to read at most.
    pub at_most: usize,
}

impl Default for ListOptions {
    fn default() -> Self {
        ListOptions { labels: String::new(), fields: String::new(), page: PAGE, at_most: 20_000 }
    }
}

/// How reading a list went.
#[derive(Debug)]
pub struct Walk {
    /// The first request's path and query, to be cited.
    pub path: String,
    /// When the first answer began.
    pub observed_at: Timestamp,
    /// The version of the list that was read.
    pub resource_version: String,
    /// Objects read.
    pub seen: usize,
    /// Objects that the server says are left; none where it does not say.
    pub remaining: Option<u64>,
    /// Why the list ends early; none when all of it was read.
    pub cut: Option<Cut>,
}

impl Walk {
    /// All of the list was read, so what is not in it does not exist.
    pub fn is_complete(&self) -> bool {
        self.cut.is_none()
    }
}

/// Why a list ends early.
#[derive(Debug, thiserror::Error)]
pub enum Cut {
    /// We read no more than this.
    #[error("only the first {0} were read")]
    AtMost(usize),
    /// The server forgot where we were.
    #[error("the list changed while it was read (410), so its end is missing")]
    Expired,
    /// The reader had enough.
    #[error("reading stopped early")]
    Stopped,
    /// Objects were passed over because they are in a form that we do not know.
    #[error("{count} could not be decoded: {first}")]
    Unreadable {
        /// How many.
        count: usize,
        /// The first.
        first: Refusal,
    },
    /// A later page did not come.
    #[error("the rest could not be read: {0}")]
    Refused(Refusal),
}

/// A list that was read.
#[derive(Debug)]
pub struct Listed<T> {
    /// What was read.
    pub items: Vec<T>,
    /// How it went.
    pub walk: Walk,
}

/// An object of any kind, reduced to its metadata.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Metadata {
    /// Its metadata.
    #[serde(default)]
    pub metadata: ObjectMeta,
}

impl Kubernetes {
    /// Lists whole objects.
    pub async fn list<T: DeserializeOwned + Send>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
    ) -> Result<Listed<T>, Refusal> {
        let list = paths::collection(resource, reach)?;
        self.collect(&list, options, OBJECTS).await.map(|(listed, _)| listed)
    }

    /// Lists the metadata alone; of Secrets those of Helm and no others, and without annotations.
    pub async fn list_metadata(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
    ) -> Result<Listed<Metadata>, Refusal> {
        let list = paths::metadata(resource, reach)?;
        let mut listed = self.list_metadata_at(&list, options).await?;
        if resource.is_secret() {
            listed.items.iter_mut().for_each(|item| item.metadata.annotations = None);
        }
        Ok(listed)
    }

    /// The same by the list's path.
    pub(crate) async fn list_metadata_at(
        &self,
        list: &str,
        options: &ListOptions,
    ) -> Result<Listed<Metadata>, Refusal> {
        self.collect(list, options, METADATA).await.map(|(listed, _)| listed)
    }

    /// Reads the short view of a list.
    pub async fn table(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
        include: IncludeObject,
    ) -> Result<Table, Refusal> {
        let form = match include {
            IncludeObject::None => ROWS,
            IncludeObject::Metadata => ROWS_WITH_METADATA,
        };
        let list = paths::collection(resource, reach)?;
        let (listed, columns) = self.collect(&list, options, form).await?;
        Ok(Table { columns, rows: listed.items, walk: listed.walk })
    }

    /// Hands whole objects to `visit` as they arrive, so that a long list costs the memory of one, until it breaks.
    pub async fn each<T: DeserializeOwned + Send>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
        visit: impl FnMut(T) -> ControlFlow<()> + Send,
    ) -> Result<Walk, Refusal> {
        let list = paths::collection(resource, reach)?;
        self.walk(&list, options, OBJECTS, visit).await.map(|(walk, _)| walk)
    }

    /// Collects a list, once more from its beginning if the server forgets where we were.
    async fn collect<T: DeserializeOwned + Send>(
        &self,
        list: &str,
        options: &ListOptions,
        form: Form,
    ) -> Result<(Listed<T>, Vec<Column>), Refusal> {
        let mut attempt = 1;
        loop {
            let mut items = Vec::new();
            let keep = |item| {
                items.push(item);
                ControlFlow::Continue(())
            };
            let (walk, columns) = self.walk(list, options, form, keep).await?;
            if attempt == 1 && matches!(walk.cut, Some(Cut::Expired)) {
                attempt += 1;
                continue;
            }
            return Ok((Listed { items, walk }, columns));
        }
    }

    async fn walk<T: DeserializeOwned + Send>(
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
        match walk.cut {
            // Nothing at all was read: that is no short list, but a failure.
            Some(Cut::Refused(refusal) | Cut::Unreadable { first: refusal, .. })
                if walk.seen == 0 =>
            {
                Err(refusal)
            }
            _ => Ok((walk, columns)),
        }
    }
}

impl Walk {
    fn from(path: String, observed_at: Timestamp) -> Self {
        Walk {
            path,
            observed_at,
            resource_version: String::new(),
            seen: 0,
            remaining: None,
            cut: None,
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
    fn pass_over(&mut self, refusal: Refusal) -> bool {
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
