//! The largest or smallest values of a group, kept in a heap.
//!
//! Which of several equal values stay depends on the heap's steps; these are those of Go's `container/heap`, so that
//! the same series stay.

/// A value, and whose it is.
pub(super) type Ranked = (f64, usize);

/// Keeps at most so many.
#[derive(Debug)]
pub(super) struct Ranking {
    size: usize,
    /// The smallest ones are kept.
    bottom: bool,
    /// The first is the next to go.
    heap: Vec<Ranked>,
}

impl Ranking {
    /// `size` is at least 1.
    pub(super) fn of(size: usize, bottom: bool) -> Ranking {
        Ranking { size, bottom, heap: Vec::new() }
    }

    pub(super) fn add(&mut self, new: Ranked) {
        let full = self.heap.len() >= self.size;
        let Some(first) = self.heap.first_mut().filter(|_| full) else {
            self.push(new);
            return;
        };
        let better = if self.bottom { new.0 < first.0 } else { new.0 > first.0 };
        if !better && !first.0.is_nan() {
            return;
        }
        if self.size == 1 {
            *first = new;
            return;
        }
        self.pop();
        self.push(new);
    }

    /// The best first; NaN last.
    pub(super) fn best_first(mut self) -> Vec<Ranked> {
        let bottom = self.bottom;
        self.heap.sort_by(|one, other| {
            let order = if bottom { one.0.total_cmp(&other.0) } else { other.0.total_cmp(&one.0) };
            let same = one.0 == other.0;
            let nan = one.0.is_nan().cmp(&other.0.is_nan());
            if same { nan } else { nan.then(order) }
        });
        self.heap
    }

    /// Whether one value goes before the other; NaN goes first of all.
    fn goes_before(&self, one: usize, other: usize) -> bool {
        let (Some((one, _)), Some((other, _))) = (self.heap.get(one), self.heap.get(other)) else {
            return false;
        };
        one.is_nan() || if self.bottom { one > other } else { one < other }
    }

    fn push(&mut self, new: Ranked) {
        self.heap.push(new);
        let mut place = self.heap.len() - 1;
        while place > 0 {
            let parent = (place - 1) / 2;
            if !self.goes_before(place, parent) {
                break;
            }
            self.heap.swap(place, parent);
            place = parent;
        }
    }

    fn pop(&mut self) {
        let Some(last) = self.heap.len().checked_sub(1) else { return };
        self.heap.swap(0, last);
        self.heap.pop();
        let mut place = 0;
        loop {
            let left = 2 * place + 1;
            if left >= last {
                break;
            }
            let right = left + 1;
            let child = if right < last && self.goes_before(right, left) { right } else { left };
            if !self.goes_before(child, place) {
                break;
            }
            self.heap.swap(place, child);
            place = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ranking;

    #[test]
    fn the_best_stay_and_nan_only_where_there_is_room() {
        let values = [1.0, f64::NAN, 3.0, 2.0];
        let best = |size, bottom| {
            let mut ranking = Ranking::of(size, bottom);
            values.iter().enumerate().for_each(|(place, value)| ranking.add((*value, place)));
            ranking.best_first().into_iter().map(|(_, place)| place).collect::<Vec<_>>()
        };
        assert_eq!(best(2, false), [2, 3]);
        assert_eq!(best(2, true), [0, 3]);
        assert_eq!(best(9, false), [2, 3, 0, 1]);
    }
}
