//! The MCP inspector, from npm.

use crate::install::Cache;
use crate::npm::{self, Installed};
use crate::program;
use anyhow::{Context, Result};

/// Its package.
const PACKAGE: &str = "@modelcontextprotocol/inspector@2.12.0";
/// Its folder in the cache.
const FOLDER: &str = "inspector";

/// An installed inspector.
#[derive(Clone, Debug)]
pub struct Inspector(Installed);

impl Inspector {
    /// Installs it if it is not there; several processes may ask at once.
    pub fn install(cache: &Cache) -> Result<Inspector> {
        npm::install(cache, FOLDER, PACKAGE)?;
        Inspector::installed(cache)
    }

    /// The one that is installed.
    pub fn installed(cache: &Cache) -> Result<Inspector> {
        npm::installed(cache, FOLDER, "mcp-inspector").map(Inspector)
    }

    /// Runs it and gives back the JSON that it printed; a tool's own error is an error here.
    pub fn ask(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let mut command = self.0.command();
        // The system's key store is none of a test's business.
        command.env("MCP_INSPECTOR_SECRET_STORE", "memory");
        let printed =
            program::output(command.arg("--cli").args(arguments).args(["--format", "json"]))?;
        serde_json::from_str(&printed)
            .with_context(|| format!("the inspector printed no JSON: {printed}"))
    }
}
