//! `cargo xtask image`: what the Dockerfile's build stage does, without an engine; and whether the result fits its base.

use crate::{program, settings};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::Command;

/// Libraries that the base image has: `gcr.io/distroless/cc-debian12`.
const IN_BASE: [&str; 6] =
    ["ld-linux", "libc.so.6", "libgcc_s.so.1", "libm.so.6", "libstdc++.so.6", "linux-vdso"];

/// Runs the build commands with the development profile, which the tests have built already, and tries the program.
pub fn run() -> Result<()> {
    let root = tempfile::tempdir()?;
    let dockerfile = std::fs::read_to_string(settings::repository().join("Dockerfile"))?;
    let commands = commands(&dockerfile);
    let link = link(&dockerfile).context("the Dockerfile has no ARG LINK")?;
    ensure!(!commands.is_empty(), "the Dockerfile runs nothing");
    for command in commands {
        program::say(command);
        let mut shell = Command::new("sh");
        shell.current_dir(settings::repository()).args(["-euc", command]);
        let shell = shell.envs([("PROFILE", "dev"), ("OUTPUT", "debug"), ("LINK", link)]);
        let shell = shell.env("ROOTFS", root.path());
        program::run(shell)?;
    }
    fits(&root.path().join("inquest"))
}

/// Builds the program that the image carries, as its build stage does; `besides` goes to the compiler as well.
///
/// # Errors
/// What the build says.
pub fn build(besides: &[&str]) -> Result<()> {
    let dockerfile = std::fs::read_to_string(settings::repository().join("Dockerfile"))?;
    let link = link(&dockerfile).context("the Dockerfile has no ARG LINK")?;
    let mut command = Command::new(settings::cargo());
    command.current_dir(settings::repository());
    command.args(["rustc", "--quiet", "--profile", "image", "--package", "inquest"]);
    program::run(command.args(["--bin", "inquest", "--"]).args(link.split(' ')).args(besides))
}

/// It needs no library that the base lacks, and starts where there is nothing: no variable, no home, no settings.
fn fits(inquest: &Path) -> Result<()> {
    for line in program::output(Command::new("ldd").arg(inquest))?.lines() {
        let library = line.split_whitespace().next().unwrap_or_default();
        let name = library.rsplit('/').next().unwrap_or_default();
        if !IN_BASE.iter().any(|known| name.starts_with(known)) {
            bail!("the base image has no {name}");
        }
    }
    let mut command = Command::new(inquest);
    let version = program::output(command.arg("--version").env_clear().current_dir("/"))?;
    program::print(version.trim()).context("could not say the version")
}

/// What the build stage runs.
fn commands(dockerfile: &str) -> Vec<&str> {
    dockerfile.lines().filter_map(|line| line.strip_prefix("RUN ")).collect()
}

/// What the compiler is told for the linker.
fn link(dockerfile: &str) -> Option<&str> {
    let mut arguments = dockerfile.lines().filter_map(|line| line.strip_prefix("ARG LINK="));
    arguments.next().map(|it| it.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::{commands, link};

    #[test]
    fn what_is_linked_how_is_found() {
        assert_eq!(link("FROM rust\nARG LINK=\"-C a -C b\"\n"), Some("-C a -C b"));
    }

    #[test]
    fn what_is_run_is_found() {
        let dockerfile = "FROM rust AS build\nRUN cargo build\n# RUN not\nRUN cp a b\n";
        assert_eq!(commands(dockerfile), ["cargo build", "cp a b"]);
    }
}
