//! EndpointSlices, taken together for each Service.

use super::meta::{meta, port, unless};
use evidence::fact::network::{Endpoints, WrittenSlice};
use evidence::fact::spec::Port;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointPort, EndpointSlice};
use std::collections::{BTreeMap, BTreeSet};

/// The label by which a slice belongs to its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// The label that says who keeps a slice, ...
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// ... and those of Kubernetes that do: of a Service's pods, and of `Endpoints` that somebody wrote.
const KEEPERS: [&str; 2] =
    ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

/// How many pods behind a Service are named, and addresses of a slice that somebody wrote.
const MOST_PODS: usize = 50;

/// EndpointSlices that were seen, by the Service that they belong to. A pod in several slices, as with two address
/// families, counts once, and is ready if one of them says so.
#[derive(Debug, Default)]
pub struct Slices {
    services: BTreeMap<(String, String), Backends>,
}

impl Slices {
    /// Takes in one more slice; one without the label belongs to no Service and is passed over.
    pub fn add(&mut self, slice: EndpointSlice) {
        let labels = slice.metadata.labels.clone().unwrap_or_default();
        if let Some(service) = labels.get(SERVICE_NAME) {
            let namespace = slice.metadata.namespace.clone().unwrap_or_default();
            let keeper = labels.get(MANAGED_BY).map(String::as_str);
            let kept = keeper.is_some_and(|it| KEEPERS.contains(&it));
            self.services.entry((namespace, service.clone())).or_default().add(slice, kept);
        }
    }

    /// The endpoints of each Service, by namespace and name.
    pub fn all(self) -> impl Iterator<Item = Endpoints> {
        let each = self.services.into_iter();
        each.map(|((namespace, service), backends)| backends.count(namespace, service))
    }
}

#[derive(Debug, Default)]
struct Backends {
    ready: BTreeMap<String, bool>,
    ports: Vec<Port>,
    pods: Vec<String>,
    nodes: BTreeSet<String>,
    elsewhere: bool,
    written: Vec<WrittenSlice>,
}

impl Backends {
    fn add(&mut self, slice: EndpointSlice, kept: bool) {
        if !kept {
            let addresses = slice.endpoints.iter().flat_map(|it| &it.addresses);
            let addresses = addresses.take(MOST_PODS).cloned().collect();
            self.written.push(WrittenSlice { meta: meta(slice.metadata), addresses });
        }
        for from in slice.ports.unwrap_or_default() {
            let port = slice_port(from);
            if !self.ports.contains(&port) {
                self.ports.push(port);
            }
        }
        for endpoint in slice.endpoints {
            self.add_endpoint(endpoint);
        }
    }

    fn add_endpoint(&mut self, endpoint: Endpoint) {
        // Nobody having said is ready, as the API defines it.
        let ready = endpoint.conditions.and_then(|it| it.ready).unwrap_or(true);
        let pod = endpoint.target_ref.filter(|it| it.kind.as_deref() == Some("Pod"));
        let pod = pod.and_then(|it| it.name);
        let address = endpoint.addresses.into_iter().next().unwrap_or_default();
        match endpoint.node_name {
            Some(node) if ready => drop(self.nodes.insert(node)),
            None if ready => self.elsewhere = true,
            _ => {}
        }
        *self.ready.entry(pod.clone().unwrap_or(address)).or_default() |= ready;
        if let Some(pod) = pod
            && !self.pods.contains(&pod)
            && self.pods.len() < MOST_PODS
        {
            self.pods.push(pod);
        }
    }

    fn count(mut self, namespace: String, service: String) -> Endpoints {
        self.pods.sort();
        self.ports
            .sort_by(|left, right| (left.number, &left.name).cmp(&(right.number, &right.name)));
        let ready = self.ready.values().filter(|ready| **ready).count();
        Endpoints {
            namespace,
            service,
            ready: u32::try_from(ready).unwrap_or(u32::MAX),
            not_ready: u32::try_from(self.ready.len() - ready).unwrap_or(u32::MAX),
            ports: self.ports,
            pods: self.pods,
            nodes: if self.elsewhere { Vec::new() } else { self.nodes.into_iter().collect() },
            written: self.written,
        }
    }
}

fn slice_port(from: EndpointPort) -> Port {
    Port {
        name: from.name.unwrap_or_default(),
        number: port(from.port.unwrap_or(0)),
        protocol: unless("TCP", from.protocol),
        host: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn endpoints(slices: impl IntoIterator<Item = EndpointSlice>) -> Vec<Endpoints> {
        let mut all = Slices::default();
        for slice in slices {
            all.add(slice);
        }
        all.all().collect()
    }

    fn slice(service: &str, endpoints: Value) -> EndpointSlice {
        let from = json!({"metadata": {"namespace": "shop", "name": "x", "labels": {SERVICE_NAME: service}},
            "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]});
        serde_json::from_value(from).unwrap()
    }

    fn pod(name: &str, address: &str, ready: Value) -> Value {
        json!({"addresses": [address], "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}})
    }

    #[test]
    fn slices_of_one_service_are_taken_together() {
        let all = endpoints([
            slice("web", json!([pod("a", "10.0.0.1", json!(true))])),
            slice("web", json!([pod("b", "10.0.0.2", json!(false))])),
            slice("db", json!([])),
        ]);
        let said: Vec<(&str, u32, u32)> =
            all.iter().map(|it| (it.service.as_str(), it.ready, it.not_ready)).collect();
        assert_eq!(said, [("db", 0, 0), ("web", 1, 1)]);
        assert_eq!(all[1].pods, ["a", "b"]);
        assert_eq!(all[1].ports.len(), 1);
    }

    #[test]
    fn a_pod_with_two_addresses_counts_once() {
        let all = endpoints([
            slice("web", json!([pod("a", "10.0.0.1", json!(true))])),
            slice("web", json!([pod("a", "fd00::1", json!(true))])),
        ]);
        assert_eq!((all[0].ready, all[0].not_ready), (1, 0));
    }

    #[test]
    fn a_slice_that_somebody_wrote_is_told_with_its_addresses() {
        let own = |keeper: Value| {
            let mut slice = slice("web", json!([{"addresses": ["10.80.4.20"]}]));
            let labels = slice.metadata.labels.get_or_insert_default();
            labels.extend(keeper.as_str().map(|it| (MANAGED_BY.to_owned(), it.to_owned())));
            endpoints([slice])[0].written.clone()
        };
        assert_eq!(own(Value::Null)[0].addresses, ["10.80.4.20"]);
        assert_eq!(own(json!("my-network"))[0].addresses, ["10.80.4.20"]);
        assert_eq!(own(json!("endpointslice-controller.k8s.io")), []);
    }

    #[test]
    fn an_endpoint_that_does_not_say_is_ready() {
        let all = endpoints([slice("web", json!([pod("a", "10.0.0.1", Value::Null)]))]);
        assert_eq!(all[0].ready, 1);
    }

    #[test]
    fn nodes_are_told_where_all_ready_addresses_name_theirs() {
        let on = |name: &str, node: Value, ready: bool| {
            json!({"addresses": [name], "nodeName": node,
            "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}})
        };
        let all = endpoints([slice(
            "web",
            json!([on("a", json!("n1"), true), on("b", json!("n2"), false)]),
        )]);
        assert_eq!(all[0].nodes, ["n1"]);
        let some = endpoints([slice(
            "web",
            json!([on("a", json!("n1"), true), on("b", Value::Null, true)]),
        )]);
        assert!(some[0].nodes.is_empty());
    }
}
