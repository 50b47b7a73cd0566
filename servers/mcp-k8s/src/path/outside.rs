//! What leads to a Service from outside of the cluster: Ingresses and routes, and what these refer to.

use super::reading::{Read, namespaces, taken, why};
use super::routes::{self, GROUP, Gateway};
use crate::survey::reading::Desk;
use crate::survey::record::Record;
use crate::translate::network::ingress;
use crate::translate::object;
use clients::kubernetes::groups::Groups;
use clients::kubernetes::list::{ListOptions, Metadata};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{INGRESS_CLASSES, INGRESSES};
use clients::kubernetes::resource::Resource;
use clients::kubernetes::words::Meaning;
use evidence::fact::Body;
use evidence::fact::network::Ingress;
use evidence::fact::object::Object;
use futures::future::join_all;
use mcp::failure::{Code, Failure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::timeout_at;

/// Kinds of routes that lead to Services: plural and kind.
const ROUTES: [(&str, &str); 2] = [("httproutes", "HTTPRoute"), ("grpcroutes", "GRPCRoute")];
/// Gateways that are looked at for one Service's routes.
const MOST_GATEWAYS: usize = 10;

/// Ways in from outside, as far as they could be read.
pub(crate) struct Outside {
    /// Ingresses that lead to the Service.
    pub(crate) ingresses: Vec<Ingress>,
    /// IngressClasses, by name.
    pub(crate) classes: Read<Vec<String>>,
    /// Routes that lead to the Service, by kind.
    pub(crate) routes: Vec<(&'static str, Value)>,
    /// ReferenceGrants of the Service's namespace.
    pub(crate) grants: Read<Vec<Value>>,
    /// The Gateways that the routes name.
    pub(crate) gateways: BTreeMap<(String, String), Gateway>,
    /// Labels of the routes' namespaces, where a Gateway asks for them.
    pub(crate) namespaces: BTreeMap<String, BTreeMap<String, String>>,
    /// What could not be read.
    pub(crate) unseen: Vec<String>,
}

impl Default for Outside {
    fn default() -> Self {
        Outside {
            ingresses: Vec::new(),
            classes: Ok(Vec::new()),
            routes: Vec::new(),
            grants: Ok(Vec::new()),
            gateways: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            unseen: Vec::new(),
        }
    }
}

/// Reads what leads to a Service. Routes are read where their group is served.
pub(crate) async fn read(
    desk: &Desk,
    record: &mut Record,
    groups: Option<&Groups>,
    namespace: &str,
    name: &str,
) -> Outside {
    let mut outside = Outside::default();
    let here = Reach::Namespace(namespace);
    let reading = desk.objects(&INGRESSES, here, |it| Body::Ingress(ingress(it))).await;
    match taken(&reading, of_ingress) {
        Ok(all) => {
            let leads = |it: &Ingress| it.routes.iter().any(|route| route.service == name);
            outside.ingresses = all.into_iter().filter(leads).collect();
        }
        Err(why) => outside.unseen.push(format!("Ingresses {why}")),
    }
    record.add(reading);
    if !outside.ingresses.is_empty() {
        let reading = desk.names(&INGRESS_CLASSES, Reach::Cluster, class).await;
        let names =
            taken(&reading, |body| if let Body::Object(it) = body { Some(it) } else { None });
        outside.classes = names.map(|all| all.into_iter().map(|it| it.meta.name).collect());
        record.add(reading);
    }
    if groups.is_some_and(|it| it.preferred.contains_key(GROUP)) {
        routed(desk, record, &mut outside, namespace, name).await;
    }
    outside
}

fn of_ingress(body: &Body) -> Option<&Ingress> {
    if let Body::Ingress(it) = body { Some(it) } else { None }
}

fn class(from: Metadata) -> Body {
    let meta = crate::translate::meta::meta(from.metadata);
    let api_version = INGRESS_CLASSES.api_version();
    Body::Object(Object { kind: "IngressClass".to_owned(), api_version, meta, ..Object::default() })
}

/// Routes of any namespace to the Service, and the Gateways, grants and namespaces that decide about them.
async fn routed(
    desk: &Desk,
    record: &mut Record,
    outside: &mut Outside,
    namespace: &str,
    name: &str,
) {
    for (plural, kind) in ROUTES {
        let resource = match served(desk, plural).await {
            Ok(Some(resource)) => resource,
            Ok(None) => continue,
            Err(why) => {
                outside.unseen.push(format!("{kind}s {why}"));
                continue;
            }
        };
        let mut read = values(desk, record, &resource, Reach::Cluster).await;
        if read.is_err() {
            outside
                .unseen
                .push(format!("{kind}s of other namespaces {}", read.err().unwrap_or_default()));
            read = values(desk, record, &resource, Reach::Namespace(namespace)).await;
        }
        match read {
            Ok(all) => {
                let leads = |it: &Value| !routes::references(it, namespace, name).is_empty();
                outside.routes.extend(all.into_iter().filter(leads).map(|it| (kind, it)));
            }
            Err(why) => outside.unseen.push(format!("{kind}s {why}")),
        }
    }
    if outside.routes.is_empty() {
        return;
    }
    let home = |it: &Value| routes::text(it, "/metadata/namespace").to_owned();
    if outside.routes.iter().any(|(_, it)| home(it) != namespace) {
        outside.grants = match served(desk, "referencegrants").await {
            Ok(Some(it)) => values(desk, record, &it, Reach::Namespace(namespace)).await,
            Ok(None) => Ok(Vec::new()),
            Err(why) => Err(why),
        };
    }
    let named: BTreeSet<(String, String)> =
        outside.routes.iter().flat_map(|(_, it)| routes::gateways(it)).collect();
    let resource = served(desk, "gateways").await;
    let reads = named.into_iter().take(MOST_GATEWAYS).map(|(namespace, name)| {
        let resource = resource.clone();
        async move {
            ((namespace.clone(), name.clone()), gateway(desk, resource, &namespace, &name).await)
        }
    });
    outside.gateways = join_all(reads).await.into_iter().collect();
    let homes: BTreeSet<String> = outside.routes.iter().map(|(_, it)| home(it)).collect();
    outside.namespaces = namespaces(desk, homes.iter().map(String::as_str)).await;
}

/// The kind of the Gateway API in the version that the cluster serves; none where it serves none.
async fn served(desk: &Desk, plural: &str) -> Read<Option<Resource>> {
    let word = format!("{plural}.{GROUP}");
    match timeout_at(desk.deadline, desk.client.resolve(&word)).await {
        Err(_) => Err("may be served: no answer in time".to_owned()),
        Ok(Ok(Meaning::Kind(resource))) => Ok(Some(resource)),
        Ok(Ok(Meaning::Unanswered { groups, .. })) => {
            Err(format!("may be served: {} did not answer", groups.join(", ")))
        }
        Ok(Ok(_)) => Ok(None),
        Ok(Err(refusal)) => {
            let failure = Failure::from(&refusal);
            Err(why(failure.code, &failure.message))
        }
    }
}

async fn values(
    desk: &Desk,
    record: &mut Record,
    resource: &Resource,
    reach: Reach<'_>,
) -> Read<Vec<Value>> {
    let mut all = Vec::new();
    let mut reading =
        desk.each(resource, reach, ListOptions::default(), |it: Value| all.push(it)).await;
    let (api_version, kind) = (resource.api_version(), resource.kind.as_ref());
    let bodies = all.iter().filter_map(|it| object::object(&api_version, kind, it.clone()).ok());
    reading.bodies = bodies.map(Body::Object).collect();
    let read = match &reading.trouble {
        Some(trouble) => Err(why(trouble.code, &trouble.why)),
        None => Ok(all),
    };
    record.add(reading);
    read
}

async fn gateway(
    desk: &Desk,
    resource: Read<Option<Resource>>,
    namespace: &str,
    name: &str,
) -> Gateway {
    let resource = match resource {
        Ok(Some(resource)) => resource,
        Ok(None) => return Gateway::Absent,
        Err(why) => return Gateway::Unseen(why),
    };
    let got = desk.client.get::<Value>(&resource, Reach::Namespace(namespace), name);
    match timeout_at(desk.deadline, got).await {
        Err(_) => Gateway::Unseen("no answer in time".to_owned()),
        Ok(Ok(got)) => Gateway::There(got.object),
        Ok(Err(refusal)) => match Failure::from(&refusal) {
            failure if failure.code == Code::NotFound => Gateway::Absent,
            failure if failure.code == Code::Forbidden => {
                Gateway::Unseen("may not be read (403)".to_owned())
            }
            failure => Gateway::Unseen(failure.message),
        },
    }
}
