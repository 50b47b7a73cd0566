//! A pod asks another name service than the cluster's.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::pod_spec_path;
use crate::case::peers::is_public;
use crate::case::resolving::Unresolved;
use crate::case::words::network::NO_ADDRESS;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Refutation, Strength, one_each};
use crate::kubectl;
use evidence::fact::spec::PodSpec;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "DNS-03",
    title: "its pods do not ask the cluster's name service",
    category: Category::Network,
    proves: "a log says that the name of a Service that exists is not found, and the pod's dnsPolicy or dnsConfig sends its questions elsewhere; or a log says that names have no address since the newest revision's does",
    refutes: "the pod's dnsPolicy is ClusterFirst: it asks the cluster's name service",
    confused_with: &["DNS-01", "DNS-02", "NET-05"],
    depth: Depth::Workload,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_names()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let unresolved = case.unresolved();
    let complaints = case.complaints();
    let named = unresolved.iter().filter_map(|it| one(case, it));
    one_each(named.chain(complaints.iter().filter_map(|it| nameless(case, it))))
}

/// A client that does not say which name has no address, where the newest revision has its pods ask elsewhere and the one before
/// did not.
fn nameless(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    if !complaint.line.text.contains(NO_ADDRESS) {
        return None;
    }
    let (pod, subject) = (complaint.container.pod, complaint.root().clone());
    let (field, value, why) = elsewhere(case, &pod.spec)?;
    let revisions = case.revisions_of(&subject);
    let [newest, before, ..] = revisions.as_slice() else { return None };
    let asked = |it: &PodSpec| elsewhere(case, it).is_some();
    if !asked(&newest.it.template) || asked(&before.it.template) {
        return None;
    }
    let path = pod_spec_path(&subject.kind);
    Some(Judgement::Proven(Finding {
        field: Some(format!("{path}.{field}")),
        value: Some(value),
        statement: format!("{subject} finds no addresses because {why}."),
        proofs: vec![
            complaint.cite(),
            Cite::new(pod.exhibit, format!("{}: {why}", pod.meta.entity("Pod"))),
            Cite::new(before.exhibit, "the revision before asked the cluster's".to_owned()),
        ],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![subject.clone()],
        subject,
    }))
}

fn one(case: &Case, unresolved: &Unresolved<'_>) -> Option<Judgement> {
    let pod = unresolved.complaint.container.pod;
    let subject = unresolved.complaint.root().clone();
    let name = pod.meta.entity("Pod");
    let Some((field, value, why)) = elsewhere(case, &pod.spec) else {
        if !pod.spec.dns_policy.is_empty() || pod.spec.host_network {
            return None;
        }
        let why = format!("{name} asks the cluster's name service (ClusterFirst)");
        let proofs = vec![Cite::new(pod.exhibit, why.clone())];
        return Some(Judgement::Refuted(Refutation { subject, why, proofs }));
    };
    let service = unresolved.service.meta.entity("Service");
    let line = &unresolved.complaint.line.text;
    // Go's resolver says whom it asked.
    let named = pod.spec.nameservers.iter().any(|it| line.contains(&format!(" on {it}:53")));
    let strength = if named { Strength::Conclusive } else { Strength::Strong };
    let path = pod_spec_path(&subject.kind);
    Some(Judgement::Proven(Finding {
        field: Some(format!("{path}.{field}")),
        value: Some(value),
        statement: format!("{subject} finds no address for {service} because {why}."),
        proofs: vec![
            unresolved.complaint.cite(),
            Cite::new(pod.exhibit, format!("{name}: {why}")),
            Cite::new(unresolved.service.exhibit, format!("{service} is there")),
        ],
        doubts: Vec::new(),
        strength,
        explains: vec![subject.clone()],
        subject,
    }))
}

/// The setting by which a pod does not ask the cluster's name service: its field, its value, and what it does.
fn elsewhere(case: &Case, spec: &PodSpec) -> Option<(&'static str, String, String)> {
    match spec.dns_policy.as_str() {
        "Default" => {
            let why = "its dnsPolicy Default asks the node's name servers, which know no Services";
            Some(("dnsPolicy", "Default".to_owned(), why.to_owned()))
        }
        "" if spec.host_network => {
            let why =
                "on the node's network its dnsPolicy ClusterFirst asks the node's name servers";
            Some(("dnsPolicy", "ClusterFirst".to_owned(), why.to_owned()))
        }
        "None" => {
            let servers = spec.nameservers.join(", ");
            let cluster = case.name_service().map(|it| it.it.addresses.clone());
            // Without the name service's address nobody knows whether it is this one; a public one it is not.
            if cluster.is_none()
                && !spec.nameservers.iter().all(|it| it.parse().is_ok_and(is_public))
            {
                return None;
            }
            let asks = spec.nameservers.iter().any(|it| {
                // A cache on the node asks the cluster's name service.
                it.starts_with("169.254.") || cluster.as_ref().is_some_and(|all| all.contains(it))
            });
            if !asks && !servers.is_empty() {
                let why =
                    format!("its dnsConfig asks {servers} instead of the cluster's name service");
                return Some(("dnsConfig.nameservers", servers, why));
            }
            let searches =
                spec.searches.iter().any(|it| it.starts_with("svc.") || it.contains(".svc."));
            if asks && !searches {
                let why = "its dnsConfig searches no domain of Services".to_owned();
                return Some(("dnsConfig.searches", spec.searches.join(", "), why));
            }
            None
        }
        _ => None,
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Give the pods of {subject} dnsPolicy ClusterFirst (ClusterFirstWithHostNet on the node's network), in their source."
        ),
        command: kubectl::object("get", subject, "-o yaml"),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The name is resolved in a new pod.".to_owned(),
    }]
}
