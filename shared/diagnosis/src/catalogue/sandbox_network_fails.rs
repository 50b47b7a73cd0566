//! The network plugin of a node cannot give a pod its network.

use crate::case::Case;
use crate::case::denials::between;
use crate::case::plugins::PluginDown;
use crate::case::sandboxes::{Sandboxless, says_no_address, says_no_network};
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement, Strength, joined};
use crate::kubectl;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CNI-01",
    title: "the network plugin cannot set up its pods",
    category: Category::Network,
    proves: "pods wait for their containers, and their kubelet says `FailedCreatePodSandBox` with an error of the network plugin; it is the plugin's DaemonSet where that has no ready pod on their node",
    refutes: "the pods run by now, the node itself is not ready, or it is addresses that lack",
    confused_with: &["NODE-02", "CNI-02", "OOM-00"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    case.ask_about_plugins()
}

fn judge(case: &Case) -> Vec<Judgement> {
    let sandboxless = case.sandboxless();
    let there = |it: &&Sandboxless<'_>| shows(it) && case.is_ready_node(&it.pod.it.spec.node_name);
    let down =
        sandboxless.iter().filter(there).filter_map(|it| Some(bringer(it, case.plugin_down(it)?)));
    let mut judgements = joined(down);
    let node = case.sandbox_fault(|it| shows(it) && case.plugin_down(it).is_none(), why);
    judgements.extend(node.map(Judgement::Proven));
    judgements
}

/// The plugin's own pods are down: why they are is the cause, where that shows.
fn bringer(sandbox: &Sandboxless<'_>, down: PluginDown<'_>) -> Finding {
    let subject = down.daemon.meta.entity("DaemonSet");
    let node = &sandbox.pod.it.spec.node_name;
    Finding {
        field: None,
        value: None,
        statement: format!(
            "{} cannot start on Node {node} because {subject}, which brings the network plugin there, has no ready pod on it.",
            sandbox.root
        ),
        proofs: vec![sandbox.cite.clone(), down.cite],
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![sandbox.root.clone()],
        subject,
    }
}

fn shows(sandbox: &Sandboxless<'_>) -> bool {
    says_no_network(sandbox.said) && !says_no_address(sandbox.said)
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
    if subject.kind == "DaemonSet" {
        return vec![Remedy {
            action: format!("See why the pods of {subject} are not ready, and what changed them."),
            command: kubectl::object("describe", subject, ""),
            risk: "low".to_owned(),
            reversible: true,
            verify: "It has a ready pod on every node, and the pods that wait get their sandboxes."
                .to_owned(),
        }];
    }
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
