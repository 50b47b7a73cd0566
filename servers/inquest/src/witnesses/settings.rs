//! Where the lead finds the servers.

use super::Witnesses;
use super::witness::Witness;
use crate::trouble::Trouble;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the servers are. Reading these opens nothing.
#[derive(Clone, Debug, clap::Args)]
pub struct WitnessSettings {
    /// Address of a running mcp-k8s, as http://mcp-k8s:8080/mcp; unset: it runs in this process
    #[arg(long, env = "INQUEST_K8S_URL", value_name = "URL")]
    pub k8s_url: Option<String>,
    /// File with the bearer token for that address
    #[arg(long, env = "INQUEST_K8S_TOKEN_FILE", value_name = "FILE", requires = "k8s_url")]
    pub k8s_token_file: Option<PathBuf>,
    /// Address of a running mcp-prometheus, as http://mcp-prometheus:8080/mcp; unset: it runs in this process where
    /// --prometheus-url is set
    #[arg(long, env = "INQUEST_PROMETHEUS_MCP_URL", value_name = "URL")]
    pub prometheus_mcp_url: Option<String>,
    /// File with the bearer token for that address
    #[arg(
        long,
        env = "INQUEST_PROMETHEUS_MCP_TOKEN_FILE",
        value_name = "FILE",
        requires = "prometheus_mcp_url"
    )]
    pub prometheus_mcp_token_file: Option<PathBuf>,
    /// The cluster, where mcp-k8s runs in this process.
    #[cfg(feature = "k8s")]
    #[command(flatten)]
    pub k8s: mcp_k8s::settings::Settings,
    /// Prometheus and Alertmanager, where mcp-prometheus runs in this process.
    #[cfg(feature = "prometheus")]
    #[command(flatten)]
    pub prometheus: mcp_prometheus::settings::Settings,
}

impl WitnessSettings {
    /// The servers; `for_others` where others than whose kubeconfig it is read through them. One that cannot be reached
    /// says so when it is asked.
    ///
    /// # Errors
    /// Where a setting cannot be used, and where the identity of a server in this process may do too much.
    pub async fn open(&self, for_others: bool) -> Result<Witnesses, Trouble> {
        let numbers = self.numbers().await?;
        let Some(url) = &self.k8s_url else {
            return Ok(self.in_memory(for_others).await?.with("mcp-prometheus", numbers));
        };
        let token = read("--k8s-token-file", self.k8s_token_file.as_deref())?;
        let k8s = Witness::at(url.clone(), token);
        let witnesses = Witnesses::new(BTreeMap::from([("mcp-k8s", k8s)]), None);
        Ok(witnesses.with("mcp-prometheus", numbers))
    }

    /// Who tells numbers; nobody where nothing is configured, and then nobody is asked.
    async fn numbers(&self) -> Result<Option<Witness>, Trouble> {
        if let Some(url) = &self.prometheus_mcp_url {
            let file = self.prometheus_mcp_token_file.as_deref();
            let token = read("--prometheus-mcp-token-file", file)?;
            return Ok(Some(Witness::at(url.clone(), token)));
        }
        #[cfg(feature = "prometheus")]
        return Ok(super::prometheus::in_memory(&self.prometheus).await);
        #[cfg(not(feature = "prometheus"))]
        Ok(None)
    }

    #[cfg(feature = "k8s")]
    async fn in_memory(&self, for_others: bool) -> Result<Witnesses, Trouble> {
        super::kubernetes::in_memory(&self.k8s, for_others).await
    }

    #[cfg(not(feature = "k8s"))]
    async fn in_memory(&self, _for_others: bool) -> Result<Witnesses, Trouble> {
        let none = Witness::none("this build has no mcp-k8s in it: set --k8s-url".to_owned());
        Ok(Witnesses::new(BTreeMap::from([("mcp-k8s", none)]), None))
    }
}

/// The token in a file, where one is named.
fn read(flag: &str, path: Option<&Path>) -> Result<Option<String>, Trouble> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Trouble::Usage(format!("{flag} {}: {error}", path.display())))?;
    match text.trim() {
        "" => Err(Trouble::Usage(format!("{flag} {}: it is empty", path.display()))),
        token => Ok(Some(token.to_owned())),
    }
}
