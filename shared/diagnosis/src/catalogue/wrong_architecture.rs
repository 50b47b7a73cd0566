//! An image is made for another processor than the node has.

use crate::case::Case;
use crate::case::containers::Running;
use crate::case::pulls::says_other_platform;
use crate::case::words::last_line;
use crate::case::words::names::path;
use crate::case::words::process::says_wrong_format;
use crate::engine::symptoms::is_ready;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, one_each};
use crate::seen::Seen;
use evidence::fact::node::Node;
use evidence::fact::pod::Pod;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "IMG-05",
    title: "its image is made for another processor",
    category: Category::Image,
    proves: "the kernel says `exec format error` of its program, or the registry has the image for other platforms only",
    refutes: "other containers of the image run on nodes of the same architecture",
    confused_with: &["IMG-01", "CFG-02", "RUN-13"],
    depth: Depth::Workload,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let pulled = case.pulls().into_iter().filter(|it| says_other_platform(&it.said));
    let pulled = pulled.map(|it| found(case, &it.container, it.cites, true));
    let ran = case.containers().filter_map(|container| ran(case, &container));
    one_each(pulled.chain(ran))
}

/// A container that was started, and whose program the kernel could not read.
fn ran(case: &Case, container: &Running<'_>) -> Option<Judgement> {
    let ended = case.fails_by_ending(container)?;
    let mut proofs = vec![container.cite_end(ended)];
    let mut said = ended.message.as_str();
    if !says_wrong_format(said) {
        let log = case.words_of(container)?;
        let line = last_line(log.it, says_wrong_format)?;
        let says = format!("container {} could not be run", container.spec.name);
        proofs.push(Cite::quoting(log.exhibit, says, &line.text));
        said = &line.text;
    }
    if is_script(container, said) {
        return None;
    }
    // The same pods are well elsewhere: then it is not a broken file.
    let own = node(case, &container.pod);
    let elsewhere = case.pods_of(container.root).find(|pod| {
        is_ready(pod) && node(case, pod).and_then(architecture) != own.and_then(architecture)
    });
    let proven = own.and_then(architecture).is_some() && elsewhere.is_some();
    if let Some(pod) = elsewhere.filter(|_| proven) {
        let says = format!("{} is ready on another architecture", pod.meta.entity("Pod"));
        proofs.push(Cite::new(pod.exhibit, says));
    }
    Some(found(case, container, proofs, proven))
}

/// Whether what could not be run is a script without its first line `#!`, or a file that a volume brings.
fn is_script(container: &Running<'_>, said: &str) -> bool {
    path(said).is_some_and(|it| {
        [".sh", ".py", ".bash"].iter().any(|end| it.ends_with(end))
            || container.mounted_at(&it).is_some()
    })
}

fn found(case: &Case, container: &Running<'_>, mut proofs: Vec<Cite>, named: bool) -> Judgement {
    let (subject, spec) = (container.root.clone(), container.spec);
    let node = node(case, &container.pod);
    let on = match node.and_then(|node| Some((node, architecture(node)?))) {
        Some((node, architecture)) => {
            let name = node.meta.entity("Node");
            proofs.push(Cite::new(node.exhibit, format!("{name} is {architecture}")));
            format!("{name}, which is {architecture}")
        }
        None => "its node".to_owned(),
    };
    Judgement::Proven(Finding {
        field: Some(container.field("image")),
        value: Some(spec.image.clone()),
        statement: format!(
            "Container {} of {subject} cannot run because its image {} is not made for the processor of {on}.",
            spec.name, spec.image
        ),
        proofs,
        doubts: Vec::new(),
        strength: if named { Strength::Conclusive } else { Strength::Strong },
        explains: vec![subject.clone()],
        subject,
    })
}

fn node<'a>(case: &'a Case, pod: &Pod) -> Option<Seen<'a, Node>> {
    case.node(&pod.spec.node_name).seen()
}

fn architecture(node: Seen<'_, Node>) -> Option<&str> {
    node.it.meta.labels.get("kubernetes.io/arch").map(String::as_str)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    vec![Remedy {
        action: format!(
            "Build the image for every architecture of the cluster, or bind {subject} to nodes of its own with a node selector on kubernetes.io/arch."
        ),
        command: "kubectl get nodes -L kubernetes.io/arch".to_owned(),
        risk: "low".to_owned(),
        reversible: true,
        verify: "Its containers start on every node.".to_owned(),
    }]
}
