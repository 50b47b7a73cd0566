//! A cluster under load: namespaces with the same few kinds of workloads, grown step by step, and one that is broken.

use crate::cluster::kubelet::account::Workload;
use crate::cluster::pod_logs::Lines;
use crate::cluster::{Cluster, Lifetime};
use crate::program;
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The namespace that is broken; no question names it.
pub(super) const BROKEN: &str = "terranetes";
/// The namespace of `crowd`.
pub(super) const CROWDED: &str = "crowd";
/// The namespace of `chatty`.
pub(super) const CHATTY: &str = "chatty";
/// What is wrong in the broken one.
pub(super) const CAUSE: &str = "IMG-01";

/// Who applies what is deployed.
const MANAGER: &str = "argocd-controller";
/// What a kubelet takes.
const PODS_OF_A_NODE: usize = 110;
/// Nodes that are there however few pods there are.
const FEWEST_NODES: u16 = 3;
/// How long the controllers may take for 10,000 pods.
const PATIENCE: Duration = Duration::from_secs(1200);
/// Between two looks at them.
const BREATH: Duration = Duration::from_secs(3);

/// How many pods are spread how.
struct Shape {
    namespaces: usize,
    deployments: usize,
    replicas: usize,
}

/// Starts a cluster, with the broken namespace.
pub(super) fn start(folder: &Path, lifetime: Lifetime) -> Result<Cluster> {
    let cluster = Cluster::start(folder, FEWEST_NODES, lifetime)?;
    cluster.tags("georgeezejiofor/echo-pod", &["blue".into(), "green".into()])?;
    cluster.apply(&broken(), MANAGER)?;
    Ok(cluster)
}

/// Fills one namespace with this many pods that are well, and waits until they are.
pub(super) fn crowd(cluster: &Cluster, pods: usize) -> Result<()> {
    cluster.apply(&(namespace(CROWDED) + &workload(CROWDED, 0, pods)), MANAGER)?;
    let ready = format!("--for=jsonpath={{.status.availableReplicas}}={pods}");
    let wait = ["wait", "deployment/app-00", "-n", CROWDED, &ready, "--timeout=600s"];
    cluster.kubectl(&wait)?;
    Ok(())
}

/// Adds a pod whose log has this many bytes.
pub(super) fn chatty(cluster: &Cluster, bytes: usize) -> Result<()> {
    cluster.apply(&(namespace(CHATTY) + &workload(CHATTY, 0, 1)), MANAGER)?;
    let ready = "--for=jsonpath={.status.availableReplicas}=1";
    cluster.kubectl(&["wait", "deployment/app-00", "-n", CHATTY, ready, "--timeout=600s"])?;
    let mut text = String::with_capacity(bytes);
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        match number % 50 {
            49 => writeln!(text, "WARN retrying order {number}: connection reset by peer")?,
            rest => {
                writeln!(text, "INFO GET /orders/{number} 200 {rest} ms user={}", number % 997)?
            }
        }
    }
    let workload = Workload { namespace: CHATTY.to_owned(), name: "app-00".to_owned() };
    cluster.logs(&Lines {
        workload: &workload,
        only: None,
        container: Some("app"),
        current: &text,
        previous: None,
        until: Timestamp::now(),
    })
}

/// Lets a cluster grow to this many pods that are well, with room for some more, and waits until they are.
pub(super) fn grow(cluster: &Cluster, pods: usize, room: usize) -> Result<()> {
    let began = Instant::now();
    let shape = Shape::of(pods)?;
    let nodes = (pods + room).div_ceil(PODS_OF_A_NODE) * 11 / 10;
    cluster.apply(&more_nodes(cluster, nodes)?, "cloud-node-manager")?;
    cluster.apply(&shape.manifests()?, MANAGER)?;
    wait(cluster, pods)?;
    program::say(&format!(
        "{pods} pods on {} nodes in {} namespaces after {} s",
        nodes + usize::from(FEWEST_NODES),
        shape.namespaces + 1,
        began.elapsed().as_secs()
    ));
    Ok(())
}

/// Nodes like the first.
fn more_nodes(cluster: &Cluster, count: usize) -> Result<String> {
    let node = cluster.kubectl(&["get", "node", "node-0", "-o", "json"])?;
    let node: Value = serde_json::from_str(&node).context("kubectl printed no node")?;
    let part = |pointer: &str| node.pointer(pointer).cloned().unwrap_or_default();
    let mut nodes = Vec::new();
    for number in 0..count {
        let name = format!("worker-{number}");
        let mut labels = part("/metadata/labels");
        if let Some(labels) = labels.as_object_mut() {
            labels.insert("kubernetes.io/hostname".into(), json!(name));
        }
        nodes.push(json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "status": {
                "addresses": part("/status/addresses"),
                "allocatable": part("/status/allocatable"),
                "capacity": part("/status/capacity"),
                "nodeInfo": part("/status/nodeInfo"),
            },
        }));
    }
    Ok(json!({"apiVersion": "v1", "kind": "List", "items": nodes}).to_string())
}

impl Shape {
    /// The shape of a cluster with this many pods: more of everything, and of replicas most.
    fn of(pods: usize) -> Result<Shape> {
        let (namespaces, deployments) = match pods {
            0..500 => (20, 5),
            500..5_000 => (25, 8),
            _ => (40, 10),
        };
        let replicas = pods / (namespaces * deployments);
        if replicas == 0 || replicas * namespaces * deployments != pods {
            bail!("--pods {pods}: it must be a multiple of {}", namespaces * deployments);
        }
        Ok(Shape { namespaces, deployments, replicas })
    }

    fn manifests(&self) -> Result<String> {
        let mut manifests = String::new();
        for team in 0..self.namespaces {
            let namespace = format!("team-{team:02}");
            write!(manifests, "{}", self::namespace(&namespace))?;
            for number in 0..self.deployments {
                write!(manifests, "{}", workload(&namespace, number, self.replicas))?;
            }
        }
        Ok(manifests)
    }
}

/// Waits until all pods are available, or none has become so for a long time.
fn wait(cluster: &Cluster, pods: usize) -> Result<()> {
    let began = Instant::now();
    let ask = ["get", "deploy", "-A", "-l", "part-of=load", "-o"];
    let ask = [&ask[..], &["jsonpath={.items[*].status.availableReplicas}"]].concat();
    loop {
        let counts = cluster.kubectl(&ask)?;
        let available: usize =
            counts.split_whitespace().filter_map(|it| it.parse::<usize>().ok()).sum();
        if available == pods {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            bail!("only {available} of {pods} pods are available after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(BREATH);
    }
}

fn namespace(name: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: Namespace
metadata: {{name: {name}, labels: {{team: {name}, pod-security.kubernetes.io/enforce: baseline}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: {name}}}
data: {{LOG_LEVEL: info, REGION: eu-west-1, FEATURES: \"checkout,search,recommendations\"}}
"
    )
}

/// A Deployment as one finds them, and its Service.
fn workload(namespace: &str, number: usize, replicas: usize) -> String {
    format!(
        r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number:02}
  namespace: {namespace}
  labels: {{part-of: load, app.kubernetes.io/name: app-{number:02}, app.kubernetes.io/version: 1.4.2}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app.kubernetes.io/name: app-{number:02}}}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: app-{number:02}, app.kubernetes.io/version: 1.4.2, team: {namespace}}}
      annotations: {{prometheus.io/scrape: "true", prometheus.io/port: "9090", checksum/config: 5f1d8a0e7c}}
    spec:
      securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
      - name: app
        image: registry.example.com/{namespace}/app-{number:02}:1.4.2
        args: ["serve", "--listen=:8080", "--metrics=:9090"]
        ports: [{{name: http, containerPort: 8080}}, {{name: metrics, containerPort: 9090}}]
        env:
        - {{name: POD_NAME, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}
        - {{name: DATABASE_HOST, value: "postgres.{namespace}.svc.cluster.local"}}
        - {{name: CACHE_SIZE, value: "256"}}
        envFrom: [{{configMapRef: {{name: settings}}}}]
        resources: {{requests: {{cpu: 10m, memory: 32Mi}}, limits: {{memory: 64Mi}}}}
        readinessProbe: {{httpGet: {{path: /readyz, port: http}}, periodSeconds: 5}}
        livenessProbe: {{httpGet: {{path: /healthz, port: http}}, initialDelaySeconds: 10}}
        securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
        volumeMounts: [{{name: scratch, mountPath: /tmp}}]
      - name: proxy
        image: registry.example.com/mesh/proxy:2.9.0
        args: ["proxy", "sidecar"]
        ports: [{{name: admin, containerPort: 15000}}]
        resources: {{requests: {{cpu: 10m, memory: 16Mi}}, limits: {{memory: 64Mi}}}}
      volumes: [{{name: scratch, emptyDir: {{}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: app-{number:02}, namespace: {namespace}, labels: {{part-of: load}}}}
spec:
  selector: {{app.kubernetes.io/name: app-{number:02}}}
  ports: [{{name: http, port: 80, targetPort: http}}, {{name: metrics, port: 9090, targetPort: metrics}}]
"#
    )
}

/// The article's incident.
fn broken() -> String {
    format!(
        "---
apiVersion: v1
kind: Namespace
metadata: {{name: {BROKEN}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: echo-pod, namespace: {BROKEN}, labels: {{app: echo-pod}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: echo-pod}}}}
  template:
    metadata: {{labels: {{app: echo-pod}}}}
    spec: {{containers: [{{name: echo-pod, image: \"georgeezejiofor/echo-pod:blue-bad-v1\"}}]}}
"
    )
}
