//! Routes of the Gateway API to a Service: backend, reference grant, parents and what their controllers say.

use super::grants;
use super::{Pass, Step};
use evidence::fact::network::Service;
use serde_json::Value;
use std::collections::BTreeMap;

/// The API group of routes and Gateways.
pub(crate) const GROUP: &str = "gateway.networking.k8s.io";

/// A Gateway that a route names.
#[derive(Clone, Debug)]
pub(crate) enum Gateway {
    /// It was read.
    There(Value),
    /// There is none of that name.
    Absent,
    /// It could not be read.
    Unseen(String),
}

/// What is known beside a route.
pub(crate) struct Around<'a> {
    /// The Service that is asked about.
    pub(crate) namespace: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
    /// It; none where it does not exist.
    pub(crate) service: Option<&'a Service>,
    /// ReferenceGrants of its namespace; else why they could not be read.
    pub(crate) grants: &'a Result<Vec<Value>, String>,
    /// The Gateways that routes name, by namespace and name.
    pub(crate) gateways: &'a BTreeMap<(String, String), Gateway>,
    /// Labels of the routes' namespaces that were seen.
    pub(crate) namespaces: &'a BTreeMap<String, BTreeMap<String, String>>,
}

/// The text at a pointer; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The elements at a pointer; none where there are none.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The references of a route to a Service.
pub(crate) fn references<'a>(route: &'a Value, namespace: &str, name: &str) -> Vec<&'a Value> {
    let home = text(route, "/metadata/namespace");
    let rules = list(route, "/spec/rules").iter();
    let all = rules.flat_map(|rule| list(rule, "/backendRefs"));
    all.filter(|it| {
        let kind = it.get("kind").and_then(Value::as_str).unwrap_or("Service");
        let at = it.get("namespace").and_then(Value::as_str).unwrap_or(home);
        kind == "Service"
            && text(it, "/group").is_empty()
            && at == namespace
            && text(it, "/name") == name
    })
    .collect()
}

/// The Gateways that a route names, by namespace and name.
pub(crate) fn gateways(route: &Value) -> impl Iterator<Item = (String, String)> {
    let home = text(route, "/metadata/namespace");
    list(route, "/spec/parentRefs").iter().filter(|it| is_gateway(it)).map(move |it| {
        let namespace = it.get("namespace").and_then(Value::as_str).unwrap_or(home);
        (namespace.to_owned(), text(it, "/name").to_owned())
    })
}

fn is_gateway(parent: &Value) -> bool {
    parent.get("kind").and_then(Value::as_str).is_none_or(|kind| kind == "Gateway")
}

/// What a route makes of a Service; none where it does not lead to it.
pub(crate) fn of_route(kind: &str, route: &Value, around: &Around<'_>) -> Option<Step> {
    let references = references(route, around.namespace, around.name);
    if references.is_empty() || !text(route, "/metadata/deletionTimestamp").is_empty() {
        return None;
    }
    let (home, name) = (text(route, "/metadata/namespace"), text(route, "/metadata/name"));
    let title = match home == around.namespace {
        true => format!("{kind} {name}"),
        false => format!("{kind} {home}/{name}"),
    };
    let step = |pass, says: String| Some(Step::new(title.clone(), pass, says));
    let Some(service) = around.service else {
        return step(Pass::Closed, format!("sends {} to it", hosts(route)));
    };
    let weighs = |it: &&Value| it.get("weight").and_then(Value::as_u64) != Some(0);
    let references: Vec<&Value> = references.into_iter().filter(weighs).collect();
    if references.is_empty() {
        return step(Pass::Closed, "sends it nothing: its weight is 0".to_owned());
    }
    let number = |it: &Value| it.get("port").and_then(Value::as_u64);
    let has = |port: u64| service.ports.iter().any(|it| u64::from(it.port) == port);
    let wrong: Vec<u64> =
        references.iter().filter_map(|it| number(it)).filter(|it| !has(*it)).collect();
    let lost = wrong.first().map(|port| {
        let there: Vec<String> = service.ports.iter().map(|it| it.port.to_string()).collect();
        format!("names port {port}, and the Service has {}", there.join(", "))
    });
    if let Some(says) = lost.clone().filter(|_| wrong.len() == references.len()) {
        return step(Pass::Closed, says);
    }
    if home != around.namespace {
        match around.grants {
            Err(why) => return step(Pass::Unknown, format!("ReferenceGrants: {why}")),
            Ok(all) if !all.iter().any(|it| grants::lets(it, kind, home, around.name)) => {
                let says = format!(
                    "no ReferenceGrant in {} lets it refer to Services there",
                    around.namespace
                );
                return step(Pass::Closed, says);
            }
            Ok(_) => {}
        }
    }
    let parents: Vec<Step> = list(route, "/spec/parentRefs")
        .iter()
        .filter(|it| is_gateway(it))
        .map(|it| parent(route, it, around))
        .collect();
    // A route may hang on several Gateways: one that works is a way in.
    let best = parents.into_iter().max_by_key(|it| it.pass).unwrap_or_else(|| {
        Step::new("", Pass::Open, "names no Gateway: it steers calls within a mesh")
    });
    match lost {
        // The rules beside it name a port that is there.
        Some(says) if best.pass > Pass::Partly => {
            step(Pass::Partly, format!("in one of its rules it {says}"))
        }
        _ => Some(Step { name: title, ..best }),
    }
}

/// One Gateway that a route names.
fn parent(route: &Value, parent: &Value, around: &Around<'_>) -> Step {
    let home = text(route, "/metadata/namespace");
    let namespace = parent.get("namespace").and_then(Value::as_str).unwrap_or(home);
    let name = text(parent, "/name");
    let at = format!("Gateway {namespace}/{name}");
    let step = |pass, says: String| Step::new("", pass, says);
    let gateway = match around.gateways.get(&(namespace.to_owned(), name.to_owned())) {
        Some(Gateway::There(gateway)) => gateway,
        Some(Gateway::Absent) => return step(Pass::Closed, format!("{at} does not exist")),
        Some(Gateway::Unseen(why)) => return step(Pass::Unknown, format!("{at}: {why}")),
        None => return step(Pass::Unknown, format!("{at} was not looked at")),
    };
    let section = text(parent, "/sectionName");
    let port = parent.get("port").and_then(Value::as_u64);
    let named: Vec<&Value> = list(gateway, "/spec/listeners")
        .iter()
        .filter(|it| section.is_empty() || text(it, "/name") == section)
        .filter(|it| port.is_none() || it.get("port").and_then(Value::as_u64) == port)
        .collect();
    if named.is_empty() {
        let which = if section.is_empty() { "that port".to_owned() } else { section.to_owned() };
        return step(Pass::Closed, format!("{at} has no listener {which}"));
    }
    let allowed: Vec<(&Value, Option<bool>)> =
        named.iter().map(|it| (*it, lets_in(it, namespace, home, around))).collect();
    if allowed.iter().all(|(_, let_in)| *let_in == Some(false)) {
        return step(Pass::Closed, format!("{at} takes no routes from namespace {home}"))
            .because("see allowedRoutes of its listeners");
    }
    let hosts: Vec<&str> =
        list(route, "/spec/hostnames").iter().filter_map(Value::as_str).collect();
    let fits = |it: &Value| {
        let own = text(it, "/hostname");
        own.is_empty() || hosts.is_empty() || hosts.iter().any(|host| meet(own, host))
    };
    let fitting: Vec<Option<bool>> = allowed
        .iter()
        .filter(|(it, let_in)| *let_in != Some(false) && fits(it))
        .map(|(_, let_in)| *let_in)
        .collect();
    if fitting.is_empty() {
        return step(Pass::Closed, format!("no listener of {at} takes {}", hosts.join(", ")));
    }
    if !fitting.contains(&Some(true)) {
        return step(
            Pass::Unknown,
            format!(
                "{at} takes routes by labels of namespaces, and those of {home} could not be read"
            ),
        );
    }
    said(route, parent, namespace, gateway, &at)
}

/// What controllers say: of the route at this parent, and of the Gateway.
fn said(route: &Value, parent: &Value, namespace: &str, gateway: &Value, at: &str) -> Step {
    let home = text(route, "/metadata/namespace");
    let of_parent = list(route, "/status/parents").iter().find(|it| {
        let reference = it.get("parentRef").unwrap_or(&Value::Null);
        let theirs = reference.get("namespace").and_then(Value::as_str).unwrap_or(home);
        theirs == namespace
            && text(reference, "/name") == text(parent, "/name")
            && text(reference, "/sectionName") == text(parent, "/sectionName")
    });
    let Some(of_parent) = of_parent else {
        let says = format!("no controller has said that it takes it, at {at}");
        return Step::new("", Pass::Doubtful, says);
    };
    for kind in ["Accepted", "ResolvedRefs"] {
        if let Some(reason) = refused(of_parent, kind) {
            return Step::new("", Pass::Closed, format!("{kind} is False at {at}: {reason}"));
        }
    }
    for kind in ["Accepted", "Programmed"] {
        if let Some(reason) = refused(gateway.get("status").unwrap_or(&Value::Null), kind) {
            return Step::new("", Pass::Closed, format!("{at}: {kind} is False: {reason}"));
        }
    }
    let addresses = list(gateway, "/status/addresses").iter();
    let addresses: Vec<&str> = addresses.map(|it| text(it, "/value")).collect();
    let by =
        if addresses.is_empty() { String::new() } else { format!(", {}", addresses.join(", ")) };
    Step::new("", Pass::Open, format!("sends {}, at {at}{by}", hosts(route)))
}

/// The reason of a condition that is `False`.
fn refused(status: &Value, kind: &str) -> Option<String> {
    let mut conditions = list(status, "/conditions").iter();
    let found =
        conditions.find(|it| text(it, "/type") == kind && text(it, "/status") == "False")?;
    Some(text(found, "/reason").to_owned())
}

/// Whether a listener takes routes of a namespace; none where nobody can tell.
fn lets_in(listener: &Value, gateway: &str, route: &str, around: &Around<'_>) -> Option<bool> {
    match text(listener, "/allowedRoutes/namespaces/from") {
        "All" => Some(true),
        "Selector" => {
            let selector = listener.pointer("/allowedRoutes/namespaces/selector")?;
            let labels = around.namespaces.get(route)?;
            Some(grants::selects(selector, labels))
        }
        "None" => Some(false),
        _ => Some(gateway == route),
    }
}

/// Whether two host names, either of which may begin with `*.`, have a host in common.
fn meet(own: &str, other: &str) -> bool {
    let below = |wildcard: &str, host: &str| {
        wildcard
            .strip_prefix('*')
            .is_some_and(|rest| host.len() > rest.len() && host.ends_with(rest))
    };
    own == other || below(own, other) || below(other, own)
}

/// What a route is for, in short.
fn hosts(route: &Value) -> String {
    let hosts: Vec<&str> =
        list(route, "/spec/hostnames").iter().filter_map(Value::as_str).collect();
    match hosts.as_slice() {
        [] => "all hosts".to_owned(),
        [one, two, _, ..] => format!("{one}, {two} and {} more", hosts.len() - 2),
        few => few.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::fact::network::ServicePort;
    use serde_json::json;

    /// How far a route leads to a Service with port 80 by references with these ports and weights.
    fn leads(references: &[(u16, u8)]) -> (Pass, String) {
        let refer =
            |(port, weight): &(u16, u8)| json!({"name": "web", "port": port, "weight": weight});
        let references: Vec<Value> = references.iter().map(refer).collect();
        let route = json!({"metadata": {"namespace": "shop", "name": "all"},
            "spec": {"rules": [{"backendRefs": references}]}});
        let port = ServicePort { port: 80, ..ServicePort::default() };
        let service = Service { ports: vec![port], ..Service::default() };
        let around = Around {
            namespace: "shop",
            name: "web",
            service: Some(&service),
            grants: &Ok(Vec::new()),
            gateways: &BTreeMap::new(),
            namespaces: &BTreeMap::new(),
        };
        let step = of_route("HTTPRoute", &route, &around).unwrap();
        (step.pass, step.says)
    }

    #[test]
    fn a_wrong_port_beside_a_right_one_stops_some_calls() {
        assert_eq!(leads(&[(80, 1)]).0, Pass::Open);
        assert_eq!(leads(&[(81, 1)]).0, Pass::Closed);
        let (pass, says) = leads(&[(80, 1), (81, 1)]);
        assert_eq!(pass, Pass::Partly);
        assert_eq!(says, "in one of its rules it names port 81, and the Service has 80");
        assert_eq!(leads(&[(80, 1), (81, 0)]).0, Pass::Open);
    }

    #[test]
    fn host_names_meet() {
        assert!(meet("shop.example", "shop.example"));
        assert!(meet("*.example", "a.shop.example"));
        assert!(meet("shop.example", "*.example"));
        assert!(!meet("*.example", "example"));
        assert!(!meet("shop.example", "blog.example"));
    }
}
