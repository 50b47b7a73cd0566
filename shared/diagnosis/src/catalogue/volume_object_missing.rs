//! A pod cannot start because a ConfigMap or Secret that it mounts is missing.

use crate::case::Case;
use crate::case::missing::{Lack, Missing, said_missing, said_missing_key};
use crate::case::sandboxes::is_before_its_containers;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::event::Event;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-07",
    title: "a ConfigMap or Secret that it mounts is missing",
    category: Category::Storage,
    proves: "the pod still waits for its volumes, and the kubelet names the object that it cannot mount",
    refutes: "the object is there by now, or the volume is optional",
    confused_with: &["CFG-01", "STO-08"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let mut lacks = Vec::new();
    for root in case.roots() {
        for pod in case.pods_of(root).filter(|pod| is_before_its_containers(pod)) {
            let name = pod.meta.entity("Pod");
            let told: Vec<Lack> = case
                .events_of(&name, &["FailedMount"])
                .filter_map(|event| told(root, &pod, event))
                .collect();
            if told.is_empty() {
                lacks.extend(unseen(case, root, pod));
            }
            lacks.extend(told);
        }
    }
    case.blame(lacks)
}

/// What the kubelet says of a volume: `MountVolume.SetUp failed for volume "v" : configmap "x" not found`.
fn told(root: &Entity, pod: &Seen<'_, Pod>, event: Seen<'_, Event>) -> Option<Lack> {
    let namespace = &pod.meta.namespace;
    let missing = said_missing(&event.message, namespace).or_else(|| {
        let key = said_missing_key(&event.message)?;
        let (_, rest) = event.message.split_once("for volume \"")?;
        let (volume, _) = rest.split_once('"')?;
        let volume = pod.it.spec.volumes.iter().find(|it| it.volume == volume)?;
        let object = Entity::new(&volume.object.kind, namespace, &volume.object.name);
        Some(Missing { object, key: key.to_owned() })
    })?;
    let says = format!("{}: FailedMount, {} times", pod.meta.entity("Pod"), event.count.max(1));
    Some(Lack {
        missing,
        root: root.clone(),
        cite: Cite::quoting(event.exhibit, says, &event.message),
        strength: Strength::Conclusive,
    })
}

/// Where no event is left: a mounted object that is known not to be there.
fn unseen(case: &Case, root: &Entity, pod: Seen<'_, Pod>) -> Option<Lack> {
    let volume = pod.it.spec.volumes.iter().find(|it| {
        matches!(it.object.kind.as_str(), "ConfigMap" | "Secret")
            && !it.object.optional
            && case.config(&it.object.kind, &pod.meta.namespace, &it.object.name).is_absent()
    })?;
    let object = Entity::new(&volume.object.kind, &pod.meta.namespace, &volume.object.name);
    let says = format!(
        "{} waits for its volumes, and its volume {} mounts {object}",
        pod.meta.entity("Pod"),
        volume.volume
    );
    Some(Lack {
        missing: Missing { object, key: String::new() },
        root: root.clone(),
        cite: Cite::new(pod.exhibit, says),
        strength: Strength::Strong,
    })
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: match subject.kind.as_str() {
            "ConfigMap" | "Secret" => format!("Restore {subject} from its source."),
            _ => format!("Correct the volume in the source of {subject}."),
        },
        command: kubectl::object("describe", subject, ""),
        risk: "low".to_owned(),
        reversible: true,
        verify: "The kubelet mounts the volume at its next try, and the pod starts.".to_owned(),
    }]
}
