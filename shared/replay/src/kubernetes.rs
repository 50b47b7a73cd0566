//! A snapshot as a read-only Kubernetes API, with the semantics of the real one.

mod accept;
mod access;
pub(crate) mod address;
mod discovery;
mod fields;
mod labels;
mod list;
mod logs;
pub(crate) mod query;
mod reply;
mod since;
mod table;

use crate::kubernetes::address::{Address, Target};
use crate::kubernetes::query::Query;
use crate::kubernetes::reply::{About, Reply};
use crate::response;
use crate::snapshot::Snapshot;
use crate::snapshot::resources::Resource;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use http::header::ACCEPT;
use http::{Method, Request, Response, StatusCode};
use readonly::redact::Redactor;
use readonly::refusal::Refusal;
use readonly::transport::{Body, Transport};
use serde_json::{Value, json};
use std::sync::Arc;

/// The API server of a cluster that is only a snapshot. It says the same to everybody, and always what was true when
/// the snapshot was taken.
pub struct Kubernetes {
    snapshot: Arc<Snapshot>,
    /// The newest resource version in it: that of every list.
    version: u64,
}

impl Kubernetes {
    /// Serves this snapshot. Secrets left in it get the same marks in every process: what captured it has already
    /// replaced the real ones by marks of a random key.
    pub fn of(snapshot: Arc<Snapshot>) -> Kubernetes {
        Redactor::fix_process(*b"the marks of a replay never vary");
        let objects = snapshot.objects.of_kind.values().flat_map(|all| all.values());
        let version =
            objects.filter_map(|one| one.text("/metadata/resourceVersion").parse().ok()).max();
        Kubernetes { snapshot, version: version.unwrap_or(1) }
    }

    /// Answers one request.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let reply = self.reply(request).unwrap_or_else(|refused| refused);
        let now = self.snapshot.about.captured_at;
        response::of(reply.status, reply.content_type, reply.body, now)
    }

    fn reply(&self, request: &Request<Bytes>) -> Result<Reply, Reply> {
        let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let Some(address) = address::parse(request.uri().path()) else {
            return Err(reply::no_such_path());
        };
        let query = Query::parse(request.uri().query().unwrap_or_default());
        if let Address::Resource(target) = &address
            && request.method() == Method::POST
            && target.group == "authorization.k8s.io"
        {
            return access::review(&self.snapshot, &target.plural, request.body())
                .ok_or_else(reply::not_allowed);
        }
        if request.method() != Method::GET {
            return Err(reply::not_allowed());
        }
        match address {
            Address::Root(name) => root(&name),
            Address::Groups { core } => Ok(self.groups(core, accept)),
            Address::Group(group) => found(discovery::group(self.resources(), &group)),
            Address::Resources { group, version } => {
                found(discovery::resource_list(self.resources(), &group, &version))
            }
            Address::Resource(target) => self.resource(&target, &query, accept),
        }
    }

    fn resources(&self) -> &[Resource] {
        &self.snapshot.objects.resources
    }

    fn groups(&self, core: bool, accept: Option<&str>) -> Reply {
        if accept::aggregated(accept).is_some() {
            let mut reply =
                Reply::json(StatusCode::OK, &discovery::aggregated(self.resources(), core));
            reply.content_type =
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
            return reply;
        }
        let plain =
            if core { discovery::core_versions() } else { discovery::group_list(self.resources()) };
        Reply::json(StatusCode::OK, &plain)
    }

    /// Reads a collection, an object or a log.
    fn resource(
        &self,
        target: &Target,
        query: &Query,
        accept: Option<&str>,
    ) -> Result<Reply, Reply> {
        let resource = self.find(target)?;
        let about = About {
            group: &target.group,
            plural: &target.plural,
            namespace: if target.plural == "namespaces" { &target.name } else { &target.namespace },
            name: &target.name,
        };
        let verb = if target.name.is_empty() { "list" } else { "get" };
        if let Some(why) = access::denied(&self.snapshot, resource) {
            return Err(reply::forbidden(&about, verb, &target.plural, &why));
        }
        let now = self.snapshot.about.captured_at;
        if target.name.is_empty() {
            if query.flag("watch") {
                return Err(reply::not_allowed());
            }
            let form = accept::form(accept)?;
            return list::list(
                &self.snapshot.objects,
                self.version,
                resource,
                target,
                form,
                query,
                now,
            );
        }
        let object = self.snapshot.objects.get(&resource.of, &target.namespace, &target.name);
        let object = object.ok_or_else(|| reply::not_found(&about))?;
        match target.part.as_str() {
            "" | "status" => Ok(list::get(object, resource, accept::form(accept)?, query, now)),
            "log" if target.plural == "pods" => {
                if let Some(why) = access::logs_denied(&self.snapshot) {
                    return Err(reply::forbidden(&about, "get", "pods/log", &why));
                }
                logs::read(&self.snapshot, object, query)
            }
            _ => Err(reply::no_such_resource()),
        }
    }

    fn find(&self, target: &Target) -> Result<&Resource, Reply> {
        let mut of_group =
            self.resources().iter().filter(|one| one.of.group == target.group).peekable();
        if of_group.peek().is_none() {
            return Err(reply::no_such_path());
        }
        let resource = of_group
            .find(|one| one.version == target.version && one.plural == target.plural)
            .ok_or_else(reply::no_such_resource)?;
        // A collection may be read across namespaces; everything else is where it is.
        let placed = resource.namespaced != target.namespace.is_empty();
        if placed || (resource.namespaced && target.name.is_empty()) {
            return Ok(resource);
        }
        Err(reply::no_such_resource())
    }
}

fn found(document: Option<Value>) -> Result<Reply, Reply> {
    document.map(|document| Reply::json(StatusCode::OK, &document)).ok_or_else(reply::no_such_path)
}

fn root(name: &str) -> Result<Reply, Reply> {
    match name {
        "readyz" | "livez" | "healthz" => Ok(Reply::text(StatusCode::OK, "ok")),
        "version" => {
            let version = json!({
                "major": "1", "minor": "34", "gitVersion": "v1.34.0+snapshot", "gitCommit": "",
                "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": "",
            });
            Ok(Reply::json(StatusCode::OK, &version))
        }
        _ => Err(reply::no_such_path()),
    }
}

impl Transport for Kubernetes {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let response = self.answer(&request);
        let response = response.map(|body| stream::iter([Ok(body)]).boxed());
        std::future::ready(Ok(response)).boxed()
    }
}
