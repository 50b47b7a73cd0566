//! The API server's certificate is out of date, as those say who call it.

use crate::case::Case;
use crate::case::denials::between;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use evidence::entity::Entity;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "API-04",
    title: "a certificate of the control plane has expired",
    category: Category::Admission,
    proves: "a pod gets no sandbox because its network plugin calls the API server, whose certificate it says has expired; or a node's condition says so",
    refutes: "the certificate is not valid yet: then it is the node's clock",
    confused_with: &["NODE-09", "ADM-08"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

/// Of Go's `crypto/x509`. `is after` tells it from one that is not valid yet.
const EXPIRED: &str = "x509: certificate has expired or is not yet valid";

fn judge(case: &Case) -> Vec<Judgement> {
    let server = Entity::new("Service", "default", "kubernetes");
    let mut found: Option<Finding> = None;
    for pod in case.pods().filter(|pod| !is_ready(pod) && pod.meta.deleted.is_none()) {
        let name = pod.meta.entity("Pod");
        let events = case.events_of(&name, &["FailedCreatePodSandBox"]);
        let Some(event) =
            events.filter(|it| is_of_the_api_server(&it.message)).max_by_key(|it| it.last)
        else {
            continue;
        };
        let root = case.root_of(&pod.it.meta, "Pod");
        let says = format!("{name}: FailedCreatePodSandBox, {} times", event.count.max(1));
        let cite = Cite::quoting(event.exhibit, says, &event.message);
        match &mut found {
            Some(known) if !known.explains.contains(&root) => {
                known.explains.push(root);
                known.proofs.push(cite);
            }
            Some(_) => {}
            None => {
                found = Some(finding(&server, &format!("{root} gets no pods"), root.clone(), cite))
            }
        }
    }
    let mut judgements: Vec<Judgement> = found.into_iter().map(Judgement::Proven).collect();
    for node in case.nodes() {
        let expired = |message: &str| message.contains(EXPIRED) && message.contains(" is after ");
        let bad = node
            .it
            .conditions
            .iter()
            .find(|it| it.kind == "Ready" && it.status != "True" && expired(&it.message));
        if let Some(condition) = bad {
            let name = node.meta.entity("Node");
            let says = format!("{name}: Ready is {}", condition.status);
            let cite = Cite::quoting(node.exhibit, says, &condition.message);
            judgements.push(Judgement::Proven(finding(
                &name,
                &format!("{name} is not ready"),
                name.clone(),
                cite,
            )));
        }
    }
    judgements
}

/// The plugin's call and Go's words: `Get "https://10.96.0.1:443/apis/...": ... x509: ... current time X is after Y`.
fn is_of_the_api_server(message: &str) -> bool {
    let path = between(message, "\"https://", "\"").and_then(|it| it.split_once('/'));
    let api = path.is_some_and(|(_, path)| path.starts_with("api/") || path.starts_with("apis/"));
    api && message.contains(EXPIRED) && message.contains(" is after ")
}

fn finding(subject: &Entity, what: &str, victim: Entity, cite: Cite) -> Finding {
    let whose = if subject.kind == "Node" {
        "a certificate that it uses"
    } else {
        "the API server's certificate"
    };
    Finding {
        field: None,
        value: None,
        statement: format!("{what} because {whose} has expired."),
        proofs: vec![cite],
        doubts: Vec::new(),
        strength: Strength::Conclusive,
        explains: vec![victim],
        subject: subject.clone(),
    }
}

fn remedy(_: &Finding) -> Vec<Remedy> {
    vec![Remedy {
        action: "Renew the certificates of the control plane and restart what uses them."
            .to_owned(),
        command: "kubeadm certs check-expiration".to_owned(),
        risk: "high".to_owned(),
        reversible: false,
        verify: "New pods get a sandbox.".to_owned(),
    }]
}
