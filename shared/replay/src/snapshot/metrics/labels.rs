//! The labels that tell one series from another.

use std::fmt;
use std::sync::Arc;

/// The label that holds the name of the metric.
pub const NAME: &str = "__name__";

/// A text that many series share.
pub type Text = Arc<str>;

/// Labels in the order of their names, each once, none with an empty value: to have an empty label is to have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Labels(Arc<[(Text, Text)]>);

impl Labels {
    /// Of pairs in any order; of several with one name the last counts.
    pub fn of(pairs: impl IntoIterator<Item = (Text, Text)>) -> Labels {
        let mut kept: Vec<(Text, Text)> = Vec::new();
        for (name, value) in pairs {
            kept.retain(|(other, _)| *other != name);
            kept.push((name, value));
        }
        kept.retain(|(_, value)| !value.is_empty());
        kept.sort();
        Labels(kept.into())
    }

    /// The pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The value of a label; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.text(name).map(Arc::as_ref).unwrap_or_default()
    }

    /// The value of a label, shared.
    pub(crate) fn text(&self, name: &str) -> Option<&Text> {
        self.0.iter().find(|(other, _)| other.as_ref() == name).map(|(_, value)| value)
    }

    /// With one label set; an empty value removes it.
    pub fn with(&self, name: &str, value: &str) -> Labels {
        let set = (Text::from(name), Text::from(value));
        Labels::of(self.0.iter().cloned().chain([set]))
    }

    /// Only these.
    pub fn keep<T: AsRef<str>>(&self, names: &[T]) -> Labels {
        self.filter(|name| names.iter().any(|kept| kept.as_ref() == name))
    }

    /// All but these.
    pub fn without<T: AsRef<str>>(&self, names: &[T]) -> Labels {
        self.filter(|name| names.iter().all(|dropped| dropped.as_ref() != name))
    }

    /// All but the name of the metric.
    pub fn nameless(&self) -> Labels {
        self.filter(|name| name != NAME)
    }

    fn filter(&self, keeps: impl Fn(&str) -> bool) -> Labels {
        if self.0.iter().all(|(name, _)| keeps(name)) {
            return self.clone();
        }
        Labels(self.0.iter().filter(|(name, _)| keeps(name)).cloned().collect())
    }
}

/// `{__name__="up", job="node"}`, as Prometheus writes them in its errors.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (place, (name, value)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

/// Whether a text can name a label.
pub(crate) fn is_label_name(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    letters && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// Whether a text can name a metric.
pub(crate) fn is_metric_name(text: &str) -> bool {
    !text.is_empty() && is_label_name(&text.replace(':', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::of(pairs.iter().map(|(name, value)| (Text::from(*name), Text::from(*value))))
    }

    #[test]
    fn an_empty_label_is_none() {
        assert_eq!(labels(&[("b", "2"), ("a", "")]), labels(&[("b", "2")]));
        assert_eq!(labels(&[("a", "1")]).with("a", "").to_string(), "{}");
    }

    #[test]
    fn series_stand_in_the_order_of_their_names_and_values() {
        assert!(labels(&[("a", "2")]) < labels(&[("a", "2"), ("b", "1")]));
        assert!(labels(&[("a", "10")]) < labels(&[("a", "9")]));
    }
}
