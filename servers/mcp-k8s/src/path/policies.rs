//! What NetworkPolicies make of a path: who may come in to the pods behind a Service, and whether a caller may go out.

use super::backends::Endpoint;
use super::caller::Caller;
use super::{Pass, Step, together};
use crate::path::backends::labels;
use diagnosis::policy::{self, Called, Doubt, End, Says, Way};
use evidence::fact::meta::Selector;
use evidence::fact::network::{Allowance, NetworkPolicy, Peer};
use evidence::fact::pod::Pod;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What nobody reads from the API.
const ENFORCED: &str = "if the network plugin enforces NetworkPolicies";
/// Peers that are named of those whom policies let in.
const MOST_PEERS: usize = 4;
/// Policies that are named.
const MOST_NAMES: usize = 3;
/// Where the name service runs, and its pods' labels.
const DNS: (&str, &str, &str) = ("kube-system", "k8s-app", "kube-dns");

/// The policies of a namespace, as far as they could be read.
pub(crate) struct Policies<'a> {
    /// The policies; none where they could not be read.
    pub(crate) seen: Option<&'a [NetworkPolicy]>,
    /// Why they could not be read.
    pub(crate) why: &'a str,
}

/// What is called: one port of the pods behind a Service.
pub(crate) struct Target<'a> {
    /// What the Service calls it: `80/TCP`.
    pub(crate) label: String,
    /// `TCP`, `UDP` or `SCTP`.
    pub(crate) protocol: &'a str,
    /// The endpoints and their port.
    pub(crate) endpoints: &'a [(&'a Endpoint, u16)],
}

/// Both ends and what isolates them.
pub(crate) struct Between<'a> {
    /// The Service's namespace.
    pub(crate) namespace: &'a str,
    /// Its own addresses: plugins differ in whether a policy sees these or a pod's.
    pub(crate) addresses: &'a [IpAddr],
    /// Labels of the namespaces that were seen, by name.
    pub(crate) namespaces: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// The pods behind the Service; none where they could not be read.
    pub(crate) pods: Option<&'a [Pod]>,
    /// Policies of the Service's namespace.
    pub(crate) inward: Policies<'a>,
    /// Policies of the caller's namespace.
    pub(crate) outward: Policies<'a>,
}

/// What comes in, and where a caller is named what goes out.
pub(crate) fn steps(
    between: &Between<'_>,
    caller: Option<&Caller>,
    targets: &[Target<'_>],
) -> Vec<Step> {
    let inward = targets.iter().map(|it| coming_in(between, caller, it)).collect();
    let mut steps = vec![merged("policies in", inward, targets)];
    let Some(caller) = caller else { return steps };
    let outward = targets.iter().map(|it| going_out(between, caller, it)).collect();
    steps.push(merged("policies out", outward, targets));
    steps.extend(name_service(between, caller));
    steps
}

/// The same thing said of all ports is said once.
fn merged(name: &str, each: Vec<Step>, targets: &[Target<'_>]) -> Step {
    let pass = together(each.iter().map(|it| it.pass));
    let Some(first) = each.first() else {
        return Step::new(name, Pass::Open, "no port to ask about");
    };
    if each.iter().all(|it| it == first) {
        return Step { name: name.to_owned(), ..first.clone() };
    }
    let worst = each.iter().zip(targets).filter(|(it, _)| it.pass != Pass::Open);
    let says: Vec<String> =
        worst.map(|(it, target)| format!("{}: {}", target.label, it.says)).collect();
    Step::new(name, pass, says.join("; "))
}

/// What the policies that isolate the pods say.
fn coming_in(between: &Between<'_>, caller: Option<&Caller>, target: &Target<'_>) -> Step {
    let step = |pass, says: String| Step::new("", pass, says);
    let Some(policies) = between.inward.seen else {
        return step(Pass::Unknown, format!("NetworkPolicies: {}", between.inward.why));
    };
    let of_pods: Vec<&(&Endpoint, u16)> =
        target.endpoints.iter().filter(|(it, _)| it.pod.is_some()).collect();
    if of_pods.is_empty() && !target.endpoints.is_empty() {
        return step(Pass::Open, "the endpoints are no pods, so none holds for them".to_owned());
    }
    let effective = policies.iter().any(|it| it.isolates_ingress);
    if !effective {
        return step(Pass::Open, "no NetworkPolicy isolates its pods".to_owned());
    }
    let Some(pods) = between.pods else {
        return step(
            Pass::Unknown,
            "its pods were not seen, so nobody can tell which NetworkPolicies hold".to_owned(),
        );
    };
    let mut each = Vec::new();
    for (endpoint, port) in of_pods {
        let pod = pods.iter().find(|it| Some(&it.meta.name) == endpoint.pod.as_ref());
        let Some(pod) = pod else {
            each.push(step(Pass::Unknown, "a pod of it was not seen".to_owned()));
            continue;
        };
        let called = Called { protocol: target.protocol, port: *port };
        each.push(one_pod(between, policies, pod, endpoint, caller, called));
    }
    alike(each)
}

fn one_pod(
    between: &Between<'_>,
    policies: &[NetworkPolicy],
    pod: &Pod,
    endpoint: &Endpoint,
    caller: Option<&Caller>,
    called: Called<'_>,
) -> Step {
    let addresses: Vec<IpAddr> = endpoint.address.parse().into_iter().collect();
    let own = End { addresses: &addresses, ..End::of(pod) };
    let isolating: Vec<&NetworkPolicy> =
        policies.iter().filter(|it| policy::isolates(it, Way::In, own)).collect();
    if isolating.is_empty() {
        return Step::new("", Pass::Open, "no NetworkPolicy isolates its pods");
    }
    let Some(caller) = caller else { return anybody(&isolating, own, called) };
    if caller.entity == pod.meta.entity("Pod") {
        return Step::new("", Pass::Open, "a pod always reaches itself");
    }
    let peer = end(between, caller);
    said(policy::passes(&isolating, Way::In, own, peer, called), &isolating, "lets it in", called)
}

/// Who may come in, where nobody said who calls.
fn anybody(isolating: &[&NetworkPolicy], own: End<'_>, called: Called<'_>) -> Step {
    let at = format!("{}/{}", called.port, called.protocol);
    let open: Vec<&Allowance> = isolating
        .iter()
        .flat_map(|it| &it.ingress)
        .filter(|rule| policy::ports_say(rule, own, called) == Says::Yes)
        .collect();
    let names = named(isolating);
    if open.is_empty() {
        return Step::new("", Pass::Closed, format!("{names} lets nobody in at {at}"))
            .because(ENFORCED);
    }
    if open.iter().any(|rule| rule.peers.is_empty()) {
        return Step::new("", Pass::Open, format!("{names} lets everybody in at {at}"));
    }
    let peers: BTreeSet<String> = open.iter().flat_map(|it| &it.peers).map(peer).collect();
    let more = peers.len().saturating_sub(MOST_PEERS);
    let mut peers: Vec<String> = peers.into_iter().take(MOST_PEERS).collect();
    if more > 0 {
        peers.push(format!("{more} more"));
    }
    let says = format!("{names} lets in at {at} only {}", peers.join("; "));
    Step::new("", Pass::Partly, says).because("give `from` to see whether one of them may")
}

/// What the policies that isolate the caller say.
fn going_out(between: &Between<'_>, caller: &Caller, target: &Target<'_>) -> Step {
    let own = end(between, caller);
    let isolating = match isolating_out(between, own) {
        Ok(isolating) => isolating,
        Err(step) => return step,
    };
    if isolating.is_empty() {
        return Step::new("", Pass::Open, "no NetworkPolicy isolates the caller");
    }
    let mut each = Vec::new();
    for (endpoint, port) in target.endpoints {
        let called = Called { protocol: target.protocol, port: *port };
        let mut addresses: Vec<IpAddr> = endpoint.address.parse().into_iter().collect();
        let none = BTreeMap::new();
        let Some(name) = &endpoint.pod else {
            let peer = End { addresses: &addresses, ..End::labelled("", &none) };
            let says = policy::passes(&isolating, Way::Out, own, peer, called);
            each.push(said(says, &isolating, "lets it out", called));
            continue;
        };
        addresses.extend(between.addresses);
        let pod = between.pods.and_then(|pods| pods.iter().find(|it| it.meta.name == *name));
        let Some(pod) = pod else {
            each.push(Step::new("", Pass::Unknown, "a pod of it was not seen"));
            continue;
        };
        let namespace_labels = between.namespaces.get(between.namespace);
        let peer = End { addresses: &addresses, namespace_labels, ..End::of(pod) };
        let says = policy::passes(&isolating, Way::Out, own, peer, called);
        each.push(said(says, &isolating, "lets it out", called));
    }
    alike(each)
}

/// Whether the caller can ask for the Service's name; nothing where it can or where nobody can tell.
fn name_service(between: &Between<'_>, caller: &Caller) -> Option<Step> {
    let own = end(between, caller);
    let isolating = isolating_out(between, own).ok()?;
    let (namespace, key, value) = DNS;
    let labels = BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let peer = End::labelled(namespace, &labels);
    let called = Called { protocol: "UDP", port: 53 };
    let says = policy::passes(&isolating, Way::Out, own, peer, called);
    let step = Step::new(
        "name",
        Pass::Doubtful,
        format!("{} lets no question to the name service out", named(&isolating)),
    );
    (says == Says::No).then(|| {
        step.because(format!(
            "UDP 53 to pods {key}={value} in {namespace}; by its address it may be reached"
        ))
    })
}

fn isolating_out<'a>(between: &Between<'a>, own: End<'_>) -> Result<Vec<&'a NetworkPolicy>, Step> {
    let Some(policies) = between.outward.seen else {
        let says = format!("NetworkPolicies of the caller: {}", between.outward.why);
        return Err(Step::new("", Pass::Unknown, says));
    };
    Ok(policies.iter().filter(|it| policy::isolates(it, Way::Out, own)).collect())
}

fn end<'a>(between: &Between<'a>, caller: &'a Caller) -> End<'a> {
    let namespace = caller.entity.namespace.as_str();
    End {
        namespace_labels: between.namespaces.get(namespace),
        spec: Some(&caller.spec),
        addresses: &caller.addresses,
        ..End::labelled(namespace, &caller.labels)
    }
}

fn said(says: Says, isolating: &[&NetworkPolicy], verb: &str, called: Called<'_>) -> Step {
    let names = named(isolating);
    let at = format!("{}/{}", called.port, called.protocol);
    match says {
        Says::Yes => Step::new("", Pass::Open, format!("{names} {verb} at {at}")),
        Says::No => {
            let says = format!("no rule of {names} {verb} at {at}");
            Step::new("", Pass::Closed, says).because(ENFORCED)
        }
        Says::Maybe(doubt) => {
            let why = match doubt {
                Doubt::HostNetwork => "a pod in its node's network may be taken for the node",
                Doubt::Addresses => {
                    "whether a rule's address block means pods is up to the network plugin"
                }
                Doubt::Namespace => "a rule asks for labels of a namespace that could not be read",
                Doubt::PortName => "a rule names a port, and the pod was not seen",
            };
            Step::new("", Pass::Unknown, format!("{names}: {why}"))
        }
    }
}

/// What is said of all pods is said once.
fn alike(each: Vec<Step>) -> Step {
    let total = each.len();
    let pass = together(each.iter().map(|it| it.pass));
    let Some(worst) = each.iter().min_by_key(|it| it.pass).cloned() else {
        return Step::new("", Pass::Open, "no pod to ask about");
    };
    let same = each.iter().filter(|it| it.pass == worst.pass).count();
    if same == total {
        return worst;
    }
    Step { pass, says: format!("for {same} of {total} pods {}", worst.says), ..worst }
}

fn named(policies: &[&NetworkPolicy]) -> String {
    let names: Vec<&str> =
        policies.iter().take(MOST_NAMES).map(|it| it.meta.name.as_str()).collect();
    let more = policies.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let kind = if policies.len() == 1 { "NetworkPolicy" } else { "NetworkPolicies" };
    format!("{kind} {}{more}", names.join(", "))
}

/// A peer of a rule in words.
fn peer(peer: &Peer) -> String {
    if !peer.block.is_empty() {
        return format!("addresses {}", peer.block);
    }
    let pods = match &peer.pods {
        None => "all pods".to_owned(),
        Some(selector) => match selected(selector).as_str() {
            "" => "all pods".to_owned(),
            text => format!("pods {text}"),
        },
    };
    match &peer.namespaces {
        None => pods,
        Some(selector) => match selected(selector).as_str() {
            "" => format!("{pods} of all namespaces"),
            text => format!("{pods} of namespaces {text}"),
        },
    }
}

fn selected(selector: &Selector) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !selector.labels.is_empty() {
        parts.push(labels(&selector.labels));
    }
    for it in &selector.requirements {
        let values = it.values.join("|");
        parts.push(format!("{} {} {values}", it.key, it.operator).trim_end().to_owned());
    }
    parts.join(",")
}
