//! What is known of one object whatever the time is and whoever asks: its fact, and what a row needs of it.

use crate::cells::{self, pod::ready, pod::restart_count};
use crate::translate;
use crate::translate::row::PodRow;
use crate::unwell;
use clients::kubernetes::made::Made;
use clients::kubernetes::reads::PODS;
use clients::kubernetes::resource::Resource;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::meta::{Meta, condition};
use evidence::fact::pod::Pod;
use jiff::Timestamp;
use serde_json::Value;

/// What is known of one object.
pub(crate) struct Known {
    /// Its fact; none where the object was not read whole.
    pub(crate) body: Option<Body>,
    /// The object.
    pub(crate) entity: Entity,
    /// The controller that owns it; a ReplicaSet of a Deployment counts as that.
    pub(crate) owner: Option<Entity>,
    /// One word for how it does, where its kind has one.
    pub(crate) status: String,
    /// When it was made.
    pub(crate) created: Option<Timestamp>,
    /// How often its containers were started again.
    pub(crate) restarts: u32,
    /// A container of it has ended before.
    pub(crate) crashed: bool,
    /// Of a pod that is well and was not kept whole: its containers that are ready, of all, as `2/2`.
    pub(crate) ready: Option<Box<str>>,
}

/// Bytes of what is known of an object without its fact: names, a word, two moments.
const IN_SHORT: u64 = 512;

impl Made for Known {
    /// A fact has many small strings: it takes up to three times what its JSON does, and what is around it.
    fn takes(&self, json: u64) -> u64 {
        if self.body.is_some() { json * 3 + IN_SHORT } else { IN_SHORT }
    }
}

impl Known {
    /// What is known of an object of this kind; none where it is not in the form of its kind.
    pub(crate) fn read(resource: &Resource, object: Value) -> Option<Known> {
        translate::any(&resource.api_version(), &resource.kind, object).ok().map(Known::of)
    }

    /// The same of a pod; of one that is well whatever the time is, without its fact: of thousands nearly all are so.
    pub(crate) fn read_short(object: Value) -> Option<Known> {
        let known = Known::read(&PODS, object)?;
        match &known.body {
            Some(Body::Pod(pod)) if is_plain(pod) => {
                Some(Known { ready: Some(ready(pod).into()), body: None, ..known })
            }
            _ => Some(known),
        }
    }

    /// What is known by a fact.
    pub(crate) fn of(body: Body) -> Known {
        // The one cell that is looked at says no age.
        let cells = cells::of(&body, Timestamp::UNIX_EPOCH);
        let status = cells.into_iter().find(|cell| cell.head == "STATUS");
        Known {
            entity: body.entity(),
            owner: cells::meta(&body).and_then(owner),
            status: status.map(|cell| cell.text).unwrap_or_default(),
            created: cells::meta(&body).and_then(|meta| meta.created),
            restarts: if let Body::Pod(pod) = &body { restart_count(pod) } else { 0 },
            crashed: matches!(&body, Body::Pod(pod) if pod.containers.iter().any(|it| it.last.is_some())),
            body: Some(body),
            ready: None,
        }
    }

    /// What is known of a pod that is well by its row.
    pub(crate) fn of_row(row: &PodRow) -> Known {
        Known {
            body: None,
            entity: row.meta.entity("Pod"),
            owner: owner(&row.meta),
            status: row.how.status.clone(),
            created: row.meta.created,
            restarts: row.how.restarts,
            crashed: row.how.restarts > 0,
            ready: None,
        }
    }
}

/// The workload behind an object: its controller, or the Deployment behind its ReplicaSet.
fn owner(meta: &Meta) -> Option<Entity> {
    let owner = meta.owner.clone()?;
    let hash = meta.labels.get("pod-template-hash");
    match hash.and_then(|hash| owner.name.strip_suffix(hash.as_str())?.strip_suffix('-')) {
        Some(name) if owner.kind == "ReplicaSet" => {
            Some(Entity::new("Deployment", &owner.namespace, name))
        }
        _ => Some(owner),
    }
}

/// Runs and was never started again, and nothing that it says is otherwise than it should be: no time changes that.
fn is_plain(pod: &Pod) -> bool {
    pod.phase == "Running"
        && condition(&pod.conditions, "Ready").is_some_and(|it| it.status == "True")
        && pod.containers.iter().all(|it| it.restarts == 0 && it.last.is_none())
        && unwell::pod(pod, Timestamp::UNIX_EPOCH).is_none()
}
