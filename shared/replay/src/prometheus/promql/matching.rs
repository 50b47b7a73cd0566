//! Operators between vectors: which series of one side belongs to which of the other.

use crate::prometheus::promql::arithmetic;
use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::{By, Group, Matching, Operator};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::rows::{Reading, Row, Writing};
use crate::snapshot::metrics::Series;
use crate::snapshot::metrics::labels::Labels;
use std::collections::{HashMap, HashSet};

impl By {
    /// The labels by which series are taken together.
    pub(super) fn signature(&self, labels: &Labels) -> Labels {
        match self {
            By::Only(names) => labels.keep(names),
            By::AllBut(names) => labels.nameless().without(names),
        }
    }
}

/// The signature of each series.
pub(super) fn signatures(by: &By, series: &[Series]) -> Vec<Labels> {
    series.iter().map(|one| by.signature(&one.labels)).collect()
}

/// The two sides, where `one` has at most one series of each signature and `many` may have several.
struct Sides<'a> {
    operator: Operator,
    as_bool: bool,
    matching: &'a Matching,
    many: &'a [Series],
    one: &'a [Series],
    of_many: Vec<Labels>,
    of_one: Vec<Labels>,
    /// Where the result of two series goes.
    places: HashMap<(usize, usize), usize>,
}

impl Evaluation<'_> {
    pub(super) fn matched(
        &self,
        operator: Operator,
        as_bool: bool,
        matching: &Matching,
        left: &[Series],
        right: &[Series],
    ) -> Result<Vec<Series>, Failure> {
        let swapped = matches!(matching.group, Group::Right(_));
        let (many, one) = if swapped { (right, left) } else { (left, right) };
        let of_many = signatures(&matching.by, many);
        let of_one = signatures(&matching.by, one);
        let places = HashMap::new();
        let mut sides = Sides { operator, as_bool, matching, many, one, of_many, of_one, places };
        let (mut manys, mut ones) = (Reading::of(many), Reading::of(one));
        let (mut many_row, mut one_row) = (Row::new(), Row::new());
        let mut writing = Writing::new(self.counting);
        for step in self.steps.times() {
            manys.step(step, &mut many_row);
            ones.step(step, &mut one_row);
            if !many_row.is_empty() && !one_row.is_empty() {
                sides.step(step, &many_row, &one_row, &mut writing)?;
            }
        }
        Ok(writing.done())
    }
}

impl Sides<'_> {
    fn step(
        &mut self,
        step: i64,
        many: &Row,
        one: &Row,
        writing: &mut Writing,
    ) -> Result<(), Failure> {
        let partners = self.partners(one)?;
        let swapped = matches!(self.matching.group, Group::Right(_));
        // What each signature has become so far.
        let mut results: HashSet<(usize, Option<usize>)> = HashSet::new();
        for (from, value) in many {
            let signature = self.of_many.get(*from);
            let partner = signature.and_then(|signature| partners.get(signature));
            let Some((with, other)) = partner else { continue };
            let (left, right) = if swapped { (*other, *value) } else { (*value, *other) };
            let result = arithmetic::of_element(self.operator, self.as_bool, left, right);
            let Some(result) = result else { continue };
            let Some(place) = self.place(*from, *with, writing) else { continue };
            let grouped = self.matching.group != Group::OneToOne;
            if !results.insert((*with, grouped.then_some(place))) {
                let reason = match grouped {
                    true => {
                        "multiple matches for labels: grouping labels must ensure unique matches"
                    }
                    false => {
                        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    }
                };
                return Err(Failure::execution(reason));
            }
            writing.push(place, step, result)?;
        }
        Ok(())
    }

    /// The series of the side that may have only one of each signature.
    fn partners(&self, row: &Row) -> Result<HashMap<Labels, (usize, f64)>, Failure> {
        let mut partners: HashMap<Labels, (usize, f64)> = HashMap::with_capacity(row.len());
        for (from, value) in row {
            let Some(signature) = self.of_one.get(*from) else { continue };
            if let Some((other, _)) = partners.insert(signature.clone(), (*from, *value)) {
                return Err(self.duplicate(signature, *from, other));
            }
        }
        Ok(partners)
    }

    fn duplicate(&self, signature: &Labels, from: usize, other: usize) -> Failure {
        let side = if matches!(self.matching.group, Group::Right(_)) { "left" } else { "right" };
        let labels = |place: usize| {
            self.one.get(place).map(|series| series.labels.clone()).unwrap_or_default()
        };
        Failure::execution(format!(
            "found duplicate series for the match group {signature} on the {side} hand-side of the operation: \
            [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
            labels(from),
            labels(other)
        ))
    }

    fn place(&mut self, many: usize, one: usize, writing: &mut Writing) -> Option<usize> {
        if let Some(place) = self.places.get(&(many, one)) {
            return Some(*place);
        }
        let labels = self.result(&self.many.get(many)?.labels, &self.one.get(one)?.labels);
        let place = writing.place(labels);
        self.places.insert((many, one), place);
        Some(place)
    }

    /// The labels of the result: those of the many, and what is taken from the one.
    fn result(&self, many: &Labels, one: &Labels) -> Labels {
        let mut labels = many.clone();
        if self.operator.drops_name() || self.as_bool {
            labels = labels.nameless();
        }
        match &self.matching.group {
            Group::OneToOne => match &self.matching.by {
                By::Only(names) => labels.keep(names),
                By::AllBut(names) => labels.without(names),
            },
            Group::Left(taken) | Group::Right(taken) => {
                for name in taken {
                    labels = labels.with(name, one.get(name));
                }
                if self.as_bool { labels.nameless() } else { labels }
            }
        }
    }
}
