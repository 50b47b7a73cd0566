//! A Go module of our own that requires an upstream, so that the upstream can be built at a pinned version.

use super::Cache;
use super::component::Component;
use crate::program;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the module of a component is.
pub(super) fn folder(cache: &Cache, component: &Component) -> PathBuf {
    cache.folder.join("src").join(component.source)
}

/// Where Go keeps what it compiles for us.
pub(super) fn compiled(cache: &Cache) -> PathBuf {
    cache.folder.join("go-build")
}

/// Writes the module unless it is there already: Go adds its own lines to go.mod, which are kept while we want the same.
pub(super) fn write(cache: &Cache, component: &Component) -> Result<()> {
    let folder = folder(cache, component);
    fs::create_dir_all(&folder)?;
    let text = component.wanted();
    let wanted = folder.join("wanted");
    let is_wanted = fs::read_to_string(&wanted).is_ok_and(|old| old.trim_end() == text.trim_end());
    if is_wanted && folder.join("go.mod").exists() {
        return Ok(());
    }
    let sums = folder.join("go.sum");
    if sums.exists() {
        fs::remove_file(sums)?;
    }
    fs::write(folder.join("go.mod"), component.go_mod())?;
    fs::write(wanted, text)?;
    Ok(())
}

/// Where Go keeps the source of the upstream module.
pub(super) fn module_folder(cache: &Cache, component: &Component) -> Result<PathBuf> {
    let printed =
        program::output(go(cache, component).args(["mod", "download", "-json", component.module]))?;
    let said: serde_json::Value = serde_json::from_str(&printed)?;
    let path = said.get("Dir").and_then(|value| value.as_str()).context("go named no folder")?;
    Ok(PathBuf::from(path))
}

/// The command that builds the program of a component.
pub(super) fn go_build(cache: &Cache, component: &Component, target: &Path) -> Command {
    let mut command = go(cache, component);
    command.args(["build", "-trimpath", "-tags", component.tags]);
    command.args(["-ldflags", &component.linker_flags()]).arg("-o").arg(target);
    command.arg(component.package);
    command
}

fn go(cache: &Cache, component: &Component) -> Command {
    let mut command = Command::new("go");
    command.current_dir(folder(cache, component)).env("GOCACHE", compiled(cache));
    command.env("GOFLAGS", "-mod=mod").env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
    command
}
