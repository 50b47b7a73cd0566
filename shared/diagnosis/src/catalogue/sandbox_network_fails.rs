//! The network plugin of a node cannot give a pod its network.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::sandboxes::{says_no_address, says_no_network};
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Finding, Judgement};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CNI-01",
    title: "the network plugin cannot set up its pods",
    category: Category::Network,
    proves: "pods wait for their containers, and their kubelet says `FailedCreatePodSandBox` with an error of the network plugin",
    refutes: "the pods run by now, the node itself is not ready, or it is addresses that lack",
    confused_with: &["NODE-02", "CNI-02", "OOM-00"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    case.sandbox_fault(shows, why).into_iter().map(Judgement::Proven).collect()
}

fn shows(said: &str) -> bool {
    says_no_network(said) && !says_no_address(said)
}

/// failed to setup network for sandbox "8f…": plugin type="calico" failed (add): ...
fn why(said: &str) -> String {
    let plugin = between(said, "plugin type=\"", "\"").filter(|_| said.contains("plugin type=\""));
    let is_name = |it: &&str| it.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
    match plugin.filter(is_name) {
        Some(plugin) => format!("its network plugin {plugin} fails"),
        None => "its network plugin fails".to_owned(),
    }
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Read the log of the network plugin's pod on {subject} (usually a DaemonSet in kube-system), and what changed it."
        ),
        command: format!("kubectl get pods -A --field-selector spec.nodeName={}", subject.name),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait get their sandboxes.".to_owned(),
    }]
}
