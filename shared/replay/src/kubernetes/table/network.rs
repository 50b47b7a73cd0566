//! The rows of what connects pods.

use super::cells::{NONE, UNSET, age, array, field, first, labels, name, plain, selector, text_or};
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn service(object: &Object, now: Timestamp) -> Vec<Value> {
    let selects = object.value.pointer("/spec/selector").and_then(Value::as_object);
    vec![
        name(object),
        text_or(object, "/spec/type", "ClusterIP").into(),
        text_or(object, "/spec/clusterIP", NONE).into(),
        external(object).into(),
        ports(object).into(),
        age(object, now),
        labels(selects).into(),
    ]
}

fn external(object: &Object) -> String {
    let mut addresses: Vec<String> =
        array(&object.value, "/spec/externalIPs").iter().map(plain).collect();
    let none = match object.text("/spec/type") {
        "ExternalName" => return object.text("/spec/externalName").to_owned(),
        "LoadBalancer" => {
            let given = balanced(object);
            addresses.splice(0..0, given);
            "<pending>"
        }
        _ => NONE,
    };
    if addresses.is_empty() { none.to_owned() } else { addresses.join(",") }
}

/// The addresses of a load balancer.
fn balanced(object: &Object) -> Vec<String> {
    let ingress = array(&object.value, "/status/loadBalancer/ingress");
    let address = |one: &Value| match field(one, "ip") {
        "" => field(one, "hostname").to_owned(),
        ip => ip.to_owned(),
    };
    ingress.iter().map(address).filter(|address| !address.is_empty()).collect()
}

fn ports(object: &Object) -> String {
    let port = |port: &Value| {
        let number = |name: &str| port.get(name).and_then(Value::as_i64).unwrap_or(0);
        let protocol = match field(port, "protocol") {
            "" => "TCP",
            protocol => protocol,
        };
        match number("nodePort") {
            0 => format!("{}/{protocol}", number("port")),
            node => format!("{}:{node}/{protocol}", number("port")),
        }
    };
    let ports: Vec<_> = array(&object.value, "/spec/ports").iter().map(port).collect();
    if ports.is_empty() { NONE.to_owned() } else { ports.join(",") }
}

pub(super) fn endpoints(object: &Object, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    for subset in array(&object.value, "/subsets") {
        let addresses = array(subset, "/addresses");
        let ports = array(subset, "/ports");
        if ports.is_empty() {
            all.extend(addresses.iter().map(|address| field(address, "ip").to_owned()));
        }
        for port in ports {
            let port = port.get("port").map(plain).unwrap_or_default();
            all.extend(addresses.iter().map(|address| format!("{}:{port}", field(address, "ip"))));
        }
    }
    vec![name(object), first(&all, 3, NONE).into(), age(object, now)]
}

pub(super) fn endpoint_slice(object: &Object, now: Timestamp) -> Vec<Value> {
    let port = |port: &Value| port.get("port").map_or("*".to_owned(), plain);
    let ports: Vec<_> = array(&object.value, "/ports").iter().map(port).collect();
    let endpoints = array(&object.value, "/endpoints");
    let addresses: Vec<_> = endpoints
        .iter()
        .flat_map(|endpoint| array(endpoint, "/addresses").iter().map(plain))
        .collect();
    vec![
        name(object),
        object.text("/addressType").into(),
        first(&ports, 3, UNSET).into(),
        first(&addresses, 3, UNSET).into(),
        age(object, now),
    ]
}

pub(super) fn ingress(object: &Object, now: Timestamp) -> Vec<Value> {
    let rules = array(&object.value, "/spec/rules");
    let hosts: Vec<_> = rules
        .iter()
        .map(|rule| field(rule, "host").to_owned())
        .filter(|host| !host.is_empty())
        .collect();
    let encrypted = !array(&object.value, "/spec/tls").is_empty();
    vec![
        name(object),
        text_or(object, "/spec/ingressClassName", NONE).into(),
        first(&hosts, 3, "*").into(),
        balanced(object).join(",").into(),
        if encrypted { "80, 443" } else { "80" }.into(),
        age(object, now),
    ]
}

pub(super) fn ingress_class(object: &Object, now: Timestamp) -> Vec<Value> {
    let parameters = match object.value.pointer("/spec/parameters") {
        Some(Value::Object(_)) => {
            let kind = object.text("/spec/parameters/kind");
            let kind = match object.text("/spec/parameters/apiGroup") {
                "" => kind.to_owned(),
                group => format!("{kind}.{group}"),
            };
            format!("{kind}/{}", object.text("/spec/parameters/name"))
        }
        _ => NONE.to_owned(),
    };
    vec![name(object), object.text("/spec/controller").into(), parameters.into(), age(object, now)]
}

pub(super) fn policy(object: &Object, now: Timestamp) -> Vec<Value> {
    vec![name(object), selector(object.value.pointer("/spec/podSelector")).into(), age(object, now)]
}
