//! A claim's volume is full.

use crate::case::Case;
use crate::case::complaints::Complaint;
use crate::case::containers::{Running, repository};
use crate::case::mounts::Mounted;
use crate::case::words::said::Said;
use crate::case::words::store::Store;
use crate::failure_mode::{Category, Depth, FailureMode, nothing};
use crate::finding::{Cite, Finding, Judgement, Strength, joined, one_each};
use crate::kubectl;
use crate::seen::Seen;
use evidence::entity::Entity;
use evidence::fact::metric::Signal;
use evidence::fact::pod::Pod;
use evidence::fact::workload::Workload;
use evidence::report::Remedy;
use std::iter;

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

const CLAIM: &str = "PersistentVolumeClaim";

fn judge(case: &Case) -> Vec<Judgement> {
    let complaints = case.complaints();
    let said = complaints.iter().filter_map(|it| one(case, it));
    let mut locked: Vec<Finding> = complaints.iter().filter_map(|it| search(case, it)).collect();
    // Who is harmed tells more than who locks.
    locked.sort_by_key(|it| it.explains.contains(&it.subject));
    let measured = case.used_up(&[Signal::VolumeFree, Signal::VolumeInodesFree], |hurt| {
        format!("The volume of {} is full: {}.", hurt.entity, hurt.told.says())
    });
    let mut blocked: Vec<Finding> = complaints.iter().filter_map(|it| broker(case, it)).collect();
    // Of a broker with several nodes its own log tells which, and its clients do not.
    let known: Vec<Finding> =
        blocked.iter().filter(|it| it.subject.kind == CLAIM).cloned().collect();
    for finding in &mut blocked {
        let mut same = known.iter().filter(|it| it.explains.first() == finding.explains.first());
        if let Some(same) = same.next() {
            finding.subject = same.subject.clone();
        }
    }
    blocked.sort_by_key(|it| it.field.as_deref() == Some(LIMIT));
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
    let subject = Entity::new(CLAIM, namespace, claim);
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

/// What that comes to.
const BLOCKED: &str = "Nobody can publish because";

/// A broker that takes no messages, by its own words or by those that it tells its clients. What filled its disk, as a
/// queue that nobody reads, is not known.
fn broker(case: &Case, complaint: &Complaint<'_>) -> Option<Finding> {
    if complaint.said != Said::PublishersBlocked {
        return None;
    }
    let root = complaint.root().clone();
    let (subject, proofs) = case.alarmed(complaint)?;
    let own = subject == root;
    let mut explains = vec![subject.clone(), root];
    explains.dedup();
    let says = |whose: &str| {
        format!(
            "{BLOCKED} {subject} takes no messages: less of {whose} is free than its limit asks for."
        )
    };
    let mut finding = Finding {
        field: Some(LIMIT.to_owned()),
        value: None,
        statement: says("its disk"),
        proofs,
        doubts: vec![Cite::new(
            complaint.log.exhibit,
            format!("what fills the disk of {subject} was not seen"),
        )],
        strength: Strength::Suggestive,
        explains,
        subject: subject.clone(),
    };
    if let Some((pod, mounted)) = data_of(case, &subject, own.then_some(&*complaint.line.text)) {
        let namespace = &pod.it.meta.namespace;
        let claim = Entity::new(CLAIM, namespace, mounted.claim()?);
        finding.proofs.push(Cite::new(
            pod.exhibit,
            format!("{}: {} shows {claim}", pod.it.meta.entity("Pod"), mounted.mount.path),
        ));
        finding.statement = says(&format!("the volume of {claim}"));
        finding.field = Some("spec.resources.requests.storage".to_owned());
        let seen = case.claim(namespace, &claim.name).seen();
        finding.value = seen.map(|it| it.it.request.clone()).filter(|it| !it.is_empty());
        finding.subject = claim;
    }
    Some(finding)
}

/// Where RabbitMQ keeps its messages: the images of Docker and of Bitnami. Its monitor looks at that disk alone.
const MESSAGES: [&str; 2] = ["/var/lib/rabbitmq/mnesia", "/bitnami/rabbitmq/mnesia"];

/// Variables that say so otherwise.
const ELSEWHERE: [&str; 3] = ["RABBITMQ_MNESIA_DIR", "RABBITMQ_MNESIA_BASE", "RABBITMQ_DATA_DIR"];

/// The pod of a broker whose disk is low, and what keeps its messages: the one claim of it. Of several nodes each tells the
/// others' alarms too, by their names: `set on node 'rabbit@rabbit-0'`.
fn data_of<'a>(
    case: &'a Case,
    broker: &Entity,
    told: Option<&str>,
) -> Option<(Seen<'a, Pod>, Mounted<'a>)> {
    let mut nodes = case.all_containers().filter(|it| {
        it.root == broker
            && !it.spec.init
            && Store::of_image(&it.spec.image) == Some(Store::Rabbit)
            && it.pod.it.meta.deleted.is_none()
    });
    let first = nodes.next()?;
    let rest: Vec<Running<'_>> = nodes.collect();
    let wanted = case.workload(broker).seen().is_some_and(|it| it.desired > 1);
    let node = if rest.is_empty() && !wanted {
        first
    } else {
        let (_, name) = told?.split_once("rabbit@")?;
        let name = name.split(['.', '\'', ' ']).next()?;
        iter::once(first).chain(rest).find(|it| it.pod.it.meta.name == name)?
    };
    let claims = node.claims();
    let [only] = claims.as_slice() else { return None };
    let told = node.spec.env.iter().find(|it| ELSEWHERE.contains(&it.name.as_str()));
    let shown = match told {
        Some(told) => node.mounted_at(told.value.as_deref()?)?,
        None => MESSAGES.iter().find_map(|it| node.mounted_at(it))?,
    };
    (shown.claim() == only.claim()).then_some((node.pod, shown))
}

fn is_search_engine(image: &str) -> bool {
    let name = repository(image).rsplit('/').next().unwrap_or_default();
    ["elasticsearch", "opensearch"].contains(&name)
}

fn remedy(finding: &Finding) -> Vec<Remedy> {
    let subject = &finding.subject;
    if finding.statement.starts_with(BLOCKED) {
        // A claim runs nothing: the broker does, which is explained first.
        let broker = finding.explains.first().unwrap_or(subject);
        return vec![Remedy {
            action: format!(
                "Find which queue of {broker} grows and why nobody reads it, let it be read or purged; give {broker} a larger volume where all are read."
            ),
            command: kubectl::object(
                "exec",
                broker,
                "-- rabbitmqctl list_queues name messages consumers",
            ),
            risk: "low".to_owned(),
            reversible: true,
            verify: "Its log says that the alarm is cleared, and clients publish.".to_owned(),
        }];
    }
    if subject.kind != CLAIM {
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
