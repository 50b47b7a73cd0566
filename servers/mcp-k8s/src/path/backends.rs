//! The pods that a Service selects, and the endpoints that its EndpointSlices list.

use super::{Pass, Step};
use crate::unwell;
use evidence::fact::Body;
use evidence::fact::meta::condition;
use evidence::fact::network::Service;
use evidence::fact::pod::Pod;
use jiff::Timestamp;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use mcp::age;
use std::collections::{BTreeMap, BTreeSet};

/// Keys and values that are named of one set of labels.
const MOST_LABELS: usize = 4;

/// One address behind a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `IPv4` or `IPv6`.
    pub(crate) family: String,
    /// The address.
    pub(crate) address: String,
    /// The pod that has it, where it is one's.
    pub(crate) pod: Option<String>,
    /// The node that it is on.
    pub(crate) node: Option<String>,
    /// It takes connections.
    pub(crate) ready: bool,
    /// It would if it were not being deleted.
    pub(crate) serving: bool,
    /// It is being deleted.
    pub(crate) terminating: bool,
    /// Ports of its slice: name, number and protocol.
    pub(crate) ports: Vec<(String, u16, String)>,
}

impl Endpoint {
    /// What it is known by.
    fn id(&self) -> &str {
        self.pod.as_deref().unwrap_or(&self.address)
    }
}

/// The endpoints of all slices, in the order of their addresses.
pub(crate) fn endpoints(slices: Vec<EndpointSlice>) -> Vec<Endpoint> {
    let mut all = Vec::new();
    for slice in slices {
        let ports: Vec<(String, u16, String)> = slice
            .ports
            .unwrap_or_default()
            .into_iter()
            .filter_map(|it| {
                let number = u16::try_from(it.port?).ok()?;
                let protocol = it.protocol.unwrap_or_else(|| "TCP".to_owned());
                Some((it.name.unwrap_or_default(), number, protocol))
            })
            .collect();
        for one in slice.endpoints {
            let says = one.conditions.unwrap_or_default();
            // Nobody having said is ready, as the API defines it; serving follows ready.
            let ready = says.ready.unwrap_or(true);
            let pod = one.target_ref.filter(|it| it.kind.as_deref() == Some("Pod"));
            all.push(Endpoint {
                family: slice.address_type.clone(),
                address: one.addresses.into_iter().next().unwrap_or_default(),
                pod: pod.and_then(|it| it.name),
                node: one.node_name,
                ready,
                serving: says.serving.unwrap_or(ready),
                terminating: says.terminating.unwrap_or(false),
                ports: ports.clone(),
            });
        }
    }
    all.sort_by(|one, other| (&one.family, &one.address).cmp(&(&other.family, &other.address)));
    all
}

/// The endpoints that get connections: those that are ready or, where none is, those that still serve on their way out.
pub(crate) fn used<'a>(service: &Service, endpoints: &'a [Endpoint]) -> Vec<&'a Endpoint> {
    let ready: Vec<&Endpoint> = endpoints.iter().filter(|it| it.ready).collect();
    // Names are answered with ready addresses alone.
    if !ready.is_empty() || service.headless {
        return ready;
    }
    endpoints.iter().filter(|it| it.serving && it.terminating).collect()
}

/// How many addresses, each pod counted once, are used and how many there are.
pub(crate) fn counted(used: &[&Endpoint], all: &[Endpoint]) -> (usize, usize) {
    let of = |it: &mut dyn Iterator<Item = &Endpoint>| {
        it.map(Endpoint::id).collect::<BTreeSet<&str>>().len()
    };
    (of(&mut used.iter().copied()), of(&mut all.iter()))
}

/// What is known about the pods behind a Service.
pub(crate) struct Pods<'a> {
    /// Those that its selector matches; none where they could not be read.
    pub(crate) seen: Option<&'a [Pod]>,
    /// Why they could not be read.
    pub(crate) why: &'a str,
    /// What stands near where none matches: `Deployment web wants 0 pods`.
    pub(crate) near: &'a [String],
}

/// Whether the selector matches pods, and how they do.
pub(crate) fn pods(service: &Service, pods: &Pods<'_>, now: Timestamp) -> Step {
    let selector = labels(&service.selector);
    if service.selector.is_empty() {
        return Step::new("pods", Pass::Open, "no selector: somebody else writes the endpoints");
    }
    let Some(seen) = pods.seen else {
        return Step::new("pods", Pass::Unknown, format!("pods {}", pods.why));
    };
    if seen.is_empty() {
        let says = format!("no pod matches its selector {selector}");
        return Step::new("pods", Pass::Closed, says).because(pods.near.join("; "));
    }
    let ready = seen.iter().filter(|it| is_ready(it)).count();
    let leaving = seen.iter().filter(|it| it.meta.deleted.is_some()).count();
    let mut says = format!("{} match {selector}, {ready} ready", seen.len());
    if leaving > 0 {
        says.push_str(&format!(", {leaving} being deleted"));
    }
    if ready > 0 || service.publishes_not_ready {
        return Step::new("pods", Pass::Open, says);
    }
    let why = seen.iter().find_map(|it| {
        let trouble = unwell::why(&Body::Pod(it.clone()), now)?;
        Some(format!("{}: {}", it.meta.entity("Pod"), trouble.says))
    });
    let says = match seen.len() {
        1 => format!("the one pod of {selector} is not ready"),
        count => format!("none of the {count} pods of {selector} is ready"),
    };
    Step::new("pods", Pass::Closed, says).because(why.unwrap_or_default())
}

/// Whether the slices list endpoints that get connections, in every address family of the Service. `ready` pods say that
/// they are ready.
pub(crate) fn listed(
    service: &Service,
    families: &[String],
    endpoints: Option<&[Endpoint]>,
    why: &str,
    ready: usize,
) -> Step {
    let Some(all) = endpoints else {
        return Step::new("endpoints", Pass::Unknown, format!("EndpointSlices: {why}"));
    };
    let used = used(service, all);
    let (count, total) = counted(&used, all);
    if count == 0 {
        return none(service, families, all, ready);
    }
    let has = |family: &&String| used.iter().any(|it| it.family == **family);
    let missing: Vec<&str> = families.iter().filter(|it| !has(it)).map(String::as_str).collect();
    if missing.len() == families.len() && !families.is_empty() {
        let says = format!("no endpoint has an {} address", missing.join(" or "));
        return Step::new("endpoints", Pass::Closed, says);
    }
    let spread = nodes(&used);
    if let Some(family) = missing.first() {
        let says = format!("{family} leads nowhere: no endpoint has such an address");
        return Step::new("endpoints", Pass::Partly, says);
    }
    if !used.iter().any(|it| it.ready) {
        let says = format!("only {} on the way out still serves", age::counted(count, "pod"));
        return Step::new("endpoints", Pass::Partly, says);
    }
    let says = format!("{count} of {total} ready{spread}");
    if service.publishes_not_ready && ready == 0 && !service.selector.is_empty() {
        let says = format!("{count} listed, though none of their pods is ready");
        let detail = "publishNotReadyAddresses lists them all the same, and they may refuse";
        return Step::new("endpoints", Pass::Doubtful, says).because(detail);
    }
    Step::new("endpoints", Pass::Open, says)
}

/// Why no endpoint is used where the pods do not say it.
fn none(service: &Service, families: &[String], all: &[Endpoint], ready: usize) -> Step {
    let step = |says: String| Step::new("endpoints", Pass::Closed, says);
    if service.selector.is_empty() {
        return step(match all.len() {
            0 => "it has no selector, and nobody has written endpoints for it".to_owned(),
            count => format!("none of the {count} endpoints written by hand is ready"),
        });
    }
    if !all.is_empty() {
        return step(format!(
            "0 of {} ready, by its EndpointSlices",
            age::counted(all.len(), "endpoint")
        ));
    }
    let says = step(format!("no EndpointSlice lists its {}", age::counted(ready, "ready pod")));
    let detail =
        "the endpoint slice controller has not come to them, or they have no address of its family";
    says.because(format!("{detail} ({})", families.join(", ")))
}

fn nodes(used: &[&Endpoint]) -> String {
    let nodes: BTreeSet<&str> = used.iter().filter_map(|it| it.node.as_deref()).collect();
    match nodes.len() {
        0 => String::new(),
        1..=3 => format!(", on {}", nodes.into_iter().collect::<Vec<_>>().join(", ")),
        count => format!(", on {count} nodes"),
    }
}

/// Whether a pod says that it is ready.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let ready = condition(&pod.conditions, "Ready").is_some_and(|it| it.status == "True");
    ready && pod.meta.deleted.is_none()
}

/// Labels as a selector takes them.
pub(crate) fn labels(labels: &BTreeMap<String, String>) -> String {
    let mut named: Vec<String> =
        labels.iter().take(MOST_LABELS).map(|(key, value)| format!("{key}={value}")).collect();
    if labels.len() > MOST_LABELS {
        named.push("...".to_owned());
    }
    named.join(",")
}
