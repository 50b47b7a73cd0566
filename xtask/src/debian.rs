//! Programs from Debian's packages, unpacked into the cache: nothing is installed and nothing is started.

use crate::install::Cache;
use crate::program;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// Unpacks packages into the folder `name` of the cache if they are not there and `accept` has nothing against what was
/// unpacked; several processes may ask at once.
pub(crate) fn install(
    cache: &Cache,
    name: &str,
    packages: &[&str],
    accept: fn(&Path) -> Result<()>,
) -> Result<()> {
    fs::create_dir_all(&cache.folder)?;
    let lock = File::create(cache.folder.join(format!(".install.{name}.lock")))?;
    lock.lock().context("could not lock the cache")?;
    let folder = cache.folder.join(name);
    let note = folder.join("wanted");
    let wanted = packages.join("\n");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return accept(&folder);
    }
    for program in ["apt-get", "dpkg-deb"] {
        if Command::new(program).arg("--version").output().is_err() {
            bail!("there is no {program}; packages of Debian are needed");
        }
    }
    program::say(&format!("fetching {} ...", packages.join(", ")));
    let fetched = tempfile::tempdir_in(&cache.folder)?;
    if download(fetched.path(), packages).is_err() {
        // The lists may be missing or old.
        program::output(Command::new("apt-get").args(["update", "--quiet"]))?;
        download(fetched.path(), packages)?;
    }
    let unpacked = tempfile::tempdir_in(&cache.folder)?;
    for entry in fs::read_dir(fetched.path())? {
        let mut unpack = Command::new("dpkg-deb");
        program::output(unpack.arg("--extract").arg(entry?.path()).arg(unpacked.path()))?;
    }
    accept(unpacked.path())?;
    fs::write(unpacked.path().join("wanted"), wanted)?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(unpacked.keep(), folder)?;
    Ok(())
}

fn download(folder: &Path, packages: &[&str]) -> Result<String> {
    let mut command = Command::new("apt-get");
    // Root fetches as nobody, who may not write here.
    command.args(["--quiet", "--option", "APT::Sandbox::User=root", "download"]);
    program::output(command.args(packages).current_dir(folder))
}
