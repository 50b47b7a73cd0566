//! Servers of one folder: started, found again by process id and birth, stopped, and no other process ever.

use super::Lifetime;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(5);
/// Lines of a log that an error shows.
const LAST_WORDS: usize = 3;

/// The servers of a folder: `run/NAME.pid` and `log/NAME.log` of each.
pub(crate) struct Processes<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) lifetime: Lifetime,
}

impl Processes<'_> {
    /// Starts a server unless it runs already.
    pub(crate) fn start(&self, name: &str, command: &mut Command) -> Result<()> {
        fs::create_dir_all(self.folder.join("run"))?;
        fs::create_dir_all(self.folder.join("log"))?;
        if self.is_alive(name) {
            return Ok(());
        }
        let log = File::create(self.log(name))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if self.lifetime == Lifetime::Detached {
            // Ctrl-C goes to a process group: this one has its own.
            command.process_group(0);
        }
        let child = command.spawn().with_context(|| format!("could not start {name}"))?;
        let birth = birth(child.id()).with_context(|| format!("{name} ended at once"))?;
        fs::write(self.note(name), format!("{} {birth}", child.id()))?;
        Ok(())
    }

    /// Adds the ends of the logs of servers that have ended to an error.
    pub(crate) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let mut said = String::from("not all servers started");
        for name in self.names() {
            if self.is_alive(&name) {
                continue;
            }
            let log = fs::read_to_string(self.log(&name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let from = lines.len().saturating_sub(LAST_WORDS);
            let last = lines.get(from..).unwrap_or_default().join("\n  ");
            said.push_str(&format!("\n{name} has ended:\n  {last}"));
        }
        error.context(said)
    }

    /// Asks all servers to end, those started last first, and ends those that do not.
    pub(crate) fn stop_all(&self) {
        self.signal_all("-TERM");
        let began = Instant::now();
        while began.elapsed() < GRACE && self.names().iter().any(|name| self.is_alive(name)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.kill_all();
    }

    /// Ends all servers at once.
    pub(crate) fn kill_all(&self) {
        self.signal_all("-KILL");
        for name in self.names() {
            // A note that stays tells of a process that is gone: harmless.
            let _ = fs::remove_file(self.note(&name));
        }
    }

    /// Ends one server at once, and waits until it is gone.
    pub(crate) fn kill(&self, name: &str) {
        let Some((pid, _)) = self.noted(name).filter(|_| self.is_alive(name)) else { return };
        // It may have ended by itself in this very moment.
        let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        let began = Instant::now();
        while began.elapsed() < GRACE && self.is_alive(name) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Fails if a server that was started has ended.
    pub(crate) fn all_alive(&self) -> Result<()> {
        match self.names().iter().find(|name| !self.is_alive(name)) {
            Some(name) => bail!("{name} did not stay up"),
            None => Ok(()),
        }
    }

    /// One line for each server that runs.
    pub(crate) fn status(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for name in self.names() {
            let Some((pid, _)) = self.noted(&name).filter(|_| self.is_alive(&name)) else {
                continue;
            };
            lines.push(format!("{name:<24} process {pid:<8} {:>4} MB resident", resident(pid)));
        }
        lines
    }

    /// Whether the process that we started under this name still runs; a reused process id is not it.
    pub(crate) fn is_alive(&self, name: &str) -> bool {
        self.noted(name).is_some_and(|(pid, born)| birth(pid).as_deref() == Some(born.as_str()))
    }

    fn signal_all(&self, signal: &str) {
        for name in self.names() {
            let Some((pid, _)) = self.noted(&name).filter(|_| self.is_alive(&name)) else {
                continue;
            };
            // It may have ended by itself in this very moment.
            let _ = Command::new("kill").args([signal, &pid.to_string()]).status();
        }
    }

    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join("run")) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".pid").map(String::from))
            .collect();
        names.sort();
        names
    }

    fn noted(&self, name: &str) -> Option<(u32, String)> {
        let note = fs::read_to_string(self.note(name)).ok()?;
        let (pid, birth) = note.split_once(' ')?;
        Some((pid.parse().ok()?, birth.to_string()))
    }

    fn note(&self, name: &str) -> PathBuf {
        self.folder.join("run").join(format!("{name}.pid"))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join("log").join(format!("{name}.log"))
    }
}

/// When a process was born, in ticks since the machine's start; none of a process that has ended.
fn birth(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may contain spaces: count from behind it.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(String::from)
}

fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
