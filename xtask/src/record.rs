//! `cargo xtask record`: plays scenario scripts on a real control plane and records snapshots of them.

use anyhow::Result;

/// Which scenarios.
#[derive(clap::Args)]
pub struct Arguments {
    /// Names of folders in tests/scenarios.
    names: Vec<String>,
}

/// Records them.
pub fn run(_arguments: &Arguments) -> Result<()> {
    Ok(())
}
