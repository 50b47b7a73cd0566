//! A volume that one node, or one pod, may have is still had by another one.

mod one_pod_at_a_time;

use crate::case::Case;
use crate::case::denials::between;
use crate::case::sandboxes::is_before_its_containers;
use crate::failure_mode::{Category, Depth, FailureMode};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::object::Object;
use evidence::fact::pod::Pod;
use evidence::question::Question;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-08",
    title: "its volume is still had by another node or pod",
    category: Category::Storage,
    proves: "the attach/detach controller says `Multi-Attach error`, the pod still waits for its volumes, and another pod on another node mounts the same claim, or an attachment is left there; or the scheduler says that a claim for one pod at a time is in use, and another pod mounts it",
    refutes: "the pod runs by now, or the other node is not ready: then that node is the cause",
    confused_with: &["STO-07", "NODE-01", "CTL-09"],
    depth: Depth::Object,
    stands_alone: false,
    ask,
    judge,
    remedy,
};

fn ask(case: &Case) -> Vec<Question> {
    if waiting(case).is_empty() || case.looked("VolumeAttachment", "") {
        return Vec::new();
    }
    vec![Question::Objects { kind: "VolumeAttachment".to_owned(), namespace: String::new() }]
}

/// Pods that wait for a volume that is elsewhere.
fn waiting(case: &Case) -> Vec<(Seen<'_, Pod>, Seen<'_, Event>)> {
    let mut waiting = Vec::new();
    for pod in case.pods().filter(|pod| is_before_its_containers(pod)) {
        let name = pod.meta.entity("Pod");
        let said = case.events_of(&name, &["FailedAttachVolume"]).max_by_key(|it| it.last);
        waiting.extend(
            said.filter(|it| it.message.contains("Multi-Attach error")).map(|it| (pod, it)),
        );
    }
    waiting
}

fn judge(case: &Case) -> Vec<Judgement> {
    let attached = waiting(case).into_iter().filter_map(|(pod, said)| one(case, pod, said));
    one_each(attached.chain(one_pod_at_a_time::all(case)))
}

fn one(case: &Case, pod: Seen<'_, Pod>, said: Seen<'_, Event>) -> Option<Judgement> {
    let root = case.root_of(&pod.meta, "Pod");
    let (namespace, node) = (&pod.meta.namespace, &pod.it.spec.node_name);
    let volume = between(&said.it.message, "for volume \"", "\"")?;
    let claim = claim_of(case, &pod, volume)?;
    let says =
        format!("{}: FailedAttachVolume, {} times", pod.meta.entity("Pod"), said.count.max(1));
    let mut proofs = vec![Cite::quoting(said.exhibit, says, &said.message)];
    let mounts =
        |other: &Seen<'_, Pod>| {
            other.meta.namespace == *namespace
                && !other.it.spec.node_name.is_empty()
                && other.it.spec.node_name != *node
                && !matches!(other.it.phase.as_str(), "Succeeded" | "Failed")
                && other.it.spec.volumes.iter().any(|it| {
                    it.object.kind == "PersistentVolumeClaim" && it.object.name == claim.name
                })
        };
    let (mut strength, mut doubts) = (Strength::Strong, Vec::new());
    let (subject, field, value, why) = match case.pods().find(mounts) {
        Some(holder) => {
            let elsewhere = &holder.it.spec.node_name;
            // One that was told to go and does not may be on a node that is down.
            if holder.meta.deleted.is_some() && case.node(elsewhere).seen().is_none() {
                strength = Strength::Suggestive;
                let says = format!("Node {elsewhere} was not seen, and may be down");
                doubts.push(Cite::new(holder.exhibit, says));
            }
            if !case.is_ready_node(elsewhere) {
                return None; // What ails that node holds the volume.
            }
            let name = holder.meta.entity("Pod");
            proofs
                .push(Cite::new(holder.exhibit, format!("{name}: mounts it on Node {elsewhere}")));
            let owner = case.root_of(&holder.meta, "Pod");
            if owner == root {
                let rolling = case.workload(&root).seen().map(|it| it.it.strategy.clone());
                let why = format!("its own {name} still has it on Node {elsewhere}");
                (root.clone(), "spec.strategy.type", rolling, why)
            } else {
                let why = format!("{owner} has it on Node {elsewhere}");
                (claim.clone(), "spec.accessModes", None, why)
            }
        }
        None => {
            let left = case.objects().find(|it| is_left(it.it, volume, node))?;
            let elsewhere = left.it.fields.get("spec.nodeName")?.clone();
            let subject = left.meta.entity("VolumeAttachment");
            let says = format!("{subject}: of {volume} to Node {elsewhere}");
            proofs.push(Cite::new(left.exhibit, says));
            let why =
                format!("it is left attached to Node {elsewhere}, where no known pod needs it");
            (subject, "spec.nodeName", Some(elsewhere), why)
        }
    };
    Some(Judgement::Proven(Finding {
        field: Some(field.to_owned()),
        value,
        statement: format!(
            "{root} cannot start because the volume of {claim} cannot be attached: {why}."
        ),
        proofs,
        doubts,
        strength,
        explains: vec![root],
        subject,
    }))
}

/// The claim of a pod that has a volume; a pod's only claim where claims were not seen.
fn claim_of(case: &Case, pod: &Pod, volume: &str) -> Option<Entity> {
    let namespace = &pod.meta.namespace;
    let mounted = pod.spec.volumes.iter().map(|it| &it.object);
    let claims: Vec<&str> = mounted
        .filter(|it| it.kind == "PersistentVolumeClaim")
        .map(|it| it.name.as_str())
        .collect();
    let has =
        |claim: &&str| case.claim(namespace, claim).seen().is_some_and(|it| it.it.volume == volume);
    let found = claims.iter().copied().find(has).or(match claims.as_slice() {
        [only] => Some(*only),
        _ => None,
    })?;
    Some(Entity::new("PersistentVolumeClaim", namespace, found))
}

fn is_left(object: &Object, volume: &str, node: &str) -> bool {
    object.kind == "VolumeAttachment"
        && object.fields.get("spec.source.persistentVolumeName").is_some_and(|it| it == volume)
        && object.fields.get("spec.nodeName").is_some_and(|it| it != node)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Let who has the volume of {subject} give it back: use the strategy Recreate, or one pod; force a detach only when nothing writes to it any more."
        ),
        command: "kubectl get volumeattachments".to_owned(),
        risk: "medium".to_owned(),
        reversible: true,
        verify: "The pod starts.".to_owned(),
    }]
}
