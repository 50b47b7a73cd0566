//! The words in which a scenario says what the kubelet reports.

use serde::Deserialize;
use serde_json::Value;

/// A workload, written `NAMESPACE/NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Workload {
    /// Its namespace.
    pub namespace: String,
    /// Its name, with which the names of its pods begin.
    pub name: String,
}

impl TryFrom<String> for Workload {
    type Error = String;

    fn try_from(text: String) -> Result<Workload, String> {
        let (namespace, name) =
            text.split_once('/').ok_or_else(|| format!("{text:?} is not NAMESPACE/NAME"))?;
        Ok(Workload { namespace: namespace.into(), name: name.into() })
    }
}

/// How a container of every pod of a workload does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Whose pods.
    pub pods: Workload,
    /// Only those in this phase, such as `Pending`: the new ones of a rollout.
    pub only: Option<String>,
    /// Which container; the first unless it is said.
    pub container: Option<String>,
    /// How often it was started again.
    #[serde(default)]
    pub restarts: u32,
    /// It passes its readiness probe.
    #[serde(default)]
    pub ready: bool,
    /// It passed its startup probe; so has every container that is ready.
    #[serde(default)]
    pub started: bool,
    /// `state` of its status. Times are written `43s ago`; `{pod}`, `{uid}`, `{container}`, `{image}`, `{ip}`,
    /// `{node}` and `{namespace}` stand for those of the pod.
    pub state: Value,
    /// `lastState` of its status, in the same way.
    pub last_state: Option<Value>,
    /// The pod's phase: `Running` unless it is said.
    pub phase: Option<String>,
    /// Since when it is (not) ready: `25m ago`; now unless it is said.
    pub since: Option<String>,
    /// What the kubelet said on the way.
    #[serde(default)]
    pub events: Vec<Said>,
}

/// Something said about an object.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One word.
    pub reason: String,
    /// The sentence, with the same placeholders.
    pub message: String,
    /// How often.
    #[serde(default = "once")]
    pub count: u32,
    /// When first: `25m ago`; now unless it is said.
    pub first: Option<String>,
    /// When last; when first unless it is said.
    pub last: Option<String>,
}

fn once() -> u32 {
    1
}
