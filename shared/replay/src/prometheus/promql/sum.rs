//! Adding numbers of different sizes without losing the small ones (Neumaier's way).

/// A sum, and what rounding took from it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    rough: f64,
    lost: f64,
}

impl Sum {
    pub(super) fn add(&mut self, value: f64) {
        let next = self.rough + value;
        let (large, small) =
            if self.rough.abs() >= value.abs() { (self.rough, value) } else { (value, self.rough) };
        self.lost += (large - next) + small;
        self.rough = next;
    }

    /// Without what was lost.
    pub(super) fn rough(self) -> f64 {
        self.rough
    }

    pub(super) fn precise(self) -> f64 {
        self.rough + self.lost
    }

    /// The sum; an infinite one lost nothing.
    pub(super) fn total(self) -> f64 {
        if self.rough.is_infinite() { self.rough } else { self.precise() }
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn small_numbers_survive_large_ones() {
        let mut sum = Sum::default();
        for value in [1.0, 1e100, 1.0, -1e100] {
            sum.add(value);
        }
        assert_eq!((sum.rough(), sum.total()), (0.0, 2.0));
    }
}
