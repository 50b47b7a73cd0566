//! Where traffic from outside is sent: Ingresses, Gateways and routes, and which of them lead nowhere.

use super::Case;
use crate::finding::Cite;
use crate::seen::{Presence, Seen};
use evidence::fact::meta::{Condition, condition};
use evidence::fact::network::{Ingress, Route, Service, ServicePort};
use evidence::fact::object::Object;
use jiff::SignedDuration;

/// The API group of Gateways and their routes, as an object's `apiVersion` begins.
const GATEWAY_API: &str = "gateway.networking.k8s.io/";

/// Controllers that take a Service's target port as well: `getEndpoints` of ingress-nginx, `FindServicePort` of
/// haproxy-ingress.
const TAKE_TARGETS: [&str; 2] = ["k8s.io/ingress-nginx", "haproxy-ingress.github.io/"];

/// How long an object may wait for its controller and for what is made together with it.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// What an Ingress's rule names and that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The Service.
    Service,
    /// That port of the Service; these are there.
    Port(Vec<String>),
}

/// A rule of an Ingress that leads nowhere.
#[derive(Clone, Debug)]
pub struct Broken<'a> {
    /// The Ingress.
    pub ingress: Seen<'a, Ingress>,
    /// The rule.
    pub route: &'a Route,
    /// What is not there.
    pub lack: Lack,
}

impl Case {
    /// The rules of an Ingress whose Service or port does not exist.
    pub fn broken_routes<'a>(&'a self, ingress: Seen<'a, Ingress>) -> Vec<Broken<'a>> {
        if !self.is_settled(ingress.meta.created) || ingress.meta.deleted.is_some() {
            return Vec::new();
        }
        let mut broken = Vec::new();
        for route in &ingress.it.routes {
            // Words of controllers for something that is no Service: an action of a load balancer, a challenge's solver.
            if route.port == "use-annotation" || route.service.starts_with("cm-acme-http-solver-") {
                continue;
            }
            let lack = match self.service(&ingress.meta.namespace, &route.service) {
                Presence::Absent => Lack::Service,
                Presence::Present(service) if service.kind != "ExternalName" => {
                    let known = service.it.ports.iter().any(|it| {
                        it.port.to_string() == route.port
                            || (!it.name.is_empty() && it.name == route.port)
                    });
                    let by_target =
                        || names_target(&service, route) && self.may_take_targets(ingress);
                    if known || route.port.is_empty() || by_target() {
                        continue;
                    }
                    Lack::Port(service.it.ports.iter().map(|it| named(it, route)).collect())
                }
                _ => continue,
            };
            broken.push(Broken { ingress, route, lack });
        }
        broken
    }

    /// Whether the controller of an Ingress may take a Service's target port for its port, which the API does not say it
    /// should. Where nobody knows the controller, it may.
    fn may_take_targets(&self, ingress: Seen<'_, Ingress>) -> bool {
        let class = ingress.it.class.as_str();
        let mut classes = self.objects().filter(|it| it.kind == "IngressClass");
        let class = classes.find(|it| it.meta.name == class && !class.is_empty());
        let controller = class.and_then(|it| it.it.fields.get("spec.controller"));
        controller.is_none_or(|it| TAKE_TARGETS.iter().any(|sign| it.starts_with(sign)))
    }

    /// Whether a rule of an Ingress names no port of its Service, but the target of one: what its controller makes of
    /// that, its class tells.
    pub fn names_only_targets(&self, ingress: &Ingress) -> bool {
        ingress.routes.iter().any(|route| {
            let service = self.service(&ingress.meta.namespace, &route.service).seen();
            service.is_some_and(|service| {
                let own = service
                    .it
                    .ports
                    .iter()
                    .any(|it| it.port.to_string() == route.port || it.name == route.port);
                !own && names_target(&service, route)
            })
        })
    }

    /// The class that an Ingress names and that does not exist, while nothing serves it; empty where it names none and
    /// none is the default. A class in the old annotation is a word between an Ingress and its controller, and no object.
    pub fn missing_class<'a>(&self, ingress: Seen<'a, Ingress>) -> Option<&'a str> {
        let by_annotation = ingress.meta.annotations.contains_key("kubernetes.io/ingress.class");
        let served = !ingress.it.addresses.is_empty();
        let known = self.looked("IngressClass", "");
        if by_annotation || served || !known || !self.is_settled(ingress.meta.created) {
            return None;
        }
        let class = ingress.it.class.as_str();
        let mut classes = self.objects().filter(|it| it.kind == "IngressClass");
        let exists = classes.any(|it| {
            let default = it.meta.annotations.get("ingressclass.kubernetes.io/is-default-class");
            it.meta.name == class || (class.is_empty() && default.is_some_and(|it| it == "true"))
        });
        (!exists).then_some(class)
    }

    /// Gateways of the Gateway API.
    pub fn gateways(&self) -> impl Iterator<Item = Seen<'_, Object>> {
        self.gateway_objects(&["Gateway"])
    }

    /// Routes of the Gateway API.
    pub fn gateway_routes(&self) -> impl Iterator<Item = Seen<'_, Object>> {
        self.gateway_objects(&["HTTPRoute", "GRPCRoute"])
    }

    /// Classes of Gateways.
    pub fn gateway_classes(&self) -> impl Iterator<Item = Seen<'_, Object>> {
        self.gateway_objects(&["GatewayClass"])
    }

    fn gateway_objects(
        &self,
        kinds: &'static [&'static str],
    ) -> impl Iterator<Item = Seen<'_, Object>> {
        self.objects().filter(move |it| {
            it.api_version.starts_with(GATEWAY_API) && kinds.contains(&it.kind.as_str())
        })
    }

    /// What its controller says against a Gateway, where it says anything: that it is not accepted, or not programmed.
    pub fn refused_gateway<'a>(&self, gateway: Seen<'a, Object>) -> Option<&'a Condition> {
        if !self.is_settled(gateway.meta.created) || gateway.meta.deleted.is_some() {
            return None;
        }
        let kinds = ["Accepted", "Programmed"].into_iter();
        let mut conditions = kinds.filter_map(|kind| condition(&gateway.it.conditions, kind));
        let said = conditions.find(|it| it.status != "True")?;
        // Where nothing gives out addresses, as on a laptop, a Gateway serves without one for good.
        let of_old = said.reason == "AddressNotAssigned" && said.since.is_some();
        let counts = self.is_news(said.since) || self.asks_about("Gateway", &gateway.meta.name);
        (!of_old || counts).then_some(said)
    }

    /// The parts of a Gateway or a route against which its controller says something, by their paths.
    pub fn refused_parts<'a>(&self, object: Seen<'a, Object>) -> Vec<(&'a str, &'a Condition)> {
        if !self.is_settled(object.meta.created) || object.meta.deleted.is_some() {
            return Vec::new();
        }
        let mut refused = Vec::new();
        for (path, conditions) in &object.it.parts {
            let mut kinds = ["Accepted", "ResolvedRefs"].into_iter();
            let said = kinds
                .find_map(|kind| condition(conditions, kind).filter(|it| it.status == "False"));
            refused.extend(said.map(|it| (path.as_str(), it)));
        }
        refused
    }

    /// Whether something is old enough that what it still lacks is missing. Nobody knowing its age, it is.
    pub fn is_settled(&self, created: Option<jiff::Timestamp>) -> bool {
        let age = created.map(|created| self.as_of.duration_since(created));
        !self.rules.current_state || age.is_none_or(|age| age > GRACE)
    }
}

/// Cites what a controller says of a Gateway, of a route or of a part of one.
pub fn cite_condition(object: Seen<'_, Object>, part: &str, said: &Condition) -> Cite {
    let entity = object.meta.entity(&object.kind);
    let place = if part.is_empty() { String::new() } else { format!(" {part}") };
    let says = format!("{entity}{place}: {} is {} ({})", said.kind, said.status, said.reason);
    Cite::quoting(object.exhibit, says, &said.message)
}

/// A port as a rule may name it: with its name where the rule asks for one.
fn named(port: &ServicePort, route: &Route) -> String {
    let by_name = !port.name.is_empty() && route.port.parse::<u16>().is_err();
    if by_name { format!("{} ({})", port.port, port.name) } else { port.port.to_string() }
}

fn names_target(service: &Service, route: &Route) -> bool {
    !route.port.is_empty() && service.ports.iter().any(|it| it.target == route.port)
}

/// A rule of an Ingress as one reads it: `shop.example/cart`.
pub fn written(route: &Route) -> String {
    match (route.host.as_str(), route.path.as_str()) {
        ("", "") => "its default backend".to_owned(),
        (host, path) => format!("{host}{path}"),
    }
}

/// The field of an Ingress in which a rule names its backend.
pub fn field(route: &Route, name: &str) -> String {
    match (route.host.as_str(), route.path.as_str()) {
        ("", "") => format!("spec.defaultBackend.service.{name}"),
        (host, path) => format!("spec.rules[{host}].http.paths[{path}].backend.service.{name}"),
    }
}
