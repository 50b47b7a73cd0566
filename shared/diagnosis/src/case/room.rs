//! Pods that wait for room: no node that they may use has enough of a resource free.

use super::Case;
use super::constraints::Constraint;
use super::containers::pod_spec_path;
use super::unplaced::Unplaced;
use crate::finding::{Cite, Finding};

impl Case {
    /// What each object lacks whose pods find no node with enough of `resource`.
    pub fn lacking(&self, resource: &str) -> Vec<Finding> {
        let binding = Constraint::Resource(resource.to_owned());
        let unplaced = self.unplaced();
        let short = unplaced.iter().filter(|it| it.binding == binding);
        short.map(|it| self.lack(it, resource)).collect()
    }

    fn lack(&self, unplaced: &Unplaced<'_>, resource: &str) -> Finding {
        let subject = unplaced.root.clone();
        let wanted = requests(unplaced, resource);
        let asks = match wanted.as_slice() {
            [] => format!("more {resource}"),
            several => {
                let list: Vec<&str> = several.iter().map(|(_, it)| *it).collect();
                format!("{} of {resource}", list.join(" + "))
            }
        };
        let field = wanted.first().map(|(container, _)| {
            let path = pod_spec_path(&subject.kind);
            let mut specs = unplaced.pod.it.spec.containers.iter();
            // A sidecar of Kubernetes' own kind stands among the init containers.
            let init = specs.any(|it| it.name == *container && it.init);
            let list = if init { "initContainers" } else { "containers" };
            format!("{path}.{list}[{container}].resources.requests.{resource}")
        });
        let mut proofs = unplaced.cites.clone();
        for node in self.nodes().take(3) {
            let Some(offered) = node.it.allocatable.get(resource) else { continue };
            let says = format!("{}: {offered} {resource} allocatable", node.meta.entity("Node"));
            proofs.push(Cite::new(node.exhibit, says));
        }
        Finding {
            field,
            value: wanted.first().map(|(_, it)| (*it).to_owned()),
            statement: format!(
                "{subject} cannot be scheduled because a pod of it requests {asks}, and no node that it may use has that much free."
            ),
            proofs,
            doubts: Vec::new(),
            strength: unplaced.strength(),
            explains: vec![subject.clone()],
            subject,
        }
    }
}

/// What a pod's containers request of a resource, as (container, quantity).
fn requests<'a>(unplaced: &'a Unplaced<'_>, resource: &str) -> Vec<(&'a str, &'a str)> {
    let containers = unplaced.pod.it.spec.containers.iter().filter(|it| !it.init || it.sidecar);
    containers
        .filter_map(|it| Some((it.name.as_str(), it.requests.get(resource)?.as_str())))
        .collect()
}
