//! What was read, brought together: objects by collection, logs, and what could not be read.

use crate::capture::{Heard, reread};
use crate::kubernetes::address::{self, Address, Target};
use crate::kubernetes::query::Query;
use crate::snapshot::about::{About, Source};
use crate::snapshot::log::LogOf;
use crate::snapshot::resources;
use bytes::Bytes;
use http::StatusCode;
use readonly::transport::Transport;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that goes into a snapshot.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// By namespace (empty for what has none), plural and group.
    pub(super) objects: BTreeMap<(String, String, String), Collection>,
    pub(super) logs: BTreeMap<LogOf, Bytes>,
    /// Why a resource could not be read, by plural (with its group, where Kubernetes has none of that name).
    denied: BTreeMap<String, String>,
    /// Resources of which only a selection was read, and which.
    selected: BTreeMap<String, BTreeSet<String>>,
    /// Namespaces that collections were read in; an empty one is the whole cluster.
    places: BTreeSet<String>,
    pub(super) left_out: Vec<String>,
}

/// The objects of one resource in one namespace.
#[derive(Debug, Default)]
pub(super) struct Collection {
    pub(super) kind: String,
    pub(super) api_version: String,
    /// By name.
    pub(super) items: BTreeMap<String, Value>,
}

/// One thing that was read, in all the requests that it took.
pub(super) struct Read {
    target: Target,
    /// Label and field selector, as in a query; empty for none.
    selectors: String,
    heard: Vec<Heard>,
}

/// The parameters that say what of a log is meant; the others say how much of it.
const LOG_PARAMETERS: [&str; 2] = ["container", "previous"];
const SELECTORS: [&str; 2] = ["labelSelector", "fieldSelector"];

/// Sorts what was heard by what it is about, and forgets what a snapshot does not hold.
pub(super) fn reads(heard: &[Heard]) -> Vec<Read> {
    let mut reads: BTreeMap<String, Read> = BTreeMap::new();
    for one in heard {
        let Some(Address::Resource(target)) = address::parse(one.uri.path()) else { continue };
        let query = Query::parse(one.uri.query().unwrap_or_default());
        let which = if target.part == "log" { LOG_PARAMETERS } else { SELECTORS };
        let selectors = pairs(&query, &which);
        let read = reads.entry(format!("{}?{selectors}", one.uri.path())).or_insert_with(|| Read {
            target,
            selectors,
            heard: Vec::new(),
        });
        read.heard.push(one.clone());
    }
    reads
        .into_values()
        .filter(|read| !matches!(read.target.part.as_str(), "status" | "scale"))
        .collect()
}

fn pairs(query: &Query, names: &[&str]) -> String {
    let given = names.iter().filter(|name| !query.text(name).is_empty());
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(given.map(|name| (*name, query.text(name))))
        .finish()
}

impl Collected {
    /// Takes in one read, again and in full where that is needed.
    pub(super) async fn take(&mut self, read: Read, transport: &dyn Transport) {
        if read.target.plural == "secrets" {
            self.denied.insert("secrets".to_owned(), "a capture never holds Secrets".to_owned());
            return;
        }
        if let Some(refused) = read.heard.iter().find(|one| one.status == StatusCode::FORBIDDEN) {
            let why =
                refused.body.as_ref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
            let why = why.as_ref().and_then(|status| status.get("message")?.as_str());
            let why = why.unwrap_or("the API server does not allow it").to_owned();
            let name = if read.target.part == "log" {
                "logs".to_owned()
            } else {
                source_name(&read.target)
            };
            self.denied.entry(name).or_insert(why);
        }
        let Some(heard) = read.heard.iter().rfind(|one| one.status.is_success()) else { return };
        let taken = match (read.target.name.as_str(), read.target.part.as_str()) {
            ("", _) => self.take_list(&read, heard, transport).await,
            (_, "log") => self.take_log(&read, heard, transport).await,
            _ => self.take_object(&read, heard, transport).await,
        };
        if let Err(why) = taken {
            self.left_out.push(why);
        }
    }

    async fn take_list(
        &mut self,
        read: &Read,
        heard: &Heard,
        transport: &dyn Transport,
    ) -> Result<(), String> {
        self.places.insert(read.target.namespace.clone());
        if !read.selectors.is_empty() {
            self.selected
                .entry(source_name(&read.target))
                .or_default()
                .insert(read.selectors.clone());
        }
        let pages = match full_pages(&read.heard) {
            Some(pages) => pages,
            None => all_pages(read, heard, transport).await?,
        };
        for page in pages {
            let (kind, api_version) = (text(&page, "/kind"), text(&page, "/apiVersion"));
            let kind = kind.strip_suffix("List").unwrap_or(kind).to_owned();
            let api_version = api_version.to_owned();
            // Says that there was somebody who looked, be there something or not.
            let target = &read.target;
            let key = (target.namespace.clone(), target.plural.clone(), target.group.clone());
            let collection = self.objects.entry(key).or_default();
            collection.kind.clone_from(&kind);
            collection.api_version.clone_from(&api_version);
            let Value::Object(mut page) = page else { continue };
            let Some(Value::Array(items)) = page.remove("items") else { continue };
            for mut item in items {
                if let Some(fields) = item.as_object_mut() {
                    fields.entry("kind").or_insert_with(|| kind.clone().into());
                    fields.entry("apiVersion").or_insert_with(|| api_version.clone().into());
                }
                self.keep(&read.target, item);
            }
        }
        Ok(())
    }

    async fn take_object(
        &mut self,
        read: &Read,
        heard: &Heard,
        transport: &dyn Transport,
    ) -> Result<(), String> {
        let body = match heard.body.clone().filter(|_| is_full(heard)) {
            Some(body) => body,
            None => reread::read(heard, heard.uri.path(), transport).await?,
        };
        let object = serde_json::from_slice(&body)
            .map_err(|error| format!("{}: {error}", heard.uri.path()))?;
        self.keep(&read.target, object);
        Ok(())
    }

    /// Keeps an object where it lies, and of two states of it the newer.
    fn keep(&mut self, target: &Target, object: Value) {
        let name = text(&object, "/metadata/name").to_owned();
        let namespace = text(&object, "/metadata/namespace").to_owned();
        let collection = self
            .objects
            .entry((namespace, target.plural.clone(), target.group.clone()))
            .or_default();
        collection.kind = text(&object, "/kind").to_owned();
        collection.api_version = text(&object, "/apiVersion").to_owned();
        let version =
            |object: &Value| text(object, "/metadata/resourceVersion").parse::<u64>().unwrap_or(0);
        let newer =
            collection.items.get(&name).is_none_or(|kept| version(kept) <= version(&object));
        if newer {
            collection.items.insert(name, object);
        }
    }

    async fn take_log(
        &mut self,
        read: &Read,
        heard: &Heard,
        transport: &dyn Transport,
    ) -> Result<(), String> {
        if heard.status == StatusCode::NO_CONTENT {
            return Ok(());
        }
        let query = Query::parse(heard.uri.query().unwrap_or_default());
        // Of several readings the longest holds the others.
        let longest =
            read.heard.iter().filter(|one| one.status == StatusCode::OK && has_times(one));
        let body = match longest.filter_map(|one| one.body.clone()).max_by_key(Bytes::len) {
            Some(body) => body,
            None => {
                let asked = heard.uri.query().map(|query| format!("{query}&")).unwrap_or_default();
                let path = format!("{}?{asked}timestamps=true", heard.uri.path());
                reread::read(heard, &path, transport).await?
            }
        };
        let target = &read.target;
        let of = LogOf {
            namespace: target.namespace.clone(),
            pod: target.name.clone(),
            container: query.text("container").to_owned(),
            previous: query.flag("previous"),
        };
        if of.container.is_empty() {
            return Err(format!("{}: the log of a container without a name", heard.uri.path()));
        }
        self.logs.insert(of, body);
        Ok(())
    }

    /// Completes `about.sources` with what was denied and what was left out.
    pub(super) fn describe(&self, about: &mut About) {
        let looked: BTreeSet<_> =
            self.objects.keys().map(|(_, plural, _)| plural.as_str()).collect();
        for (name, why) in &self.denied {
            let seen = looked.contains(name.as_str()) || (name == "logs" && !self.logs.is_empty());
            if !seen {
                let source = Source { available: false, reason: Some(why.clone()), left_out: None };
                about.sources.insert(name.clone(), source);
            }
        }
        let mut leave_out = |name: &str, what: String| {
            let source = Source { available: true, reason: None, left_out: Some(what.into()) };
            about.sources.entry(name.to_owned()).or_insert(source);
        };
        if !self.places.contains("") || self.places.len() > 1 {
            let read: Vec<_> =
                self.places.iter().filter(|place| !place.is_empty()).cloned().collect();
            if !read.is_empty() {
                leave_out(
                    "kubernetes",
                    format!("some kinds in namespaces other than {}", read.join(", ")),
                );
            }
        }
        for (name, selectors) in &self.selected {
            let selectors: Vec<_> = selectors.iter().map(String::as_str).collect();
            leave_out(name, format!("some of it was read only with {}", selectors.join(" and ")));
        }
        if !self.logs.is_empty() {
            leave_out("logs", "all but what the investigation read".to_owned());
        }
    }
}

/// The name of a resource under `sources`.
fn source_name(target: &Target) -> String {
    let known = resources::built_in();
    match known.iter().any(|one| one.plural == target.plural && one.of.group == target.group) {
        true => target.plural.clone(),
        false => format!("{}.{}", target.plural, target.group),
    }
}

/// Whether it was asked for in full.
fn is_full(heard: &Heard) -> bool {
    let accept = heard.headers.get(http::header::ACCEPT).and_then(|accept| accept.to_str().ok());
    !accept.unwrap_or_default().contains("as=")
}

fn has_times(heard: &Heard) -> bool {
    Query::parse(heard.uri.query().unwrap_or_default()).flag("timestamps")
}

/// The pages of a list that was read in full and to its end.
fn full_pages(heard: &[Heard]) -> Option<Vec<Value>> {
    let full = heard.iter().filter(|one| one.status.is_success() && is_full(one));
    let mut pages = Vec::new();
    for one in full {
        pages.push(serde_json::from_slice::<Value>(one.body.as_ref()?).ok()?);
    }
    let ended = pages.last().is_some_and(|page| text(page, "/metadata/continue").is_empty());
    ended.then_some(pages)
}

async fn all_pages(
    read: &Read,
    heard: &Heard,
    transport: &dyn Transport,
) -> Result<Vec<Value>, String> {
    let mut pages: Vec<Value> = Vec::new();
    let mut from = String::new();
    loop {
        let query = url::form_urlencoded::Serializer::new(read.selectors.clone())
            .extend_pairs([("limit", "500")])
            .extend_pairs((!from.is_empty()).then_some(("continue", &from)))
            .finish();
        let path = format!("{}?{query}", heard.uri.path());
        let body = reread::read(heard, &path, transport).await?;
        let page: Value =
            serde_json::from_slice(&body).map_err(|error| format!("{path}: {error}"))?;
        let next = text(&page, "/metadata/continue").to_owned();
        pages.push(page);
        if next.is_empty() || next == from {
            return Ok(pages);
        }
        from = next;
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
