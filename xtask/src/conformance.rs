//! The official MCP conformance suite, from npm.

use crate::install::Cache;
use crate::npm::{self, Installed};
use crate::program;
use anyhow::Result;
use std::path::Path;

/// Its package; npm's `latest` knows no revision after 2025-11-25.
const PACKAGE: &str = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
/// Its folder in the cache.
const FOLDER: &str = "conformance";

/// An installed suite.
#[derive(Clone, Debug)]
pub struct Conformance(Installed);

impl Conformance {
    /// Installs it if it is not there; several processes may ask at once.
    pub fn install(cache: &Cache) -> Result<Conformance> {
        npm::install(cache, FOLDER, PACKAGE)?;
        Conformance::installed(cache)
    }

    /// The one that is installed.
    pub fn installed(cache: &Cache) -> Result<Conformance> {
        npm::installed(cache, FOLDER, "conformance").map(Conformance)
    }

    /// Tries one scenario of a revision on the server at `url`. What fails must be `expected` to, and the other way round.
    pub fn try_server(
        &self,
        url: &str,
        scenario: &str,
        revision: &str,
        expected: &Path,
    ) -> Result<String> {
        let mut command = self.0.command();
        command.args(["server", "--url", url, "--scenario", scenario, "--spec-version", revision]);
        program::output(command.arg("--expected-failures").arg(expected))
    }

    /// Tries one scenario of a revision on the client that `line` starts; the address of its server is added to that.
    pub fn try_client(
        &self,
        line: &str,
        scenario: &str,
        revision: &str,
        expected: &Path,
    ) -> Result<String> {
        let mut command = self.0.command();
        command.args(["client", "--command", line, "--scenario", scenario]);
        command.args(["--spec-version", revision]);
        program::output(command.arg("--expected-failures").arg(expected))
    }
}
