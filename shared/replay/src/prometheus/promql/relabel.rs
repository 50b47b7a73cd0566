//! `label_replace` and `label_join`.

use crate::prometheus::promql::expression::{Join, Replace};
use crate::snapshot::metrics::labels::Labels;

impl Replace {
    /// The labels with the one set, where the pattern matches the whole value of the other.
    pub(super) fn of(&self, labels: &Labels) -> Labels {
        let Some(found) = self.pattern.captures(labels.get(&self.from)) else {
            return labels.clone();
        };
        let mut value = String::new();
        found.expand(&self.replacement, &mut value);
        labels.with(&self.to, &value)
    }
}

impl Join {
    pub(super) fn of(&self, labels: &Labels) -> Labels {
        let values: Vec<&str> = self.from.iter().map(|name| labels.get(name)).collect();
        labels.with(&self.to, &values.join(&self.separator))
    }
}
