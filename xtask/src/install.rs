//! Building upstream servers from their Go modules into the cache, each once for all checkouts.

pub mod component;
mod wrapper;

use crate::{program, settings};
use anyhow::{Context, Result, bail};
use component::Component;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The folder of built upstreams.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
}

impl Cache {
    /// The cache that the environment names.
    pub fn of_the_user() -> Result<Cache> {
        Ok(Cache { folder: settings::cache()? })
    }

    /// The program of a component.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// The manifests that come with a component.
    pub fn share(&self, name: &str) -> PathBuf {
        self.folder.join("share").join(name)
    }

    /// Whether this very version of a component is built, with its tags.
    pub fn has(&self, component: &Component) -> bool {
        let wanted = wrapper::folder(self, component).join("wanted");
        let Ok(text) = fs::read_to_string(&wanted) else { return false };
        text.trim_end() == component.wanted().trim_end()
            && is_newer(&self.program(component.name), &wanted)
            && (component.manifests.is_none() || self.share(component.name).is_dir())
    }

    /// Names of the components that are not built, of these.
    pub fn missing(&self, components: &[Component]) -> Vec<&'static str> {
        components.iter().filter(|one| !self.has(one)).map(|one| one.name).collect()
    }

    /// Builds what is missing. Several processes may call this at once: one builds while the others wait.
    ///
    /// What Go compiled on the way is some 7 GB that nothing needs again; it goes when all are built.
    pub fn install(&self, components: &[Component]) -> Result<()> {
        if self.missing(components).is_empty() {
            return Ok(());
        }
        fs::create_dir_all(self.folder.join("bin"))?;
        let lock = self.lock()?;
        // Somebody else may have built some while we waited for the lock.
        for component in components.iter().filter(|one| !self.has(one)) {
            self.build(component).with_context(|| format!("could not build {}", component.name))?;
        }
        let compiled = wrapper::compiled(self);
        if compiled.exists() {
            fs::remove_dir_all(compiled)?;
        }
        drop(lock);
        Ok(())
    }

    fn build(&self, component: &Component) -> Result<()> {
        if Command::new("go").arg("version").output().is_err() {
            bail!("there is no Go; install Go 1.26 or newer");
        }
        program::say(&format!("building {} {} ...", component.name, component.version));
        let began = Instant::now();
        wrapper::write(self, component)?;
        if let Some(manifests) = component.manifests {
            let from = wrapper::module_folder(self, component)?.join(manifests);
            let share = self.share(component.name);
            if share.exists() {
                fs::remove_dir_all(&share)?;
            }
            copy(&from, &share).with_context(|| format!("could not copy {}", from.display()))?;
        }
        let finished = self.program(component.name);
        let unfinished =
            finished.with_file_name(format!(".{}.{}", component.name, std::process::id()));
        program::run(&mut wrapper::go_build(self, component, &unfinished))?;
        fs::rename(&unfinished, &finished)?;
        program::say(&format!("built {} in {} s", component.name, began.elapsed().as_secs()));
        Ok(())
    }

    /// A lock for as long as the file lives.
    fn lock(&self) -> Result<File> {
        let file = File::create(self.folder.join(".install.go.lock"))?;
        file.lock().context("could not lock the cache")?;
        Ok(file)
    }
}

/// A program older than what was wanted of it is of an older version.
fn is_newer(program: &Path, wanted: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    match (time(program), time(wanted)) {
        (Some(built), Some(asked)) => built >= asked,
        _ => false,
    }
}

/// Copies a folder; Go's module cache is read-only, so contents are written anew.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
