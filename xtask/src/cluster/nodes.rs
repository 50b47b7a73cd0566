//! Simulated nodes and their kubelets: kwok, under the name `kubelet`.

use super::{Cluster, PATIENCE, ports, stages};
use crate::install::component;
use crate::program;
use anyhow::Result;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

const MANAGER: &str = "kwokctl";

/// How often kwok is started for nodes that do not get ready.
const STARTS: u32 = 3;

/// Leases and several workers at once must be asked for, and so must logs.
const SETTINGS: &str = "\
apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  enableCRDs: [Stage, Metric, Attach, ClusterAttach, Exec, ClusterExec, Logs, ClusterLogs, PortForward, ClusterPortForward, ResourceUsage, ClusterResourceUsage]
  manageAllNodes: true
  enableDebuggingHandlers: true
  nodeLeaseDurationSeconds: 40
  nodeLeaseParallelism: 4
  nodePlayStageParallelism: 4
  podPlayStageParallelism: 4
  podsOnNodeSyncParallelism: 4
  enablePodsOnNodeSyncStreamWatch: true
";

/// Starts kwok and makes the nodes, unless they are there.
pub(super) fn start(cluster: &Cluster, nodes: u16) -> Result<()> {
    let share = cluster.cache.share("kwok");
    let apply = |path: &str| {
        let path = share.join(path).display().to_string();
        cluster.kubectl(&["apply", "--server-side", "--field-manager", MANAGER, "-f", &path])
    };
    apply("crd/bases")?;
    cluster.kubectl(&["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"])?;
    apply("stage/node/fast/node-initialize.yaml")?;
    apply("stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml")?;
    apply("stage/pod/fast/pod-delete.yaml")?;
    cluster.apply(stages::complete(), MANAGER)?;
    // A stage that is there may hold workloads.
    if cluster.kubectl(&["get", "stage", "pod-running"]).is_err() {
        cluster.apply(&stages::running(), MANAGER)?;
    }
    fs::write(cluster.folder.join("kwok.yaml"), SETTINGS)?;
    cluster.processes().start("kwok", &mut kwok(cluster))?;
    if nodes == 0 {
        return Ok(());
    }
    let mut manifests = String::new();
    for number in 0..nodes {
        write!(manifests, "{}", node(number))?;
    }
    cluster.apply(&manifests, "cloud-node-manager")?;
    let ready = ["wait", "--for=condition=Ready", "--timeout=5s", "node", "--all"];
    let mut outcome = program::retry(PATIENCE / STARTS, || cluster.kubectl(&ready));
    for _ in 1..STARTS {
        if outcome.is_ok() {
            break;
        }
        // It runs, and none of the nodes got ready: seen once in some hundred starts. A new one lists them anew.
        cluster.processes().kill("kwok");
        cluster.processes().start("kwok", &mut kwok(cluster))?;
        outcome = program::retry(PATIENCE / STARTS, || cluster.kubectl(&ready));
    }
    outcome.map(drop)
}

impl Cluster {
    /// A registry in which only these tags of a repository exist: pods with any other go to `ImagePullBackOff`, with the
    /// events that a kubelet writes. `georgeezejiofor/echo-pod` is a repository of docker.io.
    pub fn tags(&self, repository: &str, tags: &[String]) -> Result<()> {
        self.apply(&stages::missing_tags(repository, tags), MANAGER)
    }

    /// From now on new pods of a workload stay as the scheduler leaves them: the scenario writes their status.
    /// `workload` is `NAMESPACE/NAME`.
    pub fn hold(&self, workload: &super::kubelet::account::Workload) -> Result<()> {
        let key = format!(
            r#"select(.metadata.namespace == "{}" and (.metadata.name | startswith("{}-"))) | .metadata.name"#,
            workload.namespace, workload.name
        );
        let path = "/spec/selector/matchExpressions/-";
        let value = serde_json::json!({"key": key, "operator": "DoesNotExist"});
        let patch = serde_json::json!([{"op": "add", "path": path, "value": value}]).to_string();
        self.kubectl(&["patch", "stage", "pod-running", "--type=json", "-p", &patch])?;
        Ok(())
    }
}

fn kwok(cluster: &Cluster) -> Command {
    let port = cluster.port + ports::KWOK;
    let pki = cluster.folder.join("pki");
    let mut command = Command::new(cluster.cache.program("kwok"));
    // The field manager and the user agent of what it writes are taken from this name.
    command.arg0("kubelet");
    command.arg(format!("--config={}", cluster.folder.join("kwok.yaml").display()));
    command.arg(format!("--kubeconfig={}", cluster.folder.join("kwok.kubeconfig").display()));
    command.args(["--cidr=10.244.0.0/16", "--node-ip=10.224.0.4"]);
    command.arg(format!("--node-port={port}"));
    command.arg(format!("--server-address=127.0.0.1:{port}"));
    command.arg(format!("--tls-cert-file={}", pki.join("kubelet.crt").display()));
    command.arg(format!("--tls-private-key-file={}", pki.join("kubelet.key").display()));
    command
}

fn node(number: u16) -> String {
    let version = component::kubernetes_version();
    let zone = number % 3 + 1;
    let address = format!("10.224.{}.{}", number / 250, 4 + number % 250);
    format!(
        r#"---
apiVersion: v1
kind: Node
metadata:
  name: node-{number}
  labels: {{kubernetes.io/hostname: node-{number}, kubernetes.io/os: linux, kubernetes.io/arch: amd64, topology.kubernetes.io/zone: zone-{zone}}}
status:
  addresses: [{{type: InternalIP, address: {address}}}, {{type: Hostname, address: node-{number}}}, {{type: InternalDNS, address: localhost}}]
  allocatable: {{cpu: "4", memory: 16Gi, pods: "110", ephemeral-storage: 100Gi}}
  capacity: {{cpu: "4", memory: 16Gi, pods: "110", ephemeral-storage: 100Gi}}
  nodeInfo: {{architecture: amd64, operatingSystem: linux, osImage: Ubuntu 24.04 LTS, kernelVersion: 6.8.0, containerRuntimeVersion: "containerd://2.1.5", kubeletVersion: {version}, kubeProxyVersion: {version}, bootID: "", machineID: "", systemUUID: ""}}
"#
    )
}
