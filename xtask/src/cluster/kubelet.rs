//! What the kubelet reports of a held workload: statuses and events, with its own field manager and texts.

pub mod account;
mod pod;
mod status;
mod words;

use super::Cluster;
use super::later::past;
use crate::program;
use account::{Account, Said, Workload};
use anyhow::{Context, Result, bail};
use pod::{List, Pod};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};
use words::Words;

/// The object that an event is about.
#[derive(Clone, Debug, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Regarding {
    /// Such as `v1`.
    pub api_version: String,
    /// Such as `Pod`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid, which no object that exists may have.
    pub uid: String,
    /// The part of it, such as `spec.containers{web}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
}

/// Who says an event.
#[derive(Clone, Debug, Serialize)]
struct Source<'a> {
    component: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    host: &'a str,
}

impl Cluster {
    /// Writes the status of a workload's pods and their events as the kubelet does.
    pub fn report(&self, account: &Account) -> Result<()> {
        let pods = self.pods_of(&account.pods, account.only.as_deref())?;
        if pods.is_empty() {
            bail!("there is no such pod of {}/{}", account.pods.namespace, account.pods.name);
        }
        for (number, pod) in pods.iter().enumerate() {
            self.report_pod(account, pod, number)?;
        }
        self.backdate_events(&account.pods.namespace)
    }

    /// Writes events about an object that may be gone, as a component that has said them.
    pub fn say(&self, regarding: &Regarding, component: &str, said: &[Said]) -> Result<()> {
        self.write_events(said, regarding, &Source { component, host: "" }, &Words::default())?;
        self.backdate_events(&regarding.namespace)
    }

    /// The pods of a workload; with `phase` only those in it.
    pub(super) fn pods_of(&self, workload: &Workload, phase: Option<&str>) -> Result<Vec<Pod>> {
        let namespace = &workload.namespace;
        let printed = self.kubectl(&["get", "pods", "--namespace", namespace, "-o", "json"])?;
        let list: List =
            serde_json::from_str(&printed).context("kubectl printed no list of pods")?;
        let prefix = format!("{}-", workload.name);
        let wanted = |pod: &Pod| {
            pod.metadata.name.starts_with(&prefix)
                && phase.is_none_or(|phase| pod.status.phase == phase)
        };
        Ok(list.items.into_iter().filter(wanted).collect())
    }

    fn report_pod(&self, account: &Account, pod: &Pod, number: usize) -> Result<()> {
        let container = pod.container(account.container.as_deref())?;
        let ip = pod.address(number);
        let words = Words::of(pod, container, &ip);
        let status = status::of(account, pod, container, &ip, &words)?;
        let patch = json!({ "status": status }).to_string();
        let namespace = &pod.metadata.namespace;
        let mut command = self.kubectl_command();
        command.args(["patch", "pod", &pod.metadata.name, "--namespace", namespace]);
        command.args(["--subresource=status", "--field-manager=kubelet", "--type=strategic"]);
        program::output(command.args(["-p", &patch]))?;
        let regarding = Regarding {
            api_version: "v1".into(),
            kind: "Pod".into(),
            namespace: namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            field_path: Some(format!("spec.containers{{{}}}", container.name)),
        };
        let source = Source { component: "kubelet", host: &pod.spec.node_name };
        self.write_events(&account.events, &regarding, &source, &words)
    }

    fn write_events(
        &self,
        said: &[Said],
        regarding: &Regarding,
        source: &Source<'_>,
        words: &Words,
    ) -> Result<()> {
        let events: Result<Vec<Value>> =
            said.iter().map(|said| event(said, regarding, source, words)).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": events?}).to_string();
        if said.is_empty() {
            return Ok(());
        }
        let manager = format!("--field-manager={}", source.component);
        let mut command = self.kubectl_command();
        program::output_of_input(command.args(["create", &manager, "-f", "-"]), &list)?;
        Ok(())
    }
}

fn event(said: &Said, regarding: &Regarding, source: &Source<'_>, words: &Words) -> Result<Value> {
    let mut hasher = DefaultHasher::new();
    (regarding, &said.reason, &said.message).hash(&mut hasher);
    let name = format!("{}.{:016x}", regarding.name, hasher.finish());
    let first = said.first.as_deref();
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": regarding.namespace, "name": name},
        "involvedObject": regarding,
        "type": said.kind,
        "reason": said.reason,
        "message": words.put_into(&said.message),
        "count": said.count,
        "firstTimestamp": time(first)?,
        "lastTimestamp": time(said.last.as_deref().or(first))?,
        "source": source,
        "reportingComponent": source.component,
        "reportingInstance": source.host,
    }))
}

/// A time of `43s ago`, as Kubernetes writes it.
fn time(ago: Option<&str>) -> Result<String> {
    Ok(format!("{:.0}", past(ago)?))
}
