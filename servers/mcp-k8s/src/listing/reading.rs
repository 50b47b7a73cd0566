//! A list as it arrives: rows, the facts that are kept, and what could not be understood.

use super::known::Known;
use super::{Row, Wanted};
use crate::cells;
use crate::translate::row::PodRow;
use crate::translate::slices::Slices;
use crate::unwell;
use clients::kubernetes::list::{Cut, Walk};
use clients::kubernetes::redact;
use evidence::fact::Body;
use evidence::fact::pod::Pod;
use evidence::testimony::Source;
use jiff::Timestamp;
use mcp::failure::Failure;
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::time::Instant;

/// Facts that are kept: a few kilobytes each. Rows are small, so all of them are.
const MOST_FACTS: usize = 1_000;
/// Facts that are kept where nobody asks for them: an answer cites as many.
const FEW_FACTS: usize = 20;

/// A list as it arrives.
pub(super) struct Reading<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) now: Timestamp,
    pub(super) wide: bool,
    deadline: Instant,
    /// When half of the time is gone.
    pub(super) half: Instant,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) facts: Vec<(usize, Body)>,
    pub(super) sources: Vec<Source>,
    slices: Slices,
    odd: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(wanted: &'a Wanted<'a>, now: Timestamp, deadline: Instant) -> Self {
        let wide = wanted.wide || !wanted.chosen.is_empty();
        let (columns, rows, facts) = (Vec::new(), Vec::new(), Vec::new());
        let (sources, slices) = (Vec::new(), Slices::default());
        let begun = Instant::now();
        let half = begun + deadline.saturating_duration_since(begun) / 2;
        Reading { wanted, now, wide, deadline, half, columns, rows, facts, sources, slices, odd: 0 }
    }

    /// Takes in one object, unless it is too late to.
    pub(super) fn add(
        &mut self,
        known: Option<Arc<Known>>,
        parts: Vec<Result<String, Failure>>,
    ) -> ControlFlow<()> {
        if Instant::now() >= self.deadline {
            return ControlFlow::Break(());
        }
        match known {
            Some(known) => self.keep(known, parts),
            None => self.odd += 1,
        }
        ControlFlow::Continue(())
    }

    /// The same, with the parts that were chosen, without secrets.
    pub(super) fn add_parts(&mut self, mut object: Value) -> ControlFlow<()> {
        let known = Known::read(self.wanted.resource, object.clone());
        redact::in_process(&mut object);
        let parts = self.wanted.chosen.parts(&object);
        self.add(known.map(Arc::new), parts)
    }

    /// Takes in one EndpointSlice: those of one Service are one fact.
    pub(super) fn add_slice(&mut self, slice: Value) -> ControlFlow<()> {
        if Instant::now() >= self.deadline {
            return ControlFlow::Break(());
        }
        match serde_json::from_value(slice) {
            Ok(slice) => self.slices.add(slice),
            Err(_) => self.odd += 1,
        }
        ControlFlow::Continue(())
    }

    pub(super) fn close(&mut self) {
        for endpoints in std::mem::take(&mut self.slices).all() {
            self.keep(Arc::new(Known::of(Body::Endpoints(endpoints))), Vec::new());
        }
    }

    fn keep(&mut self, known: Arc<Known>, parts: Vec<Result<String, Failure>>) {
        if known.body.is_none() {
            self.head(&Body::Pod(Pod::default()));
        }
        let trouble = known.body.as_ref().and_then(|body| {
            self.head(body);
            self.testify(body, 0);
            unwell::why(body, self.now)
        });
        self.rows.push(Row { known, special: None, parts, trouble });
    }

    /// Takes in one object that was read by itself.
    pub(super) fn keep_apart(&mut self, body: Body, source: Source) {
        self.head(&body);
        self.sources.push(source);
        self.testify(&body, self.sources.len());
        let trouble = unwell::why(&body, self.now);
        let known = Arc::new(Known::of(body));
        self.rows.push(Row { known, special: None, parts: Vec::new(), trouble });
    }

    /// Takes in a pod that is well by its row.
    pub(super) fn keep_row(&mut self, row: &PodRow) {
        self.head(&Body::Pod(Pod::default()));
        let cells = cells::pod::of_row(row, self.now);
        let known = Arc::new(Known::of_row(row));
        self.rows.push(Row { known, special: Some(cells), parts: Vec::new(), trouble: None });
    }

    /// The heads of the columns, which all facts of a kind share.
    fn head(&mut self, body: &Body) {
        if self.columns.is_empty() {
            let cells = cells::of(body, self.now).into_iter();
            let shown = cells.filter(|cell| self.wide || !cell.wide);
            self.columns = shown.map(|cell| cell.head.to_owned()).collect();
        }
    }

    /// Keeps a fact that was read from the list, or by the so manyth read after it.
    fn testify(&mut self, body: &Body, source: usize) {
        let most = if self.wanted.facts { MOST_FACTS } else { FEW_FACTS };
        if self.facts.len() < most {
            self.facts.push((source, body.clone()));
        }
    }

    /// Makes the cells of all rows, from which columns are chosen.
    pub(super) fn fill_cells(&mut self) {
        for row in &mut self.rows {
            row.special = Some(row.cells(self.now, self.wide));
        }
    }

    /// Why this is not all there is.
    pub(super) fn trouble(&self, walk: &Walk) -> Option<String> {
        match &walk.cut {
            Some(Cut::AtMost(most)) => {
                let left = walk.remaining.map(|left| format!(" of {}", *most as u64 + left));
                return Some(format!(
                    "only the first {most}{} were read",
                    left.unwrap_or_default()
                ));
            }
            Some(cut) => return Some(cut.to_string()),
            None => {}
        }
        match (self.odd, self.wanted.facts && self.rows.len() > MOST_FACTS) {
            (0, false) => None,
            (0, true) => Some(format!("facts are kept of the first {MOST_FACTS} alone")),
            (odd, _) => Some(format!("{odd} are in a form that we do not know")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::reads::PODS;

    fn trouble(facts: bool) -> Option<String> {
        let pods = PODS;
        let wanted = Wanted { facts, ..Wanted::everywhere(&pods) };
        let now = Timestamp::UNIX_EPOCH;
        let mut reading = Reading::new(&wanted, now, Instant::now());
        for _ in 0..=MOST_FACTS {
            reading.keep(Arc::new(Known::of(Body::Pod(Pod::default()))), Vec::new());
        }
        reading.trouble(&Walk {
            path: String::new(),
            observed_at: now,
            resource_version: String::new(),
            seen: MOST_FACTS + 1,
            remaining: None,
            cut: None,
        })
    }

    #[test]
    fn facts_are_missing_only_where_they_were_asked_for() {
        assert_eq!(trouble(true).unwrap(), "facts are kept of the first 1000 alone");
        assert_eq!(trouble(false), None);
    }
}
