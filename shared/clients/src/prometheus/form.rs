//! The parameters of a request, as a query or as the body of a form.

use readonly::names::encode;

/// Parameters in order; those without a value are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pairs: Vec<(&'static str, String)>,
}

impl Form {
    /// These and one more.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Form {
        let value = value.into();
        if !value.is_empty() {
            self.pairs.push((name, value));
        }
        self
    }

    /// `query=up&time=12`.
    pub(crate) fn encoded(&self) -> String {
        let pair = |(name, value): &(&str, String)| format!("{}={}", encode(name), encode(value));
        let pairs: Vec<String> = self.pairs.iter().map(pair).collect();
        pairs.join("&")
    }
}
