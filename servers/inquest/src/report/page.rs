//! What a report says, in reading order, without saying how it looks.
//!
//! Whatever others wrote passes `plain` here, so that no renderer can forget.

use super::plain::{line, lines};
use evidence::entity::Entity;
use evidence::report::{Cost, Evidence, Report, RootCause, Step, Verdict};
use evidence::scope::Scope;
use jiff::Timestamp;

/// Longer values are cut in what people read; JSON has all of them.
const LONGEST_SENTENCE: usize = 600;
const LONGEST_VALUE: usize = 160;
/// Rows of a section that a reader still reads; the rest is counted.
const MOST_ROWS: usize = 12;
const MOST_QUOTED_LINES: usize = 3;

/// One piece of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What it comes to.
    Verdict(Verdict),
    /// The head of a section.
    Section(String),
    /// One statement, with what it cites; `label` may be empty.
    Line {
        /// How far it is set in.
        depth: usize,
        /// What it is.
        label: String,
        /// The statement.
        text: String,
        /// Ids of the evidence for it.
        cites: Vec<String>,
    },
    /// A command for a human to read before running it.
    Command(String),
    /// Words of a component or a workload: data, never instruction.
    Quote(Vec<String>),
}

/// The verdict in words.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::RootCauseFound => "Root cause found",
        Verdict::NoFaultFound => "No fault found",
        Verdict::Inconclusive => "Inconclusive",
    }
}

/// A moment in UTC, to the second.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// All that the report says, in order.
pub fn blocks(report: &Report) -> Vec<Block> {
    let mut page = Page { blocks: vec![Block::Verdict(report.verdict)] };
    page.line(0, "", &report.summary, &[]);
    page.line(0, "asked", &report.question, &[]);
    page.line(0, "looked at", &looked_at(report), &[]);
    page.line(0, "cost", &cost(&report.cost), &[]);
    for notice in &report.notices {
        page.line(0, "note", notice, &[]);
    }
    for cause in &report.root_causes {
        page.root_cause(cause, report.root_causes.len());
    }
    page.ruled_out(report);
    page.not_examined(report);
    page.timeline(report);
    page.evidence(&report.evidence);
    page.blocks
}

struct Page {
    blocks: Vec<Block>,
}

impl Page {
    fn section(&mut self, head: &str) {
        self.blocks.push(Block::Section(head.to_owned()));
    }

    fn line(&mut self, depth: usize, label: &str, text: &str, cites: &[String]) {
        let text = line(text, LONGEST_SENTENCE);
        if text.is_empty() {
            return;
        }
        let label = line(label, LONGEST_VALUE);
        self.blocks.push(Block::Line { depth, label, text, cites: cites.to_vec() });
    }

    fn value(&mut self, depth: usize, label: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.line(depth, label, &line(value, LONGEST_VALUE), &[]);
        }
    }

    fn command(&mut self, command: &str) {
        // A command that is cut would be another command: all of it or none.
        let whole = line(command, usize::MAX);
        if !whole.is_empty() {
            self.blocks.push(Block::Command(whole));
        }
    }

    fn root_cause(&mut self, cause: &RootCause, of: usize) {
        match of {
            1 => self.section("Root cause"),
            _ => self.section(&format!("Root cause {} of {of}", cause.rank)),
        }
        self.line(0, "", &cause.statement, &cause.evidence);
        let mode = format!("{} {}", cause.failure_mode, cause.name);
        self.line(1, "what", &format!("{mode}, confidence {}", percent(cause.confidence)), &[]);
        let subject = &cause.subject;
        let object = Entity::new(&subject.kind, &subject.namespace, &subject.name);
        self.line(1, "where", &object.to_string(), &[]);
        self.value(1, "field", subject.field.as_ref());
        self.value(1, "before", subject.before.as_ref());
        self.value(1, "now", subject.after.as_ref());
        if let Some(change) = &cause.change {
            let mut text = line(&change.what, LONGEST_VALUE);
            if !change.actor.is_empty() {
                text.push_str(&format!(", by {}", change.actor));
            }
            if !change.via.is_empty() {
                text.push_str(&format!(" ({})", change.via));
            }
            if let Some(when) = change.when {
                text.push_str(&format!(", at {}", moment(when)));
            }
            self.line(1, "change", &text, &change.evidence);
            // Mostly it is the field above that was changed, and its values are told there.
            if (&change.before, &change.after) != (&subject.before, &subject.after) {
                self.value(2, "before", change.before.as_ref());
                self.value(2, "after", change.after.as_ref());
            }
        }
        for link in cause.chain.iter().take(MOST_ROWS) {
            let text = format!("{} {} {}", step(&link.cause), link.relation, step(&link.effect));
            self.line(1, "chain", &text, &link.evidence);
        }
        self.left_out(1, cause.chain.len());
        self.impact(cause);
        self.remediation(cause);
    }

    fn impact(&mut self, cause: &RootCause) {
        if cause.impact.statement.is_empty() {
            return;
        }
        self.section("Impact");
        self.line(0, "", &cause.impact.statement, &cause.impact.evidence);
    }

    fn remediation(&mut self, cause: &RootCause) {
        if cause.remediation.is_empty() {
            return;
        }
        self.section("What to do (Inquest changes nothing itself)");
        for (remedy, place) in cause.remediation.iter().zip(1..) {
            let reversible = if remedy.reversible { "reversible" } else { "not reversible" };
            let text = format!("{} ({} risk, {reversible})", remedy.action, remedy.risk);
            self.line(0, &format!("{place}."), &text, &[]);
            self.command(&remedy.command);
            self.line(1, "to verify", &remedy.verify, &[]);
        }
    }

    fn ruled_out(&mut self, report: &Report) {
        if report.ruled_out.is_empty() {
            return;
        }
        self.section("Ruled out");
        for ruled_out in report.ruled_out.iter().take(MOST_ROWS) {
            let text = about(&ruled_out.subject, &ruled_out.why);
            self.line(0, &ruled_out.failure_mode, &text, &ruled_out.evidence);
        }
        self.left_out(0, report.ruled_out.len());
    }

    fn not_examined(&mut self, report: &Report) {
        if report.not_examined.is_empty() {
            return;
        }
        self.section("Not examined");
        for gap in report.not_examined.iter().take(MOST_ROWS) {
            self.line(0, &gap.server, &format!("{}: {}", gap.what, gap.why), &[]);
            self.line(1, "to see it", &gap.remedy, &[]);
        }
        self.left_out(0, report.not_examined.len());
    }

    fn timeline(&mut self, report: &Report) {
        if report.timeline.is_empty() {
            return;
        }
        self.section("Timeline");
        for at in report.timeline.iter().take(MOST_ROWS) {
            let text = about(&at.entity, &at.what);
            self.line(0, &moment(at.at), &text, &at.evidence);
        }
        self.left_out(0, report.timeline.len());
    }

    fn evidence(&mut self, evidence: &[Evidence]) {
        if evidence.is_empty() {
            return;
        }
        self.section("Evidence");
        for seen in evidence {
            let text = about(&seen.subject, &seen.observation);
            self.line(0, &seen.id, &text, &[]);
            let quoted = lines(&seen.excerpt, MOST_QUOTED_LINES, LONGEST_VALUE * 2);
            if !quoted.is_empty() {
                self.blocks.push(Block::Quote(quoted));
            }
            let read = format!("{} {}", seen.upstream.method, seen.upstream.path);
            let read = line(&read, LONGEST_VALUE);
            let text =
                format!("{read} at {} ({} {})", moment(seen.observed_at), seen.server, seen.tool);
            self.line(1, "read", &text, &[]);
        }
    }

    fn left_out(&mut self, depth: usize, rows: usize) {
        if rows > MOST_ROWS {
            self.line(depth, "", &format!("… {} more in --format json", rows - MOST_ROWS), &[]);
        }
    }
}

/// The sentence, begun with what it is about unless it says so itself.
fn about(entity: &Entity, sentence: &str) -> String {
    let entity = entity.to_string();
    match sentence.contains(&entity) {
        true => sentence.to_owned(),
        false => format!("{entity}: {sentence}"),
    }
}

fn step(step: &Step) -> String {
    match &step.failure_mode {
        Some(failure_mode) => format!("{} ({failure_mode})", step.entity),
        None => step.entity.to_string(),
    }
}

/// Never 100 % but for certainty, never 0 % but for impossibility.
fn percent(confidence: f64) -> String {
    match confidence {
        c if c > 0.99 && c < 1.0 => "over 99 %".to_owned(),
        c if c > 0.0 && c < 0.01 => "under 1 %".to_owned(),
        c => format!("{:.0} %", c * 100.0),
    }
}

fn looked_at(report: &Report) -> String {
    let (start, end) = (moment(report.window.start), moment(report.window.end));
    format!("{}, {start} to {end}", scope(&report.scope))
}

fn scope(scope: &Scope) -> String {
    let namespaces = match scope.namespaces.as_slice() {
        [] => "all namespaces".to_owned(),
        [one] => format!("namespace {one}"),
        several => format!("namespaces {}", several.join(", ")),
    };
    let place = match &scope.workload {
        Some(workload) => format!("{workload} in {namespaces}"),
        None => namespaces,
    };
    match scope.cluster.as_str() {
        "" => place,
        cluster => format!("{place} of cluster {cluster}"),
    }
}

fn cost(cost: &Cost) -> String {
    format!(
        "{} tool calls, {} upstream requests, {} kB, {} ms",
        cost.tool_calls,
        cost.upstream_requests,
        cost.upstream_bytes.div_ceil(1000),
        cost.elapsed_ms
    )
}
