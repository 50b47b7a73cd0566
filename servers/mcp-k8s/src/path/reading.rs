//! Everything that is read about the path to a Service, in three rounds: what stands at the Service, what refers to it,
//! and what that refers to.

use super::backends::{self, Endpoint};
use super::caller::Caller;
use super::near;
use super::others;
use super::outside::{self, Outside};
use super::{Pass, Step};
use crate::survey::custom;
use crate::survey::reading::{Desk, Reading};
use crate::survey::record::Record;
use crate::translate::network::network_policy;
use crate::translate::slices::Slices;
use crate::translate::{pod, workload};
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{
    DAEMON_SETS, DEPLOYMENTS, ENDPOINT_SLICES, NAMESPACES, NETWORK_POLICIES, PODS, STATEFUL_SETS,
};
use evidence::fact::Body;
use evidence::fact::network::{NetworkPolicy, Service};
use evidence::fact::pod::Pod;
use futures::future::{OptionFuture, join_all};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use mcp::failure::Code;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::timeout_at;

/// Neighbours that are looked at where a selector matches nothing.
const MOST_NEAR: usize = 500;

/// What was read, or why not.
pub(crate) type Read<T> = Result<T, String>;

/// What was seen of a path.
pub(crate) struct Seen {
    /// The pods that the selector matches.
    pub(crate) pods: Read<Vec<Pod>>,
    /// What stands near where it matches none.
    pub(crate) near: Vec<String>,
    /// The endpoints.
    pub(crate) endpoints: Read<Vec<Endpoint>>,
    /// Policies of the Service's namespace.
    pub(crate) policies: Read<Vec<NetworkPolicy>>,
    /// Policies of the caller's namespace, where it is another.
    pub(crate) outward: Option<Read<Vec<NetworkPolicy>>>,
    /// Labels of namespaces, by name.
    pub(crate) namespaces: BTreeMap<String, BTreeMap<String, String>>,
    /// Rules that are not evaluated.
    pub(crate) others: Option<Step>,
    /// Ways in from outside.
    pub(crate) outside: Outside,
}

/// Reads all of it. `service` is none where it does not exist, and what refers to it is read all the same.
pub(crate) async fn read(
    desk: &Desk,
    record: &mut Record,
    (namespace, name): (&str, &str),
    service: Option<&Service>,
    caller: Option<&Caller>,
) -> Seen {
    let here = Reach::Namespace(namespace);
    let from = caller.map(|it| it.entity.namespace.as_str());
    let elsewhere = from.filter(|it| *it != namespace);
    let selector = service.map(|it| it.selector.clone()).unwrap_or_default();
    let (pods, slices, inward, outward, namespaces, groups) = tokio::join!(
        OptionFuture::from((!selector.is_empty()).then(|| pods(desk, here, &selector))),
        slices(desk, here, name),
        policies(desk, here),
        OptionFuture::from(elsewhere.map(|it| policies(desk, Reach::Namespace(it)))),
        namespaces(desk, from.into_iter().chain(from.map(|_| namespace))),
        custom::served(desk),
    );
    let mut seen = Seen {
        pods: pods.as_ref().map_or(Ok(Vec::new()), |it| taken(it, of_pod)),
        near: Vec::new(),
        endpoints: slices.1,
        policies: taken(&inward, of_policy),
        outward: outward.as_ref().map(|it| taken(it, of_policy)),
        namespaces,
        others: None,
        outside: Outside::default(),
    };
    record.add(slices.0);
    record.add(inward);
    pods.into_iter().chain(outward).for_each(|it| record.add(it));
    if !selector.is_empty() && seen.pods.as_ref().is_ok_and(Vec::is_empty) {
        seen.near = near::to(&selector, &neighbours(desk, here).await);
    }
    let places: Vec<&str> = [Some(namespace), elsewhere].into_iter().flatten().collect();
    seen.others = match &groups {
        Ok(groups) => others::look(desk, groups, &places).await,
        Err(trouble) => {
            let says = format!("which other kinds there are: {}", trouble.why);
            Some(Step::new("other policies", Pass::Unknown, says))
        }
    };
    if caller.is_none() {
        let groups = groups.ok();
        seen.outside = outside::read(desk, record, groups.as_deref(), namespace, name).await;
    }
    seen
}

/// What a read brought of one kind; why not, where it did not bring all.
pub(crate) fn taken<T: Clone>(reading: &Reading, of: fn(&Body) -> Option<&T>) -> Read<Vec<T>> {
    match &reading.trouble {
        Some(trouble) => Err(why(trouble.code, &trouble.why)),
        None => Ok(reading.bodies.iter().filter_map(of).cloned().collect()),
    }
}

/// Why something could not be read, in a few words.
pub(crate) fn why(code: Code, why: &str) -> String {
    match code {
        Code::Forbidden => "may not be listed (403)".to_owned(),
        _ => format!("could not be read: {why}"),
    }
}

fn of_pod(body: &Body) -> Option<&Pod> {
    if let Body::Pod(it) = body { Some(it) } else { None }
}

fn of_policy(body: &Body) -> Option<&NetworkPolicy> {
    if let Body::NetworkPolicy(it) = body { Some(it) } else { None }
}

async fn policies(desk: &Desk, reach: Reach<'_>) -> Reading {
    desk.objects(&NETWORK_POLICIES, reach, |it| Body::NetworkPolicy(network_policy(it))).await
}

async fn pods(desk: &Desk, reach: Reach<'_>, selector: &BTreeMap<String, String>) -> Reading {
    let labels: Vec<String> =
        selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let options = ListOptions { labels: labels.join(","), ..ListOptions::default() };
    let mut bodies = Vec::new();
    let visit = |it| bodies.push(Body::Pod(pod::pod(it)));
    let mut reading = desk.each(&PODS, reach, options, visit).await;
    reading.bodies = bodies;
    reading.is_look = false;
    reading
}

async fn slices(desk: &Desk, reach: Reach<'_>, name: &str) -> (Reading, Read<Vec<Endpoint>>) {
    let labels = format!("kubernetes.io/service-name={name}");
    let options = ListOptions { labels, ..ListOptions::default() };
    let mut slices: Vec<EndpointSlice> = Vec::new();
    let mut reading = desk.each(&ENDPOINT_SLICES, reach, options, |slice| slices.push(slice)).await;
    let mut all = Slices::default();
    slices.iter().for_each(|slice| all.add(slice.clone()));
    reading.bodies = all.all().map(Body::Endpoints).collect();
    reading.is_look = false;
    let endpoints = match &reading.trouble {
        Some(trouble) => Err(why(trouble.code, &trouble.why)),
        None => Ok(backends::endpoints(slices)),
    };
    (reading, endpoints)
}

/// Labels of namespaces; one that cannot be read is not among them.
pub(crate) async fn namespaces(
    desk: &Desk,
    names: impl Iterator<Item = &str>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let names: BTreeSet<&str> = names.collect();
    let reads = names.into_iter().map(|name| async move {
        let resource = NAMESPACES;
        let got = desk.client.get::<Value>(&resource, Reach::Cluster, name);
        let got = timeout_at(desk.deadline, got).await.ok()?.ok()?;
        let labels = got.object.pointer("/metadata/labels").cloned().unwrap_or_default();
        Some((name.to_owned(), serde_json::from_value(labels).unwrap_or_default()))
    });
    join_all(reads).await.into_iter().flatten().collect()
}

/// Workloads, and pods that nobody owns.
async fn neighbours(desk: &Desk, reach: Reach<'_>) -> Vec<Body> {
    let mut bare = Vec::new();
    let (deployment, stateful_set, daemon_set) = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS);
    let (deployments, stateful_sets, daemon_sets, _) = tokio::join!(
        desk.objects(&deployment, reach, |it| Body::Workload(workload::deployment(it))),
        desk.objects(&stateful_set, reach, |it| Body::Workload(workload::stateful_set(it))),
        desk.objects(&daemon_set, reach, |it| Body::Workload(workload::daemon_set(it))),
        bare_pods(desk, reach, &mut bare),
    );
    let all = [deployments.bodies, stateful_sets.bodies, daemon_sets.bodies, bare];
    all.into_iter().flatten().collect()
}

async fn bare_pods(desk: &Desk, reach: Reach<'_>, bodies: &mut Vec<Body>) {
    let options = ListOptions { at_most: MOST_NEAR, ..ListOptions::default() };
    desk.each(&PODS, reach, options, |it| bodies.push(Body::Pod(pod::pod(it)))).await;
}
