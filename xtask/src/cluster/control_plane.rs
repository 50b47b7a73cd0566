//! The servers of the control plane: their flags, and when they are ready.

use super::{Cluster, PATIENCE, ports};
use crate::program;
use anyhow::Result;
use std::process::Command;

/// Starts etcd, the API server, the controller manager and the scheduler.
pub(super) fn start(cluster: &Cluster) -> Result<()> {
    let processes = cluster.processes();
    processes.start("etcd", &mut etcd(cluster))?;
    processes.start("kube-apiserver", &mut api_server(cluster))?;
    wait_for_api(cluster)?;
    processes.start("kube-controller-manager", &mut controller_manager(cluster))?;
    processes.start("kube-scheduler", &mut scheduler(cluster))?;
    // The controller manager's first deed, and pods cannot be created before it.
    cluster.eventually(&["get", "serviceaccount", "default"])?;
    Ok(())
}

/// Waits for the API server, but not for one that has ended.
fn wait_for_api(cluster: &Cluster) -> Result<()> {
    program::retry(PATIENCE, || match cluster.kubectl(&["get", "--raw", "/readyz"]) {
        Err(error) if cluster.processes().is_alive("kube-apiserver") => Err(error),
        Err(error) => Ok(Err(error)),
        Ok(_) => Ok(Ok(())),
    })?
}

fn etcd(cluster: &Cluster) -> Command {
    let client = etcd_address(cluster);
    let peer = format!("http://127.0.0.1:{}", cluster.port + ports::ETCD_PEER);
    let mut command = Command::new(cluster.cache.program("etcd"));
    command.args(["--name=local", "--log-level=warn", "--unsafe-no-fsync"]);
    command.arg(format!("--data-dir={}", cluster.folder.join("etcd").display()));
    command.arg(format!("--listen-client-urls={client}"));
    command.arg(format!("--advertise-client-urls={client}"));
    command.arg(format!("--listen-peer-urls={peer}"));
    command.arg(format!("--initial-advertise-peer-urls={peer}"));
    command.arg(format!("--initial-cluster=local={peer}"));
    command
}

pub(super) fn etcd_address(cluster: &Cluster) -> String {
    format!("http://127.0.0.1:{}", cluster.port + ports::ETCD)
}

fn api_server(cluster: &Cluster) -> Command {
    let pki = |file: &str| cluster.folder.join("pki").join(file).display().to_string();
    let file = |file: &str| cluster.folder.join(file).display().to_string();
    let mut command = Command::new(cluster.cache.program("kube-apiserver"));
    for (flag, value) in [
        ("etcd-servers", etcd_address(cluster)),
        // JSON, so that `later` can move what is stored.
        ("storage-media-type", "application/json".into()),
        ("bind-address", "127.0.0.1".into()),
        ("secure-port", cluster.api_port().to_string()),
        // An address for documentation: the Service `kubernetes` gets an endpoint as in any cluster (loopback addresses
        // are refused there), and nobody can dial it.
        ("advertise-address", "203.0.113.1".into()),
        ("tls-cert-file", pki("apiserver.crt")),
        ("tls-private-key-file", pki("apiserver.key")),
        ("client-ca-file", pki("ca.crt")),
        ("authorization-mode", "Node,RBAC".into()),
        ("enable-admission-plugins", "NodeRestriction".into()),
        ("allow-privileged", "true".into()),
        // IPv4 unless a Service asks for the other family.
        ("service-cluster-ip-range", "10.96.0.0/16,fd00:10:96::/112".into()),
        ("service-account-issuer", "https://kubernetes.default.svc.cluster.local".into()),
        ("service-account-key-file", pki("sa.pub")),
        ("service-account-signing-key-file", pki("sa.key")),
        ("kubelet-client-certificate", pki("apiserver-kubelet-client.crt")),
        ("kubelet-client-key", pki("apiserver-kubelet-client.key")),
        ("kubelet-certificate-authority", pki("ca.crt")),
        // Every simulated node says that `localhost` is its DNS name: kwok answers there for all of them.
        ("kubelet-preferred-address-types", "InternalDNS,InternalIP,Hostname".into()),
        ("requestheader-client-ca-file", pki("front-proxy-ca.crt")),
        ("requestheader-allowed-names", "front-proxy-client".into()),
        ("requestheader-username-headers", "X-Remote-User".into()),
        ("requestheader-group-headers", "X-Remote-Group".into()),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-".into()),
        ("proxy-client-cert-file", pki("front-proxy-client.crt")),
        ("proxy-client-key-file", pki("front-proxy-client.key")),
        ("audit-policy-file", file("audit-policy.yaml")),
        ("audit-log-path", file("audit.jsonl")),
        // A test that reads the log must find every request in it, in one file: 0 would rotate at 100 MB.
        ("audit-log-mode", "blocking".into()),
        ("audit-log-maxsize", "1000000".into()),
    ] {
        command.arg(format!("--{flag}={value}"));
    }
    command
}

fn controller_manager(cluster: &Cluster) -> Command {
    let pki = |file: &str| cluster.folder.join("pki").join(file).display().to_string();
    let mut command = controller(cluster, "controller-manager", ports::CONTROLLER_MANAGER);
    for (flag, value) in [
        ("use-service-account-credentials", "true".into()),
        ("cluster-signing-cert-file", pki("ca.crt")),
        ("cluster-signing-key-file", pki("ca.key")),
        ("root-ca-file", pki("ca.crt")),
        ("service-account-private-key-file", pki("sa.key")),
        ("service-cluster-ip-range", "10.96.0.0/16".into()),
        ("cluster-cidr", "10.244.0.0/16".into()),
        ("allocate-node-cidrs", "true".into()),
        // The default of 20 requests a second makes the start 5 s longer.
        ("kube-api-qps", "500".into()),
        ("kube-api-burst", "1000".into()),
    ] {
        command.arg(format!("--{flag}={value}"));
    }
    command
}

fn scheduler(cluster: &Cluster) -> Command {
    let mut command = controller(cluster, "scheduler", ports::SCHEDULER);
    command.args(["--kube-api-qps=500", "--kube-api-burst=1000"]);
    command
}

fn controller(cluster: &Cluster, name: &str, port: u16) -> Command {
    let kubeconfig = cluster.folder.join(format!("{name}.kubeconfig")).display().to_string();
    let mut command = Command::new(cluster.cache.program(&format!("kube-{name}")));
    command.args(["--bind-address=127.0.0.1", "--leader-elect=false"]);
    command.arg(format!("--secure-port={}", cluster.port + port));
    for flag in ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"] {
        command.arg(format!("--{flag}={kubeconfig}"));
    }
    command
}
