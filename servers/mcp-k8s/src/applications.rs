//! Applications of Argo CD, as their custom resource has them.

use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::resource::Resource;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use mcp::failure::Failure;
use serde::Deserialize;
use std::borrow::Cow;

/// Where Argo CD's kinds are.
const GROUP: &str = "argoproj.io";
/// How much of a commit tells it from others.
const SHORT: usize = 10;

/// An Application.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Application {
    pub(crate) metadata: ObjectMeta,
    pub(crate) spec: Spec,
    pub(crate) status: Status,
}

/// What is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Spec {
    pub(crate) destination: Destination,
}

/// Where it is deployed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Destination {
    pub(crate) namespace: String,
}

/// What Argo CD says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Status {
    pub(crate) history: Vec<Deployed>,
    pub(crate) operation_state: Option<OperationState>,
    pub(crate) resources: Vec<Part>,
}

/// One entry of its history.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Deployed {
    pub(crate) id: i64,
    pub(crate) revision: String,
    pub(crate) revisions: Vec<String>,
    pub(crate) deployed_at: Option<Timestamp>,
    pub(crate) initiated_by: Initiator,
}

/// Who asked for a sync.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Initiator {
    pub(crate) username: String,
    pub(crate) automated: bool,
}

/// Its last operation, or the one that runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OperationState {
    pub(crate) phase: String,
    pub(crate) message: String,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) operation: Operation,
    pub(crate) sync_result: Option<SyncResult>,
}

/// What was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) initiated_by: Initiator,
}

/// What came of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SyncResult {
    pub(crate) revision: String,
    pub(crate) revisions: Vec<String>,
}

/// An object that belongs to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    pub(crate) namespace: String,
}

impl Application {
    /// It is in this namespace, or deploys into it.
    pub(crate) fn concerns(&self, namespace: &str) -> bool {
        self.metadata.namespace.as_deref() == Some(namespace)
            || self.spec.destination.namespace == namespace
            || self.status.resources.iter().any(|it| it.namespace == namespace)
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

/// The kind as the cluster serves it; none where it does not.
///
/// # Errors
/// Where nobody could tell.
pub(crate) async fn served(client: &Client) -> Result<Option<Resource>, Failure> {
    let groups = client.served_groups().await.map_err(|refusal| Failure::from(&refusal))?;
    Ok(groups.preferred.get(GROUP).map(|version| Resource {
        group: Cow::Borrowed(GROUP),
        version: version.clone().into(),
        plural: Cow::Borrowed("applications"),
        kind: Cow::Borrowed("Application"),
        namespaced: true,
    }))
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
