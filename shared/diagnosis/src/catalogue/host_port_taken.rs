//! A pod asks for a port of its node that another pod has on every node.

use crate::case::Case;
use crate::case::constraints::Constraint;
use crate::case::containers::pod_spec_path;
use crate::case::unplaced::Unplaced;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement};
use crate::kubectl;
use evidence::fact::pod::Pod;
use evidence::fact::spec::PodSpec;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "SCH-10",
    title: "the host port that it asks for is taken",
    category: Category::Scheduling,
    proves: "the scheduler says `didn't have free ports for the requested pod ports`, and the pod has a host port",
    refutes: "the pod has no host port, or a rule keeps it from a node where the port is free",
    confused_with: &["SCH-07", "RUN-15"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.unplaced().iter().filter_map(|unplaced| one(case, unplaced)).collect()
}

fn one(case: &Case, unplaced: &Unplaced<'_>) -> Option<Judgement> {
    if unplaced.binding != Constraint::HostPort {
        return None;
    }
    let wanted = host_ports(&unplaced.pod.it.spec);
    let holders: Vec<_> = case.pods().filter(|it| holds(it.it, &wanted)).collect();
    // The port to name is one that another pod has, where that pod was seen.
    let taken =
        holders.iter().flat_map(|it| host_ports(&it.it.spec)).find(|it| wanted.contains(it));
    let Taken(container, port) = match &taken {
        Some(taken) => wanted.iter().find(|it| *it == taken)?,
        None => wanted.first()?,
    };
    let subject = &unplaced.root;
    let mut others: Vec<String> =
        holders.iter().map(|it| case.root_of(&it.meta, "Pod").to_string()).collect();
    others.dedup();
    let by = match others.as_slice() {
        [] => String::new(),
        [one] if *one == subject.to_string() => " by other pods of its own".to_owned(),
        [one, ..] => format!(" by {one}"),
    };
    let mut finding = unplaced.finding(format!(
        "{subject} cannot be scheduled because host port {port}, which it asks for, is taken{by} on every node that it may use."
    ));
    finding.field = Some(format!("{}.containers[{container}].ports", pod_spec_path(&subject.kind)));
    finding.value = Some(port.to_string());
    for holder in holders.iter().take(3) {
        let says = format!(
            "{}: has host port {port} of Node {}",
            holder.meta.entity("Pod"),
            holder.spec.node_name
        );
        finding.proofs.push(Cite::new(holder.exhibit, says));
    }
    Some(Judgement::Proven(finding))
}

/// The ports of its node that a pod takes, as (container, port): all that it declares where it has the node's network.
fn host_ports(spec: &PodSpec) -> Vec<Taken> {
    let mut taken = Vec::new();
    for container in &spec.containers {
        for port in &container.ports {
            let number = port.host.or(spec.host_network.then_some(port.number));
            taken.extend(number.map(|it| Taken(container.name.clone(), it)));
        }
    }
    taken
}

fn holds(pod: &Pod, wanted: &[Taken]) -> bool {
    !pod.spec.node_name.is_empty()
        && !matches!(pod.phase.as_str(), "Succeeded" | "Failed")
        && host_ports(&pod.spec).iter().any(|it| wanted.contains(it))
}

/// A container's name and its port; the same as another one's where the port is.
struct Taken(String, u16);

impl PartialEq for Taken {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give {subject} another host port or none (a Service needs none), or as many nodes as it has pods."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: format!("The pods of {subject} are scheduled."),
    }]
}
