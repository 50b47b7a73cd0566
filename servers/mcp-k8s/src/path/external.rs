//! Services that are a name for something else.

use super::{Pass, Step};
use std::net::IpAddr;

/// What an `externalName` leads to.
pub(crate) fn of(name: &str) -> Step {
    let step = |pass, says: String| Step::new("name", pass, says);
    if name.parse::<IpAddr>().is_ok() {
        let says = format!("externalName {name} is an address, and no name is an alias of one");
        return step(Pass::Closed, says)
            .because("write the address into an EndpointSlice of a Service without selector");
    }
    if let Some((service, namespace)) = inside(name) {
        let says = format!("it is an alias of Service {namespace}/{service}");
        return step(Pass::Unknown, says)
            .because(format!("k8s_service_path(namespace={namespace}, service={service})"));
    }
    step(Pass::Unknown, format!("it is an alias of {name}, which is not seen from here"))
}

/// The Service and namespace of `web.shop.svc` or `web.shop.svc.cluster.local`.
fn inside(name: &str) -> Option<(&str, &str)> {
    let mut labels = name.trim_end_matches('.').split('.');
    let (service, namespace) = (labels.next()?, labels.next()?);
    (labels.next()? == "svc").then_some((service, namespace))
}
