//! What an Application holds, as Argo CD writes it.

use evidence::entity::Entity;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

/// How much of a commit tells it from others.
const SHORT: usize = 10;

/// The cluster that Argo CD runs in, as it names it.
const HERE: &str = "https://kubernetes.default.svc";
const HERE_BY_NAME: &str = "in-cluster";

/// An Application.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Application {
    pub(crate) metadata: ObjectMeta,
    pub(crate) spec: Spec,
    pub(crate) status: Status,
}

/// What is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Spec {
    pub(crate) project: String,
    pub(crate) destination: Destination,
    pub(crate) source: Option<Origin>,
    pub(crate) sources: Vec<Origin>,
    pub(crate) sync_policy: Option<SyncPolicy>,
}

/// Where it is deployed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Destination {
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
}

/// Where its manifests come from. Values of charts are not taken over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Origin {
    #[serde(rename = "repoURL")]
    pub(crate) repository: String,
    pub(crate) path: String,
    pub(crate) chart: String,
    pub(crate) target_revision: String,
}

/// Whether it syncs by itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SyncPolicy {
    pub(crate) automated: Option<Automated>,
}

/// How it syncs by itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Automated {
    pub(crate) prune: bool,
    pub(crate) self_heal: bool,
    pub(crate) enabled: Option<bool>,
}

/// What Argo CD says of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Status {
    pub(crate) sync: Sync,
    pub(crate) health: Health,
    pub(crate) conditions: Vec<Complaint>,
    pub(crate) history: Vec<Deployed>,
    pub(crate) operation_state: Option<OperationState>,
    pub(crate) resources: Vec<Part>,
    pub(crate) reconciled_at: Option<Timestamp>,
}

/// Whether what is deployed is what is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sync {
    pub(crate) status: String,
    pub(crate) revision: String,
    pub(crate) revisions: Vec<String>,
}

/// How it does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Health {
    pub(crate) status: String,
    pub(crate) message: String,
}

/// One of its conditions: being there is being true.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Complaint {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) last_transition_time: Option<Timestamp>,
}

/// One entry of its history.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Deployed {
    pub(crate) id: i64,
    pub(crate) revision: String,
    pub(crate) revisions: Vec<String>,
    pub(crate) deployed_at: Option<Timestamp>,
    pub(crate) deploy_started_at: Option<Timestamp>,
    pub(crate) initiated_by: Initiator,
    pub(crate) source: Option<Origin>,
    pub(crate) sources: Vec<Origin>,
}

/// Who asked for a sync.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Initiator {
    pub(crate) username: String,
    pub(crate) automated: bool,
}

/// Its last operation, or the one that runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OperationState {
    pub(crate) phase: String,
    pub(crate) message: String,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) operation: Operation,
    pub(crate) sync_result: Option<SyncResult>,
    pub(crate) retry_count: i64,
}

/// What was asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) initiated_by: Initiator,
}

/// What came of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SyncResult {
    pub(crate) revision: String,
    pub(crate) revisions: Vec<String>,
    pub(crate) resources: Vec<Part>,
}

/// An object that belongs to it, as it is or as a sync left it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) message: String,
    pub(crate) health: Option<Health>,
}

impl Application {
    /// `argocd/shop`.
    pub(crate) fn qualified(&self) -> String {
        let of = |it: &Option<String>| it.clone().unwrap_or_default();
        format!("{}/{}", of(&self.metadata.namespace), of(&self.metadata.name))
    }

    /// How it does, in a sentence.
    pub(crate) fn summary(&self) -> String {
        let or_unknown = |it: &str| if it.is_empty() { "Unknown" } else { it }.to_owned();
        let (sync, health) = (&self.status.sync.status, &self.status.health.status);
        format!("Application {}: {}, {}.", self.qualified(), or_unknown(sync), or_unknown(health))
    }

    /// It is in this namespace, or deploys into it.
    pub(crate) fn concerns(&self, namespace: &str) -> bool {
        let deploys_into = self.spec.destination.namespace == namespace
            || self.status.resources.iter().any(|it| it.namespace == namespace);
        self.metadata.namespace.as_deref() == Some(namespace)
            || (deploys_into && self.spec.destination.is_here())
    }
}

impl Destination {
    /// It is the cluster that Argo CD runs in, which is the one where its Applications are read.
    pub(crate) fn is_here(&self) -> bool {
        self.server.trim_end_matches('/') == HERE || self.name == HERE_BY_NAME
    }

    /// What the cluster is called.
    pub(crate) fn cluster(&self) -> &str {
        if self.name.is_empty() { &self.server } else { &self.name }
    }
}

impl Part {
    /// `Deployment shop/web`.
    pub(crate) fn entity(&self) -> Entity {
        Entity::new(&self.kind, &self.namespace, &self.name)
    }
}

impl Origin {
    /// `https://git.example.com/shop.git production@main`.
    pub(crate) fn described(&self) -> String {
        let what = if self.chart.is_empty() { &self.path } else { &self.chart };
        format!("{} {what}@{}", self.repository, self.target_revision)
    }
}

impl Initiator {
    /// In a word.
    pub(crate) fn name(&self) -> String {
        match (self.username.as_str(), self.automated) {
            ("", true) => "argo cd, automated".to_owned(),
            ("", false) => "argo cd".to_owned(),
            (user, _) => format!("argo cd, {user}"),
        }
    }
}

/// A commit in short, or the versions of several sources.
pub(crate) fn short(revision: &str, revisions: &[String]) -> String {
    let one = |it: &str| {
        let is_commit = it.len() == 40 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit { it.get(..SHORT).unwrap_or(it).to_owned() } else { it.to_owned() }
    };
    if revision.is_empty() {
        return revisions.iter().map(|it| one(it)).collect::<Vec<_>>().join(", ");
    }
    one(revision)
}
