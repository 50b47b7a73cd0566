//! What the kubelet reports of a held workload: statuses and events, with its own field manager and texts.

use super::Cluster;
use super::later::past;
use crate::program;
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

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
    /// It passed its startup probe.
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

/// A pod as the API server shows it.
pub(super) struct Pod(Value);

impl Pod {
    pub(super) fn name(&self) -> Result<String> {
        self.text("/metadata/name").context("a pod without a name")
    }

    /// Whether it is in a phase; any pod is in no phase in particular.
    pub(super) fn is_in(&self, phase: Option<&str>) -> bool {
        phase.is_none_or(|phase| self.text("/status/phase").as_deref() == Some(phase))
    }

    fn text(&self, pointer: &str) -> Option<String> {
        self.0.pointer(pointer)?.as_str().map(String::from)
    }

    fn list(&self, pointer: &str) -> Vec<Value> {
        self.0.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    }
}

impl Cluster {
    /// Writes the status of a workload's pods and their events as the kubelet does.
    pub fn report(&self, account: &Account) -> Result<()> {
        let mut count = 0;
        for (number, pod) in self.pods_of(&account.pods)?.into_iter().enumerate() {
            if !pod.is_in(account.only.as_deref()) {
                continue;
            }
            self.report_pod(account, &pod, number)?;
            count += 1;
        }
        if count == 0 {
            bail!("there is no such pod of {}/{}", account.pods.namespace, account.pods.name);
        }
        self.backdate_events(&account.pods.namespace)
    }

    fn report_pod(&self, account: &Account, pod: &Pod, number: usize) -> Result<()> {
        let name = pod.name()?;
        let node = pod.text("/spec/nodeName").with_context(|| format!("{name} is not scheduled"))?;
        let containers = pod.list("/spec/containers");
        let wanted = |container: &&Value| account.container.as_deref().is_none_or(|name| container["name"] == name);
        let container = containers.iter().find(wanted).context("no such container")?;
        let container_name = container["name"].as_str().unwrap_or_default();
        let network = node.rsplit('-').next().unwrap_or("0");
        // kwok counts its addresses up from 1: those from 200 are ours.
        let ip = pod.text("/status/podIP").unwrap_or(format!("10.244.{network}.{}", 200 + number));
        let uid = pod.text("/metadata/uid").unwrap_or_default();
        let words = Words(vec![
            ("{pod}", name.clone()),
            ("{uid}", uid.clone()),
            ("{namespace}", account.pods.namespace.clone()),
            ("{container}", container_name.into()),
            ("{image}", container["image"].as_str().unwrap_or_default().into()),
            ("{ip}", ip.clone()),
            ("{node}", node.clone()),
        ]);
        let mut statuses = Vec::new();
        for each in &containers {
            statuses.push(match each["name"] == container_name {
                true => one(account, each, &uid, &words)?,
                false => healthy(each, &uid),
            });
        }
        let since = time(account.since.as_deref())?;
        let started = pod.text("/status/startTime").or(pod.text("/metadata/creationTimestamp"));
        let node_address = format!("10.224.0.{}", 4 + network.parse::<u16>().unwrap_or_default());
        let status = json!({"status": {
            "phase": account.phase.as_deref().unwrap_or("Running"),
            "conditions": conditions(account.ready, &since, container_name),
            "containerStatuses": statuses,
            "hostIP": node_address, "hostIPs": [{"ip": node_address}],
            "podIP": ip, "podIPs": [{"ip": ip}],
            "startTime": started,
        }});
        self.kubectl(&[
            "patch", "pod", &name, "--namespace", &account.pods.namespace, "--subresource=status",
            "--field-manager=kubelet", "--type=strategic", "-p", &status.to_string(),
        ])?;
        let path = format!("spec.containers{{{container_name}}}");
        let regarding = json!({
            "apiVersion": "v1", "kind": "Pod", "name": name, "namespace": account.pods.namespace, "uid": uid,
            "fieldPath": path,
        });
        let source = json!({"component": "kubelet", "host": node});
        self.write_events(&account.events, &regarding, &source, &words)
    }

    /// Writes events about an object that may be gone, as a component that has said them.
    pub fn say(&self, regarding: &Value, component: &str, said: &[Said]) -> Result<()> {
        self.write_events(said, regarding, &json!({"component": component}), &Words(Vec::new()))?;
        self.backdate_events(regarding["namespace"].as_str().unwrap_or("default"))
    }

    fn write_events(&self, said: &[Said], regarding: &Value, source: &Value, words: &Words) -> Result<()> {
        let mut items = Vec::new();
        for one in said {
            let name = regarding["name"].as_str().unwrap_or_default();
            let mut hasher = DefaultHasher::new();
            (regarding.to_string(), &one.reason, &one.message).hash(&mut hasher);
            items.push(json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {
                    "namespace": regarding["namespace"].as_str().unwrap_or("default"),
                    "name": format!("{name}.{:016x}", hasher.finish()),
                },
                "involvedObject": regarding,
                "type": one.kind, "reason": one.reason, "message": words.put_into(&one.message), "count": one.count,
                "firstTimestamp": time(one.first.as_deref())?,
                "lastTimestamp": time(one.last.as_deref().or(one.first.as_deref()))?,
                "source": source, "reportingComponent": source["component"], "reportingInstance": source["host"],
            }));
        }
        if items.is_empty() {
            return Ok(());
        }
        let manager = format!("--field-manager={}", source["component"].as_str().unwrap_or("kubelet"));
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
        let mut command = self.kubectl_command();
        program::output_of_input(command.args(["create", &manager, "-f", "-"]), &list)?;
        Ok(())
    }

    pub(super) fn pods_of(&self, workload: &Workload) -> Result<Vec<Pod>> {
        let printed = self.kubectl(&["get", "pods", "--namespace", &workload.namespace, "-o", "json"])?;
        let mut list: Value = serde_json::from_str(&printed)?;
        let Value::Array(items) = list["items"].take() else { bail!("kubectl printed no list") };
        let prefix = format!("{}-", workload.name);
        let pods: Vec<Pod> = items.into_iter().map(Pod).collect();
        let of_workload = |pod: &Pod| pod.name().is_ok_and(|name| name.starts_with(&prefix));
        Ok(pods.into_iter().filter(of_workload).collect())
    }
}

fn one(account: &Account, container: &Value, uid: &str, words: &Words) -> Result<Value> {
    let mut status = healthy(container, uid);
    status["restartCount"] = json!(account.restarts);
    status["ready"] = json!(account.ready);
    status["started"] = json!(account.started || account.ready);
    status["state"] = words.put_into_all(&account.state)?;
    let is_waiting_for_first = account.last_state.is_none() && account.state.get("waiting").is_some();
    if is_waiting_for_first {
        status["containerID"] = json!("");
        status["imageID"] = json!("");
    }
    if let Some(last) = &account.last_state {
        status["lastState"] = words.put_into_all(last)?;
    }
    Ok(status)
}

fn healthy(container: &Value, uid: &str) -> Value {
    let image = container["image"].as_str().unwrap_or_default();
    let (repository, _) = image.rsplit_once(':').unwrap_or((image, ""));
    let name = &container["name"];
    json!({
        "name": name, "image": image, "imageID": format!("{repository}@sha256:{}", digits(image)),
        "containerID": format!("containerd://{}", digits(&format!("{uid}/{name}"))),
        "ready": true, "started": true, "restartCount": 0, "state": {"running": {"startedAt": Timestamp::now()}},
    })
}

/// 64 hexadecimal digits that are always the same for the same text.
fn digits(text: &str) -> String {
    let quarter = |number: u8| {
        let mut hasher = DefaultHasher::new();
        (number, text).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    };
    (0..4).map(quarter).collect()
}

fn conditions(ready: bool, since: &str, container: &str) -> Value {
    let message = format!("containers with unready status: [{container}]");
    let state = match ready {
        true => json!({"status": "True", "reason": null, "message": null, "lastTransitionTime": since}),
        false => json!({"status": "False", "reason": "ContainersNotReady", "message": message, "lastTransitionTime": since}),
    };
    let of = |kind: &str, state: &Value| {
        let mut condition = state.clone();
        condition["type"] = json!(kind);
        condition
    };
    let yes = json!({"status": "True", "lastTransitionTime": since});
    json!([
        of("PodReadyToStartContainers", &yes), of("Initialized", &yes), of("Ready", &state), of("ContainersReady", &state),
    ])
}

/// A time of `43s ago`, as Kubernetes writes it.
fn time(ago: Option<&str>) -> Result<String> {
    Ok(format!("{:.0}", past(ago)?))
}

/// What stands for what.
struct Words(Vec<(&'static str, String)>);

impl Words {
    fn put_into(&self, text: &str) -> String {
        self.0.iter().fold(text.to_string(), |text, (word, meaning)| text.replace(word, meaning))
    }

    fn put_into_all(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) if text.ends_with(" ago") => json!(time(Some(text))?),
            Value::String(text) => json!(self.put_into(text)),
            Value::Object(fields) => {
                let mut put = serde_json::Map::new();
                for (name, field) in fields {
                    put.insert(name.clone(), self.put_into_all(field)?);
                }
                Value::Object(put)
            }
            other => other.clone(),
        })
    }
}
