//! The ordinary metrics of what is healthy: of each pod of a namespace, and of each node.

use super::Shape;
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::Path;

const GIB: f64 = 1_073_741_824.0;

/// What cAdvisor, kube-state-metrics and the programs themselves tell of each pod.
pub(super) fn of_namespace(snapshot: &Path, namespace: &str) -> Result<Vec<Shape>> {
    let mut shapes = Vec::new();
    for pod in objects(snapshot, namespace, "pods")? {
        let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if text("/status/phase") != "Running" {
            continue;
        }
        let (name, node) = (text("/metadata/name"), text("/spec/nodeName"));
        let owner = text("/metadata/ownerReferences/0/kind");
        let own = format!("namespace=\"{namespace}\",pod=\"{name}\"");
        let still =
            |gauge: String, level: f64| Shape { gauge: Some(gauge), level, ..Shape::default() };
        shapes.push(still(format!("kube_pod_info{{{own},node=\"{node}\"}}"), 1.0));
        for container in
            pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten()
        {
            let of = |pointer: &str| container.pointer(pointer).and_then(Value::as_str);
            let labels = format!("{own},container=\"{}\"", of("/name").unwrap_or_default());
            let counter = |name: &str, level: f64| Shape {
                counter: Some(format!("{name}{{{labels}}}")),
                level,
                noise: 0.1,
                ..Shape::default()
            };
            shapes.push(counter("container_cpu_usage_seconds_total", 0.05));
            if let Some(limit) = of("/resources/limits/cpu").and_then(cores) {
                shapes.push(still(
                    format!("kube_pod_container_resource_limits{{{labels},resource=\"cpu\"}}"),
                    limit,
                ));
                shapes.push(counter("container_cpu_cfs_periods_total", 10.0));
                shapes.push(counter("container_cpu_cfs_throttled_periods_total", 0.1));
            }
            if let Some(limit) = of("/resources/limits/memory").and_then(bytes) {
                shapes.push(still(
                    format!("kube_pod_container_resource_limits{{{labels},resource=\"memory\"}}"),
                    limit,
                ));
                let gauge = Some(format!("container_memory_working_set_bytes{{{labels}}}"));
                shapes.push(Shape { gauge, level: limit * 0.4, noise: 0.02, ..Shape::default() });
            }
        }
        if owner == "ReplicaSet" {
            let counter = Some(format!("http_requests_total{{{own},job=\"apps\",code=\"200\"}}"));
            shapes.push(Shape { counter, level: 20.0, noise: 0.05, ..Shape::default() });
            let histogram = Some(format!("http_request_duration_seconds{{{own},job=\"apps\"}}"));
            shapes.push(Shape {
                histogram,
                level: 0.12,
                noise: 0.05,
                rate: 20.0,
                ..Shape::default()
            });
            shapes.push(still(
                format!("up{{{own},job=\"apps\",instance=\"{}:8080\"}}", text("/status/podIP")),
                1.0,
            ));
        }
    }
    Ok(shapes)
}

/// What node exporter tells of each node.
pub(super) fn of_nodes(snapshot: &Path) -> Result<Vec<Shape>> {
    let mut shapes = Vec::new();
    for node in objects(snapshot, "_cluster", "nodes")? {
        let name = node.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let own = format!("job=\"node\",instance=\"{name}:9100\",node=\"{name}\"");
        let gauge = |series: String, level: f64, noise: f64| Shape {
            gauge: Some(series),
            level,
            noise,
            ..Shape::default()
        };
        let idle = Some(format!("node_cpu_seconds_total{{{own},cpu=\"0\",mode=\"idle\"}}"));
        shapes.push(Shape { counter: idle, level: 0.65, noise: 0.02, ..Shape::default() });
        shapes.push(gauge(format!("up{{{own}}}"), 1.0, 0.0));
        shapes.push(gauge(format!("node_memory_MemTotal_bytes{{{own}}}"), 16.0 * GIB, 0.0));
        shapes.push(gauge(format!("node_memory_MemAvailable_bytes{{{own}}}"), 8.0 * GIB, 0.02));
        let disk = format!("{own},device=\"/dev/sda1\",mountpoint=\"/\",fstype=\"ext4\"");
        shapes.push(gauge(format!("node_filesystem_size_bytes{{{disk}}}"), 100.0 * GIB, 0.0));
        shapes.push(gauge(format!("node_filesystem_avail_bytes{{{disk}}}"), 55.0 * GIB, 0.0));
        shapes.push(gauge(format!("node_filesystem_files{{{disk}}}"), 6_553_600.0, 0.0));
        shapes.push(gauge(format!("node_filesystem_files_free{{{disk}}}"), 6_000_000.0, 0.0));
        shapes.push(gauge(format!("node_nf_conntrack_entries{{{own}}}"), 9_000.0, 0.1));
        shapes.push(gauge(format!("node_nf_conntrack_entries_limit{{{own}}}"), 131_072.0, 0.0));
    }
    Ok(shapes)
}

/// The running pods of a workload, by name.
pub(super) fn pods_of(snapshot: &Path, namespace: &str, workload: &str) -> Result<Vec<Value>> {
    let mut pods = objects(snapshot, namespace, "pods")?;
    pods.retain(|pod| {
        let phase = pod.pointer("/status/phase").and_then(Value::as_str);
        phase == Some("Running") && is_of(pod, workload)
    });
    pods.sort_by_key(|it| it.pointer("/metadata/name").map(ToString::to_string));
    Ok(pods)
}

/// Whether a pod's controller is a workload of this name, or the ReplicaSet of a Deployment of this name.
fn is_of(pod: &Value, workload: &str) -> bool {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let owner = text("/metadata/ownerReferences/0/name");
    if owner == workload {
        return true;
    }
    let hash = text("/metadata/labels/pod-template-hash");
    text("/metadata/ownerReferences/0/kind") == "ReplicaSet"
        && !hash.is_empty()
        && owner == format!("{workload}-{hash}")
}

fn objects(snapshot: &Path, folder: &str, resource: &str) -> Result<Vec<Value>> {
    let file = snapshot.join("kubernetes").join(folder).join(format!("{resource}.json"));
    let text = fs::read(&file).with_context(|| format!("there is no {}", file.display()))?;
    let mut list: Value = serde_json::from_slice(&text)?;
    Ok(list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default())
}

fn cores(text: &str) -> Option<f64> {
    match text.strip_suffix('m') {
        Some(thousandths) => Some(thousandths.parse::<f64>().ok()? / 1000.0),
        None => text.parse().ok(),
    }
}

fn bytes(text: &str) -> Option<f64> {
    for (suffix, size) in [("Gi", GIB), ("Mi", GIB / 1024.0), ("Ki", 1024.0)] {
        if let Some(number) = text.strip_suffix(suffix) {
            return Some(number.parse::<f64>().ok()? * size);
        }
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pods_of_a_workload_whose_name_begins_alike_are_not_its_own() {
        let pod = |name: &str, kind: &str, owner: &str, hash: &str| {
            json!({"metadata": {"name": name,
            "labels": {"pod-template-hash": hash}, "ownerReferences": [{"kind": kind, "name": owner}]}})
        };
        let own = [
            pod("db-0", "StatefulSet", "db", ""),
            pod("db-5d4f8c7b9-x2x4z", "ReplicaSet", "db-5d4f8c7b9", "5d4f8c7b9"),
        ];
        let others = [
            pod("db-replica-0", "StatefulSet", "db-replica", ""),
            pod("db-web-5d4f8c7b9-x2x4z", "ReplicaSet", "db-web-5d4f8c7b9", "5d4f8c7b9"),
            pod("db-0", "ReplicaSet", "db-", ""),
            json!({"metadata": {"name": "db-0"}}),
        ];
        assert!(own.iter().all(|pod| is_of(pod, "db")));
        assert!(!others.iter().any(|pod| is_of(pod, "db")));
    }
}
