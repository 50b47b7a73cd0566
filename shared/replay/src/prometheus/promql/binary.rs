//! A vector and a scalar, and the sets of two vectors.

use crate::prometheus::promql::arithmetic;
use crate::prometheus::promql::evaluate::Evaluation;
use crate::prometheus::promql::expression::{By, Operator, Set};
use crate::prometheus::promql::failure::Failure;
use crate::prometheus::promql::matching::signatures;
use crate::prometheus::promql::rows::{Reading, Row, Writing};
use crate::snapshot::metrics::Series;
use crate::snapshot::metrics::labels::Labels;
use std::collections::HashSet;

impl Evaluation<'_> {
    /// Each value and a scalar; `swapped` where the scalar stands on the left.
    pub(super) fn scaled(
        &self,
        operator: Operator,
        as_bool: bool,
        swapped: bool,
        vector: &[Series],
        scalar: &[f64],
    ) -> Result<Vec<Series>, Failure> {
        let (mut reading, mut row) = (Reading::of(vector), Row::new());
        let mut writing = Writing::new(self.counting);
        let labels_of = |one: &Series| match operator.drops_name() || as_bool {
            true => one.labels.nameless(),
            false => one.labels.clone(),
        };
        let places: Vec<usize> = vector.iter().map(|one| writing.place(labels_of(one))).collect();
        for (step, scalar) in self.steps.times().zip(scalar) {
            reading.step(step, &mut row);
            for (from, value) in &row {
                let (left, right) = if swapped { (*scalar, *value) } else { (*value, *scalar) };
                let result = arithmetic::of_element(operator, as_bool, left, right);
                let Some(mut result) = result else { continue };
                if operator.compares() && !as_bool {
                    // What passes is the element of the vector, on whichever side it stands.
                    result = *value;
                }
                let Some(place) = places.get(*from) else { continue };
                writing.push(*place, step, result)?;
            }
        }
        Ok(writing.done())
    }

    /// `and`, `or`, `unless`.
    pub(super) fn combined(
        &self,
        set: Set,
        by: &By,
        left: &[Series],
        right: &[Series],
    ) -> Result<Vec<Series>, Failure> {
        let (of_left, of_right) = (signatures(by, left), signatures(by, right));
        let (mut lefts, mut rights) = (Reading::of(left), Reading::of(right));
        let (mut left_row, mut right_row) = (Row::new(), Row::new());
        let mut writing = Writing::new(self.counting);
        let left_places: Vec<usize> =
            left.iter().map(|one| writing.place(one.labels.clone())).collect();
        let right_places: Vec<usize> =
            right.iter().map(|one| writing.place(one.labels.clone())).collect();
        for step in self.steps.times() {
            lefts.step(step, &mut left_row);
            rights.step(step, &mut right_row);
            let in_left = present(&left_row, &of_left);
            let in_right = present(&right_row, &of_right);
            for (from, value) in &left_row {
                let matched = of_left.get(*from).is_some_and(|one| in_right.contains(one));
                let kept = match set {
                    Set::And => matched,
                    Set::Unless => !matched,
                    Set::Or => true,
                };
                if let Some(place) = left_places.get(*from).filter(|_| kept) {
                    writing.push(*place, step, *value)?;
                }
            }
            for (from, value) in right_row.iter().filter(|_| set == Set::Or) {
                let known = of_right.get(*from).is_some_and(|one| in_left.contains(one));
                if let Some(place) = right_places.get(*from).filter(|_| !known) {
                    writing.push(*place, step, *value)?;
                }
            }
        }
        Ok(writing.done())
    }
}

fn present<'a>(row: &Row, signatures: &'a [Labels]) -> HashSet<&'a Labels> {
    row.iter().filter_map(|(from, _)| signatures.get(*from)).collect()
}
