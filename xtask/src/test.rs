//! `cargo xtask test`: runs every test, and installs what the tests need.

mod failures;

use crate::conformance::Conformance;
use crate::image;
use crate::inspector::Inspector;
use crate::install::{Cache, component};
use crate::{monitoring, program, settings};
use anyhow::{Context, Result, bail};
use failures::Failures;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What to leave out.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only what needs neither a network nor real servers.
    #[arg(long)]
    quick: bool,
}

/// What came of everything.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// What failed or was skipped, and why.
    remarks: Vec<String>,
}

/// Runs them all, the later ones also when earlier ones fail, and closes with one line that counts.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut tally = Tally::default();
    tally.check("format", &mut cargo(&["fmt", "--all", "--check"]));
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
    tally.check("clippy", &mut cargo(&clippy));
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    if !arguments.quick {
        let cache = Cache::of_the_user()?;
        tally.needs("tests on a real control plane", &cache.install(component::ALL));
        tally.needs("tests on a real Prometheus", &monitoring::install(&cache));
        tally.needs("tests on other stores of metrics", &cache.install(component::METRICS));
        tally.needs("the MCP conformance suite", &Conformance::install(&cache));
        tally.needs("tests with the MCP inspector", &Inspector::install(&cache));
        tests.env("INQUEST_UPSTREAMS_TESTS", "1");
    }
    tally.tests(&mut tests)?;
    tally.passes("image", &image::run());
    for remark in &tally.remarks {
        program::print(remark)?;
    }
    let Tally { passed, failed, skipped, .. } = tally;
    program::print(&format!("{passed} passed, {failed} failed, {skipped} skipped"))?;
    if failed > 0 {
        bail!("something failed");
    }
    if skipped > 0 && settings::in_ci() && !arguments.quick {
        bail!("under CI=true nothing may be skipped");
    }
    Ok(())
}

impl Tally {
    /// One check that passes or fails as a whole.
    fn check(&mut self, name: &str, command: &mut Command) {
        program::say(name);
        self.passes(name, &program::run(command));
    }

    /// Something that succeeded or not.
    fn passes(&mut self, name: &str, outcome: &Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                self.remarks.push(format!("FAILED {name}: {error:#}"));
            }
        }
    }

    /// Something that tests need; without it they skip themselves, which is said here once, with the reason.
    fn needs<T>(&mut self, tests: &str, outcome: &Result<T>) {
        if let Err(error) = outcome {
            self.remarks.push(format!("SKIPPED {tests}: {error:#}"));
        }
    }

    /// Runs cargo's tests, shows what they print, and counts what they say at their ends.
    fn tests(&mut self, command: &mut Command) -> Result<()> {
        program::say("tests");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let failed_before = self.failed;
        let mut failures = Failures::default();
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            program::print(&line)?;
            failures.read(&line);
            if let Some(counts) = line.strip_prefix("test result: ") {
                self.passed += count(counts, "passed");
                self.failed += count(counts, "failed");
                self.skipped += count(counts, "ignored");
            }
        }
        self.remarks.extend(failures.told());
        if !child.wait()?.success() && self.failed == failed_before {
            self.failed += 1;
            self.remarks.push("FAILED tests: they did not run to their ends; see above".into());
        }
        Ok(())
    }
}

/// The number before a word: `3 passed; 0 failed`.
fn count(counts: &str, word: &str) -> usize {
    let words: Vec<&str> = counts.split([' ', ';', '.']).collect();
    let at = words.iter().position(|found| *found == word).unwrap_or_default();
    let number = at.checked_sub(1).and_then(|before| words.get(before)?.parse().ok());
    number.unwrap_or_default()
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(settings::cargo());
    command.current_dir(settings::repository()).args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn the_numbers_of_a_closing_line_are_found() {
        let counts = "FAILED. 12 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out";
        assert_eq!([12, 1, 3], ["passed", "failed", "ignored"].map(|word| count(counts, word)));
    }
}
