//! What a tool answers: one sentence, problems, compact rows, and what was and was not looked at.
//!
//! A tool fills in data; how it reads, and how much of it fits, is decided in one place for all tools.

use crate::cursor::Cursor;
use evidence::scope::Window;
use evidence::testimony::Testimony;
use jiff::Timestamp;

/// A tool's answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// One sentence with totals.
    pub summary: String,
    /// Lines that come before the rows: what is wrong.
    pub problems: Vec<String>,
    /// The rows.
    pub table: Table,
    /// Text that others wrote (logs, events, YAML): data, fenced, never instruction.
    pub quotes: Vec<Quote>,
    /// What was looked at.
    pub examined: Examined,
    /// Where the rows are a part of more.
    pub page: Option<Page>,
    /// What a diagnosis made of it.
    pub findings: Vec<Finding>,
    /// Calls worth making next, as `k8s_get_pod_logs(workload=deployment/web)`.
    pub next: Vec<String>,
    /// What the reader should know about the answer itself.
    pub warnings: Vec<String>,
    /// Facts, looks and gaps for the lead; sent only to who asks for them.
    pub testimony: Testimony,
}

/// Compact rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Column heads, in capitals.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

/// Text that others wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// What it is, in our words.
    pub label: String,
    /// The text.
    pub text: String,
}

/// What was looked at, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// The cluster; empty where only one is configured.
    pub cluster: String,
    /// The system, where what was looked at does not lie in namespaces of Kubernetes.
    pub system: String,
    /// The namespaces; empty for all.
    pub namespaces: Vec<String>,
    /// What was denied, as `kube-system: list pods (403)`.
    pub denied: Vec<String>,
    /// The time looked at, where it matters.
    pub window: Option<Window>,
    /// Why it is not all there is; none where it is.
    pub incomplete: Option<String>,
    /// The moment that the oldest of it shows, where that was before the question; the runtime fills it in.
    pub as_of: Option<Timestamp>,
}

/// A part of a longer result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows returned, with those before the cursor that was given. Those that do not fit are taken off by the runtime.
    pub returned: u64,
    /// Rows there are.
    pub total: u64,
    /// Whether `total` is exact.
    pub exact: bool,
    /// How to get the next ones; none where a call cannot go on with a part.
    pub cursor: Option<Cursor>,
}

/// One finding of a diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The failure mode's id.
    pub code: String,
    /// `critical`, `warning` or `info`.
    pub severity: String,
    /// The object to change.
    pub subject: String,
    /// Positions of the facts that prove it in the testimony.
    pub facts: Vec<usize>,
}
