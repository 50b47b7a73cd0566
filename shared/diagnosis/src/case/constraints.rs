//! What the scheduler says that it lacks, in its own words.

use super::denials::between;
use evidence::fact::spec::PodSpec;

/// What the scheduler lacks.
/// The words are those of <https://github.com/kubernetes/kubernetes/tree/master/pkg/scheduler/framework/plugins>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// `Insufficient cpu`, `memory` or an extended resource.
    Resource(String),
    /// `Too many pods`.
    PodCount,
    /// `exceed max volume count`.
    VolumeCount,
    /// `didn't match Pod's node affinity/selector`, with a node selector that no node has.
    Selector,
    /// The same words, with a required node affinity.
    Affinity,
    /// `had untolerated taint`, with the taint's key.
    Taint(String),
    /// `were unschedulable`.
    Cordon,
    /// `didn't match pod anti-affinity rules`.
    AntiAffinity,
    /// `didn't satisfy existing pods anti-affinity rules`: those of pods that are there.
    OthersAntiAffinity,
    /// `didn't match pod affinity rules`.
    PodAffinity,
    /// `didn't match pod topology spread constraints`.
    Spread,
    /// `didn't have free ports for the requested pod ports`.
    HostPort,
    /// `had volume node affinity conflict`, `didn't match PersistentVolume's node affinity`.
    VolumeZone,
    /// `didn't find available persistent volumes to bind`.
    NoVolume,
    /// `PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod`.
    ClaimInUse,
    /// `pod has unbound immediate PersistentVolumeClaims`.
    UnboundClaim,
    /// `persistentvolumeclaim "x" not found`.
    MissingClaim(String),
    /// There is no room, and the autoscaler says that its groups of nodes are as large as they may be.
    GroupsFull,
    /// There is no room, and the autoscaler says that it could not add a node.
    GrowthFailed,
    /// There is no room but on this node, which lately began to leave.
    Leaving(String),
    /// There is no room, because a pod of higher priority took this one's: as the scheduler names that pod.
    Preempted(String),
    /// Anything else.
    Other,
}

/// The constraint that the scheduler counts for most nodes; ties go to the one named first here.
pub(super) fn most(reasons: &[(u32, Constraint)]) -> Constraint {
    let mut best: Option<&(u32, Constraint)> = None;
    for reason in telling(reasons) {
        if best.is_none_or(|it| reason.0 > it.0) {
            best = Some(reason);
        }
    }
    best.map_or(Constraint::Other, |(_, it)| it.clone())
}

/// Reasons that tell something: known ones, and not what is so in every cluster.
pub(super) fn telling(reasons: &[(u32, Constraint)]) -> impl Iterator<Item = &(u32, Constraint)> {
    reasons.iter().filter(|(_, it)| {
        *it != Constraint::Other && !matches!(it, Constraint::Taint(key) if is_usual(key))
    })
}

/// The taint of a control plane is there in every cluster: rule R3.
pub(super) fn is_usual(key: &str) -> bool {
    key.starts_with("node-role.kubernetes.io/")
}

/// Taints by which a cloud, an autoscaler or an upgrade says that a node is about to go.
/// Those of Cluster Autoscaler, Karpenter, AWS's termination handler, GKE, and the cloud controller manager.
pub fn says_leaving(key: &str) -> bool {
    let signs = [
        "ToBeDeletedByClusterAutoscaler",
        "karpenter.sh/disrupted",
        "karpenter.sh/disruption",
        "aws-node-termination-handler/",
        "cloud.google.com/impending-node-termination",
        "node.cloudprovider.kubernetes.io/shutdown",
        "node.kubernetes.io/out-of-service",
    ];
    signs.iter().any(|sign| key.starts_with(sign))
}

/// Taints that a node bears from its start until something has made it ready, which takes them away: nothing to tolerate.
/// The cloud controller manager, Cluster API and Karpenter register nodes so; the agents of Cilium, Istio's CNI and the CSI
/// drivers of AWS, Azure and others (`.../agent-not-ready`); Cluster Autoscaler knows what bears its prefix for such.
pub fn says_uninitialised(key: &str) -> bool {
    let signs = [
        "startup-taint.cluster-autoscaler.kubernetes.io/",
        "ignore-taint.cluster-autoscaler.kubernetes.io/",
        "readiness.k8s.io/",
    ];
    let own = key.rsplit_once('/').map_or("", |(_, it)| it);
    let of_cluster = key.starts_with("node.kubernetes.io/");
    matches!(own, "uninitialized" | "agent-not-ready" | "unregistered")
        || (own == "not-ready" && !of_cluster)
        || signs.iter().any(|sign| key.starts_with(sign))
}

/// What the scheduler counts, as (nodes, constraint); 0 nodes where it is about the pod itself.
/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: ...`
pub(super) fn reasons(said: &str, spec: &PodSpec) -> Vec<(u32, Constraint)> {
    // Since 1.34 `no new claims to deallocate, preemption: ...` follows the sentence.
    let (said, _) = said.split_once(". ").unwrap_or((said, ""));
    let list = said.split_once(" nodes are available: ").map_or(said, |(_, list)| list);
    let mut reasons = Vec::new();
    for part in list.trim_end_matches('.').split(", ") {
        let (count, text) = match part.split_once(' ') {
            Some((count, text)) => match count.parse() {
                Ok(count) => (count, text),
                Err(_) => (0, part),
            },
            None => (0, part),
        };
        let constraint = constraint(text, spec);
        let count = if is_of_pod(&constraint) { 0 } else { count.max(1) };
        reasons.push((count, constraint));
    }
    reasons
}

fn is_of_pod(constraint: &Constraint) -> bool {
    matches!(constraint, Constraint::UnboundClaim | Constraint::MissingClaim(_))
}

fn constraint(text: &str, spec: &PodSpec) -> Constraint {
    if let Some(resource) = text.strip_prefix("Insufficient ") {
        return Constraint::Resource(resource.to_owned());
    }
    if let Some((_, rest)) = text.split_once("untolerated taint") {
        let key = rest.trim_start_matches("(s)").trim_start_matches([' ', '{']);
        return Constraint::Taint(key.split([':', '}']).next().unwrap_or_default().to_owned());
    }
    if let Some(claim) = between(text, "persistentvolumeclaim \"", "\" not found")
        .filter(|_| text.contains("\" not found"))
    {
        return Constraint::MissingClaim(claim.to_owned());
    }
    let has = |words: &str| text.contains(words);
    if has("node affinity/selector") {
        return if spec.node_selector.is_empty() {
            Constraint::Affinity
        } else {
            Constraint::Selector
        };
    }
    let known = [
        ("were unschedulable", Constraint::Cordon),
        ("existing pods anti-affinity rules", Constraint::OthersAntiAffinity),
        ("anti-affinity rules", Constraint::AntiAffinity),
        ("pod affinity rules", Constraint::PodAffinity),
        ("topology spread constraints", Constraint::Spread),
        ("free ports for the requested pod ports", Constraint::HostPort),
        ("volume node affinity conflict", Constraint::VolumeZone),
        // The same since 1.35.
        ("match PersistentVolume's node affinity", Constraint::VolumeZone),
        ("had no available volume zone", Constraint::VolumeZone),
        ("find available persistent volumes to bind", Constraint::NoVolume),
        ("unbound immediate PersistentVolumeClaims", Constraint::UnboundClaim),
        // Older: `node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode`.
        ("ReadWriteOncePod access mode", Constraint::ClaimInUse),
        ("Too many pods", Constraint::PodCount),
        ("exceed max volume count", Constraint::VolumeCount),
    ];
    known
        .into_iter()
        .find(|(words, _)| has(words))
        .map_or(Constraint::Other, |(_, constraint)| constraint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_scheduler_counts() {
        let said = "0/6 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't satisfy existing pods anti-affinity rules, 3 node(s) had untolerated taint {a/b: c}. preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.";
        let expected = [
            (1, Constraint::Resource("nvidia.com/gpu".to_owned())),
            (2, Constraint::OthersAntiAffinity),
            (3, Constraint::Taint("a/b".to_owned())),
        ];
        assert_eq!(reasons(said, &PodSpec::default()), expected);
    }

    #[test]
    fn reads_the_sentence_of_1_34() {
        let said = "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
        let expected = [(3, Constraint::Resource("cpu".to_owned()))];
        assert_eq!(reasons(said, &PodSpec::default()), expected);
    }

    #[test]
    fn a_node_is_not_ready_yet() {
        for (key, is) in [
            ("node.cloudprovider.kubernetes.io/uninitialized", true),
            ("node.cluster.x-k8s.io/uninitialized", true),
            ("node.cilium.io/agent-not-ready", true),
            ("ebs.csi.aws.com/agent-not-ready", true),
            ("karpenter.sh/unregistered", true),
            ("cni.istio.io/not-ready", true),
            ("startup-taint.cluster-autoscaler.kubernetes.io/disk-unconfigured", true),
            ("node.kubernetes.io/not-ready", false),
            ("node.cloudprovider.kubernetes.io/shutdown", false),
            ("nvidia.com/gpu", false),
            ("dedicated", false),
        ] {
            assert_eq!(says_uninitialised(key), is, "{key}");
        }
    }

    #[test]
    fn a_claim_of_one_pod_is_in_use() {
        for (count, said) in [
            (
                2,
                "0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. preemption: none",
            ),
            (
                1,
                "0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.",
            ),
        ] {
            assert_eq!(reasons(said, &PodSpec::default()), [(count, Constraint::ClaimInUse)]);
        }
    }

    #[test]
    fn what_is_about_the_pod_counts_no_nodes() {
        let said = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: none";
        assert_eq!(reasons(said, &PodSpec::default()), [(0, Constraint::UnboundClaim)]);
        let said = "persistentvolumeclaim \"x\" is being deleted";
        assert_eq!(reasons(said, &PodSpec::default()), [(1, Constraint::Other)]);
    }
}
