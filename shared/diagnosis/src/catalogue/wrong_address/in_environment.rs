//! A port that a Service does not have, in a variable that a ConfigMap gives: the words are the log's, the value is not read.

use crate::case::Case;
use crate::case::calls::FailedCall;
use crate::case::complaints::Complaint;
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::seen::Seen;
use evidence::fact::access::Config;

/// A call to a port that a Service does not have, where one variable from a ConfigMap bears the Service's name.
pub(super) fn wrong_port(case: &Case, call: &FailedCall<'_>, why: &str) -> Option<Judgement> {
    let complaint = &call.complaint;
    let service = call.service.meta.entity("Service");
    let (config, key) = source(case, complaint, &service.name)?;
    let (root, subject) = (complaint.root().clone(), config.meta.entity("ConfigMap"));
    let has: Vec<String> = call.service.it.ports.iter().map(|it| it.port.to_string()).collect();
    let container = &complaint.container;
    let takes = format!(
        "{}: container {} takes {key} from {subject}, and names {service} in no setting of its own",
        container.pod.meta.entity("Pod"),
        container.spec.name
    );
    Some(Judgement::Proven(Finding {
        field: Some(format!("data.{key}")),
        value: None,
        statement: format!(
            "{root} calls in vain because {why}; it has the address from {key} of {subject}."
        ),
        proofs: vec![
            complaint.cite(),
            Cite::new(call.service.exhibit, format!("{service} has the ports {}", has.join(", "))),
            Cite::new(config.exhibit, format!("{subject} has {key}")),
            Cite::new(container.pod.exhibit, takes),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    }))
}

/// The ConfigMap behind the container's environment, and its one key that bears the name of the Service; a port has a key
/// of its own beside a host's.
fn source<'a>(
    case: &'a Case,
    complaint: &Complaint<'_>,
    service: &str,
) -> Option<(Seen<'a, Config>, String)> {
    let (spec, namespace) = (complaint.container.spec, complaint.namespace());
    let mut found: Vec<(Seen<'a, Config>, String)> = Vec::new();
    for variable in &spec.env {
        let Some(from) = variable.from.as_ref().filter(|it| it.kind == "ConfigMap") else {
            continue;
        };
        if bears(&variable.name, service) || bears(&from.key, service) {
            found.push((case.config("ConfigMap", namespace, &from.name).seen()?, from.key.clone()));
        }
    }
    for from in spec.env_from.iter().filter(|it| it.kind == "ConfigMap") {
        let Some(config) = case.config("ConfigMap", namespace, &from.name).seen() else { continue };
        let written = config.it.meta.touches.iter().flat_map(|it| &it.fields);
        let written = written.filter_map(|it| it.strip_prefix("data."));
        let listed = config.it.keys.iter().flatten().map(String::as_str);
        for key in written.chain(listed).filter(|it| bears(it, service)) {
            if !found.iter().any(|it| it.0.exhibit == config.exhibit && it.1 == key) {
                found.push((config, key.to_owned()));
            }
        }
    }
    if found.len() > 1 {
        found.retain(|it| it.1.to_ascii_uppercase().ends_with("PORT"));
    }
    let only = found.pop()?;
    found.is_empty().then_some(only)
}

/// Whether a setting's name holds a Service's as words of it: `SHIPPING_ADDR` that of `shipping`.
fn bears(key: &str, service: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric());
        words.filter(|it| !it.is_empty()).map(str::to_ascii_uppercase).collect()
    };
    let (key, service) = (words(key), words(service));
    !service.is_empty() && key.windows(service.len()).any(|it| it == service.as_slice())
}

#[cfg(test)]
mod tests {
    use super::bears;

    #[test]
    fn a_key_bears_the_name_of_a_service_in_whole_words() {
        assert!(bears("SHIPPING_ADDR", "shipping"));
        assert!(bears("order.store.url", "order-store"));
        assert!(!bears("SHIPPINGS_ADDR", "shipping"));
        assert!(!bears("ADDR", "shipping"));
    }
}
