//! Reads what a container wrote, and tells "it has not started" and "there was no previous run" from failures.

use crate::kubernetes::connection::Kubernetes;
use crate::kubernetes::paths;
use jiff::Timestamp;
use readonly::lines::{Line, Lines};
use readonly::refusal::{Kind, Refusal};

/// Bytes of one line at most; the kubelet itself cuts them at 16 KiB.
const LINE: usize = 16 << 10;
/// A log is text, a refusal to give it JSON.
const ANYTHING: &str = "*/*";

/// Which part of a container's log to read.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// The container; none lets the server choose, which it refuses to where there are several.
    pub container: Option<String>,
    /// The run before the current one.
    pub previous: bool,
    /// Lines from the end.
    pub tail_lines: u32,
    /// No lines from before.
    pub since: Option<Timestamp>,
    /// Bytes that the server sends at most, counted from the first line sent: a cut loses the newest.
    pub limit_bytes: u32,
}

impl Default for LogOptions {
    fn default() -> Self {
        LogOptions {
            container: None,
            previous: false,
            tail_lines: 1_000,
            since: None,
            limit_bytes: 4 << 20,
        }
    }
}

/// What came of asking for a log.
#[derive(Clone, Debug, PartialEq)]
pub enum Logs {
    /// It was read.
    Read(LogText),
    /// The container has none, mostly because it has not started; the kubelet's words, such as
    /// `container "web" in pod "web-1" is waiting to start: trying and failing to pull image`.
    NotStarted(String),
    /// The container has not run before, or that log is gone; the kubelet's words.
    NoPrevious(String),
}

/// A log that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LogText {
    /// Its lines, oldest first.
    pub lines: Vec<LogLine>,
    /// It was cut at `limit_bytes`, so newer lines are missing.
    pub cut: bool,
    /// The request's path and query, to be cited.
    pub path: String,
    /// When the answer began.
    pub observed_at: Timestamp,
}

/// A line of a log, as the container wrote it: neither cleaned nor redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When the container runtime took it; none where the line carries no time.
    pub at: Option<Timestamp>,
    /// The line.
    pub text: String,
    /// Bytes of it that were left out, being too many.
    pub dropped: usize,
}

impl Kubernetes {
    /// Reads the log of a container of `pod`.
    pub async fn logs(
        &self,
        namespace: &str,
        pod: &str,
        options: &LogOptions,
    ) -> Result<Logs, Refusal> {
        let path = paths::with_query(
            &paths::log(namespace, pod)?,
            &[
                ("container", options.container.as_deref().unwrap_or_default()),
                ("previous", if options.previous { "true" } else { "" }),
                ("sinceTime", &options.since.map(|at| at.to_string()).unwrap_or_default()),
                ("tailLines", &options.tail_lines.to_string()),
                ("limitBytes", &options.limit_bytes.to_string()),
                ("timestamps", "true"),
            ],
        );
        let response = match self.read(&path, ANYTHING).await {
            Ok(response) => response,
            Err(refusal) => return no_log(refusal),
        };
        let observed_at = self.now();
        let mut lines = Lines::new(response, LINE);
        let mut text = LogText { lines: Vec::new(), cut: false, path, observed_at };
        let mut bytes = 0;
        while let Some(line) = lines.next().await? {
            bytes += line.text.len() + line.dropped + 1;
            text.lines.push(LogLine::parse(line));
        }
        text.cut = bytes >= options.limit_bytes as usize;
        Ok(Logs::Read(text))
    }
}

impl LogLine {
    /// Takes the time off a line's head.
    fn parse(line: Line) -> Self {
        let (at, text) = match line.text.split_once(' ') {
            Some((head, rest)) => (head.parse().ok(), rest),
            // An empty line has a time, but no space after it.
            None => (line.text.parse().ok(), ""),
        };
        let text = if at.is_some() { text.to_owned() } else { line.text };
        LogLine { at, text, dropped: line.dropped }
    }
}

/// What the server's refusal to give a log says about the container.
fn no_log(refusal: Refusal) -> Result<Logs, Refusal> {
    let Kind::Status { status: 400, message } = &refusal.kind else {
        return Err(refusal);
    };
    let none = ["is waiting to start", "is not available", "is terminated"];
    if none.iter().any(|words| message.contains(words)) {
        return Ok(Logs::NotStarted(message.clone()));
    }
    if message.contains("previous terminated container") {
        return Ok(Logs::NoPrevious(message.clone()));
    }
    Err(refusal)
}
