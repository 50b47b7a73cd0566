//! Text from outside, made safe to pass on: the one place where it is cleaned, redacted and cut.
//!
//! Names, messages, logs and annotations are written by whoever runs workloads. Everything that leaves a server
//! passes here, so that no tool can forget.

use crate::answer::{Answer, Examined, Finding, Quote, Table};
use crate::failure::Failure;
use evidence::testimony::Testimony;
use readonly::redact::{Redactor, is_harmless};
use readonly::sanitise;
use serde_json::Value;
use std::borrow::Cow;

/// A summary is one sentence.
const SUMMARY_BYTES: usize = 1024;
/// A problem, a warning, a failure's message is a line.
const LINE_BYTES: usize = 512;
/// A longer cell makes every row of its table longer.
const CELL_BYTES: usize = 256;
/// One string of a testimony; a log line has 2 KiB, a whole object a few of these.
const FACT_BYTES: usize = 64 * 1024;
/// What a quote may bring before the renderer cuts it to the answer's size.
const QUOTE_BYTES: usize = 1024 * 1024;
/// One line of a quote.
const QUOTE_LINE_BYTES: usize = 2048;
/// How a redaction begins.
const MARK: &str = "<redacted ";

/// Whether a text goes out as it is. Only then may a tool tell it in parts: each part passes here by itself, and a secret that was
/// cut in two is not known again.
pub fn leaves_as_it_is(text: &str) -> bool {
    matches!(Outside::new().text(text, usize::MAX), Cow::Borrowed(_))
}

/// What text passes on its way out, and how many secrets were held back.
pub(crate) struct Outside {
    redactor: &'static Redactor,
    redactions: usize,
}

impl Outside {
    pub(crate) fn new() -> Self {
        Outside { redactor: Redactor::of_process(), redactions: 0 }
    }

    /// Secrets held back so far.
    pub(crate) fn redactions(&self) -> usize {
        self.redactions
    }

    /// The answer with all its text made safe. The testimony has its own door.
    pub(crate) fn answer(&mut self, answer: Answer) -> Answer {
        Answer {
            summary: self.line(&answer.summary, SUMMARY_BYTES),
            problems: self.lines(answer.problems),
            table: self.table(answer.table),
            quotes: answer.quotes.iter().map(|quote| self.quote(quote)).collect(),
            examined: self.examined(answer.examined),
            page: answer.page,
            findings: answer.findings.into_iter().map(|finding| self.finding(finding)).collect(),
            next: self.lines(answer.next),
            warnings: self.lines(answer.warnings),
            testimony: answer.testimony,
        }
    }

    /// The testimony as JSON, every string and key in it made safe.
    pub(crate) fn testimony(&mut self, testimony: &Testimony) -> Value {
        let mut value = serde_json::to_value(testimony).unwrap_or_default();
        self.value(&mut value);
        value
    }

    /// The failure with its text made safe.
    pub(crate) fn failure(&mut self, failure: Failure) -> Failure {
        Failure {
            message: self.line(&failure.message, SUMMARY_BYTES),
            hint: self.line(&failure.hint, LINE_BYTES),
            ..failure
        }
    }

    /// Every string and key of `value`, made safe.
    pub(crate) fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(safe) = self.text(text, FACT_BYTES) {
                    *text = safe;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| self.value(field));
                let strange: Vec<String> =
                    fields.keys().filter(|key| !key.bytes().all(plain)).cloned().collect();
                for key in strange {
                    let safe = self.text(&key, CELL_BYTES).into_owned();
                    if let Some(field) = fields.remove(&key) {
                        fields.insert(safe, field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Text of several lines. It is cut last, so that a secret is never cut in two and missed.
    fn text<'a>(&mut self, text: &'a str, most_bytes: usize) -> Cow<'a, str> {
        let stripped = sanitise::strip(text);
        let redacted = match self.redactor.text(&stripped) {
            Cow::Borrowed(_) => stripped,
            Cow::Owned(redacted) => {
                let more = redacted.matches(MARK).count();
                self.redactions += more.saturating_sub(stripped.matches(MARK).count());
                Cow::Owned(redacted)
            }
        };
        if redacted.len() <= most_bytes {
            return redacted;
        }
        Cow::Owned(sanitise::cut(&redacted, most_bytes).into_owned())
    }

    /// Text of one line, which cannot begin another one or open a fence.
    fn line(&mut self, text: &str, most_bytes: usize) -> String {
        self.text(text, most_bytes)
            .replace(['\n', '\t', '\r', '\u{2028}', '\u{2029}'], " ")
            .replace("```", "'''")
            .replace("~~~", "---")
    }

    fn lines(&mut self, lines: Vec<String>) -> Vec<String> {
        lines.iter().map(|line| self.line(line, LINE_BYTES)).collect()
    }

    fn table(&mut self, mut table: Table) -> Table {
        let all = table.rows.iter_mut().chain([&mut table.columns]).flatten();
        for cell in all.filter(|cell| !is_harmless(cell)) {
            *cell = self.line(cell, CELL_BYTES);
        }
        table
    }

    /// Each line is cut as well, so that one without an end cannot take the place of all others.
    fn quote(&mut self, quote: &Quote) -> Quote {
        let text = self.text(&quote.text, QUOTE_BYTES);
        let lines = text.lines().map(|line| sanitise::cut(line, QUOTE_LINE_BYTES));
        let lines: Vec<Cow<'_, str>> = lines.collect();
        Quote { label: self.line(&quote.label, CELL_BYTES), text: lines.join("\n") }
    }

    fn examined(&mut self, examined: Examined) -> Examined {
        Examined {
            cluster: self.line(&examined.cluster, CELL_BYTES),
            system: self.line(&examined.system, CELL_BYTES),
            namespaces: self.lines(examined.namespaces),
            denied: self.lines(examined.denied),
            window: examined.window,
            incomplete: examined.incomplete.map(|why| self.line(&why, LINE_BYTES)),
            as_of: examined.as_of,
        }
    }

    fn finding(&mut self, finding: Finding) -> Finding {
        Finding {
            code: self.line(&finding.code, CELL_BYTES),
            severity: self.line(&finding.severity, CELL_BYTES),
            subject: self.line(&finding.subject, CELL_BYTES),
            facts: finding.facts,
        }
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
}
