//! Reads lists, one object at a time, and says whether it saw the whole of them.

mod pages;

use crate::kubernetes::connection::{JSON, Kubernetes};
use crate::kubernetes::made::Made;
use crate::kubernetes::paths;
use crate::kubernetes::reach::Reach;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::stores::kept::Kept;
use crate::kubernetes::table::{Column, IncludeObject, Table};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use readonly::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Objects per page: what `kubectl` asks for, and about 5 MB of ordinary pods.
const PAGE: u32 = 500;

/// Metadata alone; a server that does not know it answers 406, never with whole objects.
pub(crate) const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// In which form to ask for a list.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) accept: &'static str,
    field: &'static str,
    include: &'static str,
}

pub(crate) const OBJECTS: Form = Form { accept: JSON, field: "items", include: "" };
pub(crate) const METADATA: Form = Form { accept: METADATA_LIST, field: "items", include: "" };
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
    /// Every field is wanted, also those that no tool reads by itself; such a list is never served from memory.
    pub unpruned: bool,
}

impl Default for ListOptions {
    fn default() -> Self {
        let (labels, fields) = (String::new(), String::new());
        ListOptions { labels, fields, page: PAGE, at_most: 20_000, unpruned: false }
    }
}

/// How reading a list went.
#[derive(Debug)]
pub struct Walk {
    /// The first request's path and query, to be cited.
    pub path: String,
    /// When the first answer began; of a list that is kept up to date, when the API server last said something of it.
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
    pub async fn table<M: DeserializeOwned + Send>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
        include: IncludeObject,
    ) -> Result<Table<M>, Refusal> {
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

    /// Hands what `make` makes of each whole object to `visit`; nothing where it makes nothing of it. Of a list that is kept up to
    /// date each is made once and not with each call, so what is made must depend on the object alone.
    pub async fn each_made<T: DeserializeOwned + Send, D: Made>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
        make: impl Fn(T) -> Option<D> + Send + Sync,
        mut visit: impl FnMut(Option<Arc<D>>) -> ControlFlow<()> + Send,
    ) -> Result<Walk, Refusal> {
        if let Some(walk) = self.each_kept(resource, reach, options, &make, &mut visit).await {
            return walk;
        }
        let list = paths::collection(resource, reach)?;
        let visit = |object| visit(make(object).map(Arc::new));
        self.read_pages(&list, options, OBJECTS, visit).await.map(|(walk, _)| walk)
    }

    /// The same of a list that is kept up to date, for no request; none where it is not kept, and nothing is visited.
    pub async fn each_kept<T: DeserializeOwned + Send, D: Made>(
        &self,
        resource: &Resource,
        reach: Reach<'_>,
        options: &ListOptions,
        make: impl Fn(T) -> Option<D> + Send + Sync,
        mut visit: impl FnMut(Option<Arc<D>>) -> ControlFlow<()> + Send,
    ) -> Option<Result<Walk, Refusal>> {
        let list = paths::collection(resource, reach).ok()?;
        let kept = self.kept(&list, options, OBJECTS).await?;
        let room = |bytes| kept.room(bytes);
        Some(kept.walk(options.at_most, |object| object.made(&make, room).map(&mut visit)))
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

    /// Visits a list: that which is kept up to date, else page by page.
    async fn walk<T: DeserializeOwned + Send>(
        &self,
        list: &str,
        options: &ListOptions,
        form: Form,
        mut visit: impl FnMut(T) -> ControlFlow<()> + Send,
    ) -> Result<(Walk, Vec<Column>), Refusal> {
        let Some(kept) = self.kept(list, options, form).await else {
            return self.read_pages(list, options, form, visit).await;
        };
        let walk = kept.walk(options.at_most, |object| object.read().map(&mut visit))?;
        Ok((walk, Vec::new()))
    }

    /// What is kept of this list, where something is.
    async fn kept(&self, list: &str, options: &ListOptions, form: Form) -> Option<Kept> {
        let stores = self.stores.as_ref()?;
        let all = options.labels.is_empty() && options.fields.is_empty() && !options.unpruned;
        if !all || form.field != "items" {
            return None;
        }
        stores.kept(list, form).await
    }
}
