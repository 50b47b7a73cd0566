//! A claim's volume is full.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::repository;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;

pub(super) static MODE: FailureMode = FailureMode {
    id: "STO-09",
    title: "its volume is full",
    category: Category::Storage,
    proves: "a container's log says now that no space is left at a path that a claim is mounted at, or that a search cluster locks its indices at its flood stage, or that a broker blocks who publishes, for its disk is low",
    refutes: "the path lies on an emptyDir, /dev/shm or the image's own file system",
    confused_with: &["RUN-18", "NODE-04", "DEP-06"],
    depth: Depth::Object,
    stands_alone: false,
    ask: nothing,
    judge,
    remedy,
};

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let said = complaints.iter().filter_map(|it| one(case, it));
    let mut locked: Vec<Finding> = complaints.iter().filter_map(|it| search(case, it)).collect();
    // Who is harmed tells more than who locks.
    locked.sort_by_key(|it| it.explains.contains(&it.subject));
    let measured = case.used_up(&[Signal::VolumeFree, Signal::VolumeInodesFree], |hurt| {
        format!("The volume of {} is full: {}.", hurt.entity, hurt.told.says())
    });
    let blocked: Vec<Finding> = complaints.iter().filter_map(|it| broker(case, it)).collect();
    one_each(said.chain(measured).chain(joined(locked)).chain(joined(blocked)))
}

fn one(case: &Case, complaint: &Complaint<'_>) -> Option<Judgement> {
    let Said::OutOfSpace { path } = &complaint.said else { return None };
    let (container, root) = (&complaint.container, complaint.root());
    let (mounted, strength) = match path {
        Some(path) => (container.mounted_at(path)?, Strength::Conclusive),
        // A database that names no path writes where its one volume is.
        None => {
            let claims = container.claims();
            let [only] = claims.as_slice() else { return None };
            Store::of_image(&container.spec.image)?;
            (*only, Strength::Strong)
        }
    };
    let claim = mounted.claim()?;
    let namespace = &container.pod.it.meta.namespace;
    let subject = Entity::new("PersistentVolumeClaim", namespace, claim);
    let says =
        format!("{}: {} shows {subject}", container.pod.meta.entity("Pod"), mounted.mount.path);
    let mut proofs = vec![complaint.cite(), Cite::new(container.pod.exhibit, says)];
    let seen = case.claim(namespace, claim).seen();
    let request = seen.map(|it| it.it.request.clone()).filter(|it| !it.is_empty());
    if let (Some(seen), Some(request)) = (seen, &request) {
        proofs.push(Cite::new(seen.exhibit, format!("{subject} asks for {request}")));
    }
    Some(Judgement::Proven(Finding {
        field: Some("spec.resources.requests.storage".to_owned()),
        value: request,
        statement: format!("{root} fails because the volume of {subject} is full."),
        proofs,
        doubts: Vec::new(),
        strength,
        explains: vec![root.clone()],
        subject,
    }))
}

/// A search cluster that locks its indices, by its own words or by those that it answers with. Which node's disk it is, the
/// cluster knows; the object to change is what runs its nodes.
fn search(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    if complaint.said != Said::IndexFull {
        return None;
    }
    let root = complaint.root().clone();
    let runs = |it: &Seen<'_, Workload>| {
        it.template.containers.iter().any(|it| is_search_engine(&it.image))
    };
    let mut engines: Vec<_> = case.workloads_in(complaint.namespace()).filter(runs).collect();
    if engines.is_empty() {
        // Data often lives in a namespace of its own: the one that the writer's settings name.
        let service = case.complained_of(complaint)?;
        engines = case.workloads_behind(service.it).filter(runs).collect();
    }
    // Of a cluster's nodes those that hold its data have volumes.
    if engines.len() > 1 {
        engines.retain(|it| it.kind == "StatefulSet" && !it.claims.is_empty());
    }
    let [engine] = engines.as_slice() else { return None };
    let subject = engine.meta.entity(&engine.kind);
    let mut proofs = vec![complaint.cite()];
    let locks = format!("{subject} locks its indices: the disk of one of its nodes is nearly full");
    let statement = if subject == root {
        format!("{locks}.")
    } else {
        proofs.push(Cite::new(engine.exhibit, format!("{subject} runs the search cluster")));
        format!("{root} writes in vain because {locks}.")
    };
    Some(Finding {
        field: None,
        value: None,
        statement,
        proofs,
        doubts: Vec::new(),
        strength: Strength::Strong,
        explains: vec![root],
        subject,
    })
}

/// The setting of RabbitMQ by which a broker takes no messages: how much of its disk has to stay free.
const LIMIT: &str = "disk_free_limit";

/// A broker that takes no messages, by its own words or by those that it tells its clients. What filled its disk, as a
/// queue that nobody reads, is not known.
fn broker(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    if complaint.said != Said::PublishersBlocked {
        return None;
    }
    let root = complaint.root().clone();
    let mut proofs = vec![complaint.cite()];
    let own = Store::of_image(&complaint.container.spec.image) == Some(Store::Rabbit);
    let subject = if own {
        root.clone()
    } else {
        let mut brokers = case.stores(Store::Rabbit);
        let only = brokers.next().filter(|_| brokers.next().is_none())?;
        let subject = only.meta.entity(&only.kind);
        proofs.push(Cite::new(only.exhibit, format!("{subject} is the one broker that is known")));
        subject
    };
    let mut explains = vec![root];
    explains.push(subject.clone());
    explains.dedup();
    Some(Finding {
        field: Some(LIMIT.to_owned()),
        value: None,
        statement: format!(
            "Nobody can publish because {subject} takes no messages: less of its disk is free than its limit asks for."
        ),
        proofs,
        doubts: vec![Cite::new(
            complaint.log.exhibit,
            format!("what fills the disk of {subject} was not seen"),
        )],
        strength: Strength::Suggestive,
        explains,
        subject,
    })
}

fn is_search_engine(image: &str) -> bool {
    let name = repository(image).rsplit('/').next().unwrap_or_default();
    ["elasticsearch", "opensearch"].contains(&name)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.field.as_deref() == Some(LIMIT) {
        return vec![Remedy {
            action: format!(
                "Find which queue of {subject} grows and why nobody reads it, let it be read or purged; give {subject} a larger volume where all are read."
            ),
            command: kubectl::object(
                "exec",
                subject,
                "-- rabbitmqctl list_queues name messages consumers",
            ),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its log says that the alarm is cleared, and clients publish.".to_owned(),
        }];
    }
    if subject.kind != "PersistentVolumeClaim" {
        return vec![Remedy {
            action: format!(
                "Delete indices that are no longer needed, or give {subject} larger volumes or more nodes; below the high watermark it takes writes again by itself."
            ),
            command: kubectl::object("describe", subject, ""),
            risk: "medium".to_owned(),
            reversible: false,
            verify: "Its log tells no watermark any more, and what waited is written.".to_owned(),
        }];
    }
    vec![Remedy {
        action: format!(
            "Find what grew on {subject}, clean it up, or raise its request where its class lets volumes grow."
        ),
        command: kubectl::object("describe", subject, ""),
        risk: "medium".to_owned(),
        reversible: false,
        verify: "The program writes again, and its log no longer says that no space is left."
            .to_owned(),
    }]
}
