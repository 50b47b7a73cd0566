//! Ways in from outside of the cluster: node ports, load balancers and Ingresses.

use super::backends::Endpoint;
use super::{Pass, Step};
use evidence::fact::network::{Ingress, Route, Service};
use serde_json::Value;
use std::collections::BTreeSet;

/// Hosts and paths that are named of one Ingress.
const MOST_ROUTES: usize = 3;
/// The annotation by which older Ingresses name their class.
const BY_ANNOTATION: &str = "kubernetes.io/ingress.class";

/// IngressClasses, as far as they could be read.
pub(crate) struct Classes<'a> {
    /// Their names; none where they could not be read.
    pub(crate) seen: Option<&'a [String]>,
    /// Why they could not be read.
    pub(crate) why: &'a str,
}

/// The Service's own ways in. `spec` is its spec as written: node ports are in no fact.
pub(crate) fn of_service(service: &Service, spec: &Value, used: &[&Endpoint]) -> Vec<Step> {
    let mut steps = Vec::new();
    if !matches!(service.kind.as_str(), "NodePort" | "LoadBalancer") {
        return steps;
    }
    let ports = spec.get("ports").and_then(Value::as_array);
    let numbers = ports.into_iter().flatten().filter_map(|it| it.get("nodePort")?.as_u64());
    let numbers: Vec<String> = numbers.filter(|it| *it > 0).map(|it| it.to_string()).collect();
    let nodes: BTreeSet<&str> = used.iter().filter_map(|it| it.node.as_deref()).collect();
    let nodes = nodes.into_iter().collect::<Vec<_>>().join(", ");
    let (pass, through) = match (service.external_local, nodes.as_str()) {
        (false, _) => (Pass::Open, "through every node".to_owned()),
        (true, "") => (Pass::Unknown, "through nodes that its endpoints do not name".to_owned()),
        (true, nodes) => (
            Pass::Partly,
            format!(
                "only through {nodes}: externalTrafficPolicy is Local, and other nodes have no pod of it"
            ),
        ),
    };
    if !numbers.is_empty() {
        let name = format!("node port {}", numbers.join(", "));
        steps.push(Step::new(name, pass, through));
    }
    if service.kind == "LoadBalancer" {
        steps.push(match service.balancer.as_slice() {
            [] => Step::new("load balancer", Pass::Closed, "it has no address yet")
                .because("a cloud controller gives it one: k8s_get_events says why it does not"),
            addresses => {
                Step::new("load balancer", Pass::Open, format!("at {}", addresses.join(", ")))
            }
        });
    }
    steps
}

/// What an Ingress makes of a Service; none where it does not lead to it. `ports` is none where the Service is not there.
pub(crate) fn of_ingress(
    ingress: &Ingress,
    name: &str,
    service: Option<&Service>,
    classes: &Classes<'_>,
) -> Option<Step> {
    let routes: Vec<&Route> = ingress.routes.iter().filter(|it| it.service == name).collect();
    if routes.is_empty() || ingress.meta.deleted.is_some() {
        return None;
    }
    let step = |pass, says: String| Step::new(format!("Ingress {}", ingress.meta.name), pass, says);
    let Some(service) = service else {
        return Some(step(Pass::Closed, format!("sends {} to it", written(&routes))));
    };
    if let Some(broken) = routes.iter().find(|it| !leads(it, service)) {
        let there: Vec<String> = service
            .ports
            .iter()
            .map(|it| format!("{} {}", it.port, it.name).trim_end().to_owned())
            .collect();
        let says = format!(
            "names port {} for {}, and the Service has {}",
            broken.port,
            written(&[broken]),
            there.join(", ")
        );
        // Some controllers take the pods' port as well.
        let is_target = service.ports.iter().any(|it| it.target == broken.port);
        return Some(step(if is_target { Pass::Doubtful } else { Pass::Closed }, says));
    }
    let leads = format!("sends {}", written(&routes));
    if !ingress.addresses.is_empty() {
        return Some(step(Pass::Open, format!("{leads}, at {}", ingress.addresses.join(", "))));
    }
    if ingress.meta.annotations.contains_key(BY_ANNOTATION) {
        let says = format!(
            "no controller has given it an address; its class {} is an annotation",
            ingress.class
        );
        return Some(step(Pass::Doubtful, says));
    }
    if ingress.class.is_empty() {
        let says = "names no class, and no controller has given it an address".to_owned();
        return Some(step(Pass::Doubtful, says).because("set spec.ingressClassName"));
    }
    let Some(seen) = classes.seen else {
        return Some(step(Pass::Unknown, format!("IngressClasses: {}", classes.why)));
    };
    if !seen.contains(&ingress.class) {
        let there = if seen.is_empty() { "none".to_owned() } else { seen.join(", ") };
        let says = format!("its class {} does not exist, so nothing serves it", ingress.class);
        return Some(step(Pass::Closed, says).because(format!("classes: {there}")));
    }
    Some(step(
        Pass::Doubtful,
        format!("no controller of class {} has given it an address", ingress.class),
    ))
}

fn leads(route: &Route, service: &Service) -> bool {
    let mut ports = service.ports.iter();
    // Words of controllers for something that is no Service's port.
    route.port.is_empty()
        || route.port == "use-annotation"
        || ports.any(|it| it.port.to_string() == route.port || (it.name == route.port))
}

/// `shop.example/cart, /admin and 2 more`.
fn written(routes: &[&Route]) -> String {
    let each =
        routes.iter().take(MOST_ROUTES).map(|it| match (it.host.as_str(), it.path.as_str()) {
            ("", "") => "what no rule names".to_owned(),
            (host, path) => format!("{host}{path}"),
        });
    let mut each: Vec<String> = each.collect();
    each.dedup();
    let more = routes.len().saturating_sub(MOST_ROUTES);
    if more > 0 {
        each.push(format!("{more} more"));
    }
    each.join(", ")
}
