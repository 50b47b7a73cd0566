//! What one store holds, and how a list is read from it.

use super::budget::{Budget, Full, Taken};
use super::prune::prune;
use crate::kubernetes::connection::SYSTEM;
use crate::kubernetes::list::{Cut, Form, Walk};
use crate::kubernetes::made::Made;
use jiff::Timestamp;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Uses wait for the list until so long after the first one; then they read page by page, which may end early with what
/// has come.
const FILL: Duration = Duration::from_secs(5);
/// What an object takes beside its JSON: its name, its place in the store and what the allocator rounds up.
const BESIDE: u64 = 256;

/// One list that is kept up to date.
pub(crate) struct Store {
    pub(super) list: String,
    pub(super) form: Form,
    phase: watch::Sender<Phase>,
    budget: Arc<Budget>,
    /// Its number in the budget.
    share: u64,
    content: Mutex<Content>,
}

/// How far a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is being read for the first time.
    Filling,
    /// Its watch is open.
    Live,
    /// One watch has ended, and the next has not yet said what was missed.
    Between,
    /// It is over.
    Ended,
}

struct Content {
    objects: BTreeMap<(String, String), Arc<Object>>,
    resource_version: String,
    /// When the API server last said something of this list.
    heard: Timestamp,
    used: Instant,
    since: Instant,
}

/// One object as it is kept.
pub(crate) struct Object {
    json: Box<str>,
    made: OnceLock<Beside>,
}

/// What was made of an object.
struct Beside {
    /// An `Option<Arc<D>>` of the first `D` that was asked for.
    made: Box<dyn Any + Send + Sync>,
    _taken: Taken,
}

/// A list as it stood when it was asked for.
pub(crate) struct Kept {
    list: String,
    resource_version: String,
    heard: Timestamp,
    objects: Vec<Arc<Object>>,
    budget: Arc<Budget>,
    share: u64,
}

/// Why an object was not kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotKept {
    /// There is no memory left for it.
    Full(Full),
    /// It has no name or version.
    Odd,
}

/// What tells an object from others, and one version of it from others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Identity {
    namespace: String,
    name: String,
    #[serde(rename = "resourceVersion")]
    resource_version: String,
}

impl Store {
    pub(super) fn new(list: &str, form: Form, budget: Arc<Budget>, now: Timestamp) -> Self {
        let content = Content {
            objects: BTreeMap::new(),
            resource_version: String::new(),
            heard: now,
            used: Instant::now(),
            since: Instant::now(),
        };
        Store {
            list: list.to_owned(),
            form,
            phase: watch::Sender::new(Phase::Filling),
            share: budget.enter(),
            budget,
            content: Mutex::new(content),
        }
    }

    /// Waits until it is filled, if it is not; not for long.
    pub(super) async fn settled(&self) {
        let mut phase = self.phase.subscribe();
        let until = self.content().since + FILL;
        // A store that is late is as good as none: `kept` tells.
        let _ = timeout_at(until, phase.wait_for(|phase| *phase != Phase::Filling)).await;
    }

    /// Its list was read to the end.
    pub(super) fn filled(&self) -> Result<(), NotKept> {
        self.budget.filled(self.share).map_err(NotKept::Full)
    }

    /// Waits until it is over.
    pub(super) async fn ended(&self) {
        let mut phase = self.phase.subscribe();
        // The sender lives as long as `self`.
        let _ = phase.wait_for(|phase| *phase == Phase::Ended).await;
    }

    pub(super) fn is_filling(&self) -> bool {
        *self.phase.borrow() == Phase::Filling
    }

    pub(super) fn is_live(&self) -> bool {
        *self.phase.borrow() == Phase::Live
    }

    /// When it was last asked for.
    pub(super) fn used(&self) -> Instant {
        self.content().used
    }

    /// What it holds, of one namespace or of all; none while its watch is not open.
    pub(super) fn kept(&self, namespace: Option<&str>) -> Option<Kept> {
        let mut content = self.content();
        content.used = Instant::now();
        // Looked at under the lock that `end` empties it under.
        if !self.is_live() {
            return None;
        }
        let objects = match namespace {
            None => content.objects.values().cloned().collect(),
            Some(namespace) => {
                let first = (namespace.to_owned(), String::new());
                let from = content.objects.range(first..);
                let of_it = from.take_while(|((of, _), _)| of == namespace);
                of_it.map(|(_, object)| Arc::clone(object)).collect()
            }
        };
        Some(Kept {
            list: self.list.clone(),
            resource_version: content.resource_version.clone(),
            heard: content.heard,
            objects,
            budget: Arc::clone(&self.budget),
            share: self.share,
        })
    }

    /// Goes over to another phase, unless it is over.
    pub(super) fn enter(&self, next: Phase) {
        self.phase.send_if_modified(|phase| {
            let changes = *phase != Phase::Ended && *phase != next;
            if changes {
                *phase = next;
            }
            changes
        });
    }

    /// Ends it, lets go of what it holds, and says how long it has lived.
    pub(super) fn end(&self) -> Duration {
        let mut content = self.content();
        self.phase.send_replace(Phase::Ended);
        content.objects = BTreeMap::new();
        self.budget.leave(self.share);
        content.since.elapsed()
    }

    /// Keeps an object in the version that it bears.
    pub(super) fn put(&self, mut object: Value) -> Result<String, NotKept> {
        prune(&mut object);
        let (key, version) = identity(&object).ok_or(NotKept::Odd)?;
        let object = Object { json: object.to_string().into(), made: OnceLock::new() };
        let mut content = self.content();
        let before = content.objects.get(&key).map_or(0, |before| before.takes());
        self.budget.replace(self.share, before, object.takes()).map_err(NotKept::Full)?;
        content.objects.insert(key, Arc::new(object));
        Ok(version)
    }

    /// Lets go of an object that was deleted.
    pub(super) fn remove(&self, object: &Value) -> Result<String, NotKept> {
        let (key, version) = identity(object).ok_or(NotKept::Odd)?;
        if let Some(before) = self.content().objects.remove(&key) {
            self.budget.replace(self.share, before.takes(), 0).map_err(NotKept::Full)?;
        }
        Ok(version)
    }

    /// The API server spoke: what is held is the list in this version, as of now.
    pub(super) fn stands_at(&self, resource_version: String, now: Timestamp) {
        let mut content = self.content();
        content.resource_version = resource_version;
        content.heard = now;
    }

    /// The version from which to watch.
    pub(super) fn resource_version(&self) -> String {
        self.content().resource_version.clone()
    }

    fn content(&self) -> std::sync::MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object {
    /// Bytes that it takes without what was made of it.
    fn takes(&self) -> u64 {
        self.json.len() as u64 + BESIDE
    }

    /// The object in the form that a caller wants.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_str(&self.json).map_err(|error| Refusal {
            system: SYSTEM,
            request: String::new(),
            kind: Kind::Malformed(format!("not the JSON that was expected: {error}")),
        })
    }

    /// What `make` makes of it, kept for the next caller where `room` gives the bytes for it.
    pub(crate) fn made<T: DeserializeOwned, D: Made>(
        &self,
        make: &impl Fn(T) -> Option<D>,
        room: impl Fn(u64) -> Option<Taken>,
    ) -> Result<Option<Arc<D>>, Refusal> {
        if let Some(beside) = self.made.get() {
            return match beside.made.downcast_ref::<Option<Arc<D>>>() {
                Some(made) => Ok(made.clone()),
                // Something else was made of it before, which stays.
                None => Ok(make(self.read()?).map(Arc::new)),
            };
        }
        let made = make(self.read()?).map(Arc::new);
        let takes = made.as_ref().map_or(0, |made| made.takes(self.json.len() as u64));
        if let Some(taken) = room(takes) {
            // Where another caller was faster, its own stays.
            let _ = self.made.set(Beside { made: Box::new(made.clone()), _taken: taken });
        }
        Ok(made)
    }
}

impl Kept {
    /// Bytes for what was made of one of its objects, where there are so many.
    pub(crate) fn room(&self, bytes: u64) -> Option<Taken> {
        self.budget.spare(self.share, bytes)
    }

    /// Visits the objects by namespace and name, as far as they can be decoded.
    pub(crate) fn walk(
        &self,
        at_most: usize,
        mut visit: impl FnMut(&Object) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<Walk, Refusal> {
        let mut walk = Walk::from(self.list.clone(), self.heard);
        walk.resource_version.clone_from(&self.resource_version);
        for (before, object) in self.objects.iter().enumerate() {
            if walk.seen >= at_most {
                walk.cut = Some(Cut::AtMost(at_most));
                walk.remaining = u64::try_from(self.objects.len() - before).ok();
                break;
            }
            match visit(object) {
                Ok(ControlFlow::Continue(())) => walk.seen += 1,
                Ok(ControlFlow::Break(())) => {
                    walk.seen += 1;
                    walk.cut = Some(Cut::Stopped);
                    break;
                }
                Err(refusal) => {
                    if !walk.pass_over(refusal) {
                        break;
                    }
                }
            }
        }
        walk.unless_nothing()
    }
}

/// Where an object stands in the list, and its version.
fn identity(object: &Value) -> Option<((String, String), String)> {
    let identity = Identity::deserialize(object.get("metadata")?).ok()?;
    let named = !identity.name.is_empty() && !identity.resource_version.is_empty();
    named.then_some(((identity.namespace, identity.name), identity.resource_version))
}
