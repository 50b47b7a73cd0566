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
    /// The cluster, where mcp-k8s runs in this process.
    #[cfg(feature = "k8s")]
    #[command(flatten)]
    pub k8s: mcp_k8s::settings::Settings,
}

impl WitnessSettings {
    /// The servers; `for_others` where others than whose kubeconfig it is read through them. One that cannot be reached
    /// says so when it is asked.
    ///
    /// # Errors
    /// Where a setting cannot be used, and where the identity of a server in this process may do too much.
    pub async fn open(&self, for_others: bool) -> Result<Witnesses, Trouble> {
        let Some(url) = &self.k8s_url else {
            return self.in_memory(for_others).await;
        };
        let token = self.k8s_token_file.as_deref().map(token).transpose()?;
        let k8s = Witness::at(url.clone(), token);
        Ok(Witnesses::new(BTreeMap::from([("mcp-k8s", k8s)]), None))
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

fn token(path: &Path) -> Result<String, Trouble> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Trouble::Usage(format!("--k8s-token-file {}: {error}", path.display())))?;
    match text.trim() {
        "" => Err(Trouble::Usage(format!("--k8s-token-file {}: it is empty", path.display()))),
        token => Ok(token.to_owned()),
    }
}
