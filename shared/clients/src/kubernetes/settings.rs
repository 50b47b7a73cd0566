//! Where the cluster is, and how long to wait for it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

/// Where the cluster is. Reading these opens nothing.
#[derive(Clone, Debug, clap::Args)]
pub struct KubernetesSettings {
    /// Kubeconfig files, separated as in PATH; unset: ~/.kube/config, then the pod's service account.
    #[arg(long, env = "KUBECONFIG", value_name = "PATHS")]
    pub kubeconfig: Option<OsString>,
    /// The kubeconfig context to use; unset: its current one. `mcp k8s` takes several, with a comma between.
    #[arg(long, env = "INQUEST_CONTEXT", value_name = "NAMES", value_delimiter = ',')]
    pub context: Vec<String>,
    /// Seconds that one request to the API server may take, answer included.
    #[arg(
        long,
        env = "INQUEST_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value = "20",
        value_parser = clap::value_parser!(u16).range(1..=300),
    )]
    pub request_timeout: u16,
    /// Serve others although the identity may write, or may read Secrets it has no need of; every answer says so.
    #[arg(long, env = "INQUEST_ALLOW_OVERPRIVILEGED")]
    pub allow_overprivileged: bool,
}

impl KubernetesSettings {
    /// These settings for each context that they name, by its name; once, without a name, where they name none.
    pub fn one_each(&self) -> BTreeMap<String, KubernetesSettings> {
        if self.context.is_empty() {
            return BTreeMap::from([(String::new(), self.clone())]);
        }
        let one = |name: &String| {
            (name.clone(), KubernetesSettings { context: vec![name.clone()], ..self.clone() })
        };
        self.context.iter().map(one).collect()
    }

    /// How long one request may take.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_secs(u64::from(self.request_timeout))
    }
}
