//! A node, a subnet or a pool has no address left for a pod.

mod of_pool;

use crate::case::Case;
use crate::case::sandboxes::says_no_address;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Finding, Judgement};
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "CNI-02",
    title: "there is no address left for its pods",
    category: Category::Network,
    proves: "pods wait for their containers, and the network plugin says that its range of addresses is used up",
    refutes: "the pods run by now",
    confused_with: &["CNI-01", "SCH-15"],
    depth: Depth::Infrastructure,
    stands_alone: false,
    ask: of_pool::ask,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let why = |_: &str| "there is no address left for their pods".to_owned();
    let of_pool = of_pool::finding(case);
    let others =
        |said: &str| says_no_address(said) && (of_pool.is_none() || of_pool::pools(said).is_none());
    let of_node = case.sandbox_fault(|it| others(it.said), why);
    of_node.into_iter().chain(of_pool.clone()).map(Judgement::Proven).collect()
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if subject.kind != "Node" {
        return vec![Remedy {
            action: "Give Calico a pool with more addresses for these pods, or enable the one of before; pods that run keep theirs.".to_owned(),
            command: "kubectl get ippools.crd.projectcalico.org".to_owned(),
            risk: "low".to_owned(),
            reversible: true,
            verify: "The pods that wait get their sandboxes.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Give the pods of {subject} more addresses (a larger range or subnet), or release those that nobody uses; fewer pods on a node need fewer."
        ),
        command: "kubectl get nodes -o custom-columns=NAME:.metadata.name,RANGE:.spec.podCIDR"
            .to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The pods that wait get their sandboxes.".to_owned(),
    }]
}
