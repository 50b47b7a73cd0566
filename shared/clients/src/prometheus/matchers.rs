//! Label matchers as they stand in a selector: those that are asked for, and those that every selector gets.

use promql_parser::label::{Matcher, Matchers};
use promql_parser::parser::{Expr, parse};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The matchers, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMatchers {
    matchers: Vec<Matcher>,
}

impl LabelMatchers {
    /// Whether something with these labels may be seen.
    pub fn admits(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = |name: &str| labels.get(name).map_or("", String::as_str);
        self.matchers.iter().all(|it| it.is_match(value(&it.name)))
    }

    /// Whether what plainly names these labels may be seen: what does not say which value a label has, is not.
    pub fn admits_plainly(&self, labels: &BTreeMap<String, String>) -> bool {
        let fits = |it: &Matcher| labels.get(&it.name).is_some_and(|value| it.is_match(value));
        self.matchers.iter().all(fits)
    }

    /// Each as `namespace="shop"`, as Alertmanager takes it too.
    pub fn texts(&self) -> Vec<String> {
        self.matchers.iter().map(ToString::to_string).collect()
    }

    /// The namespaces that it confines to, where it says so plainly.
    pub fn namespaces(&self) -> Vec<String> {
        let is_one = |it: &&Matcher| it.name == "namespace" && it.op.to_string() == "=";
        self.matchers.iter().filter(is_one).map(|it| it.value.clone()).collect()
    }

    /// Adds them to a selector, and to each of its alternatives.
    pub(crate) fn put_into(&self, selector: &mut Matchers) {
        for alternative in &mut selector.or_matchers {
            alternative.extend(self.matchers.iter().cloned());
        }
        // Where there are alternatives, they are all there is to the selector.
        if selector.or_matchers.is_empty() {
            selector.matchers.extend(self.matchers.iter().cloned());
            // The parser writes them in this order, and what it wrote is compared with this.
            selector.matchers.sort_by_cached_key(ToString::to_string);
        }
    }
}

impl fmt::Display for LabelMatchers {
    /// `{namespace="shop"}`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.texts().join(","))
    }
}

impl FromStr for LabelMatchers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = text.trim();
        let inner = inner.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(inner);
        let wrong =
            || "must be label matchers such as namespace=\"shop\",env=~\"prod|stage\"".to_owned();
        let Ok(Expr::VectorSelector(selector)) = parse(&format!("{{{inner}}}")) else {
            return Err(wrong());
        };
        let Matchers { matchers, or_matchers } = selector.matchers;
        if matchers.is_empty()
            || !or_matchers.is_empty()
            || selector.name.is_some()
            || selector.offset.is_some()
            || selector.at.is_some()
        {
            return Err(wrong());
        }
        Ok(LabelMatchers { matchers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_with_and_without_braces() {
        for text in [r#"namespace="shop",env!~"dev.*""#, r#" { namespace="shop",env!~"dev.*"}"#] {
            let it: LabelMatchers = text.parse().unwrap();
            assert_eq!(it.to_string(), r#"{namespace="shop",env!~"dev.*"}"#);
            assert_eq!(it.namespaces(), ["shop"]);
        }
    }

    #[test]
    fn what_is_no_matcher_is_refused() {
        for text in [
            "",
            "{}",
            "shop",
            r#"namespace="shop"} or {a="b""#,
            r#"a="1" or b="2""#,
            r#"a="1"} offset 1h + {b="2""#,
        ] {
            assert!(text.parse::<LabelMatchers>().is_err(), "{text}");
        }
    }

    #[test]
    fn labels_are_admitted_as_prometheus_matches_them() {
        let it: LabelMatchers = r#"namespace=~"shop|blog",env!="dev""#.parse().unwrap();
        let labels = |namespace: &str, env: &str| {
            BTreeMap::from(
                [("namespace", namespace), ("env", env)].map(|(a, b)| (a.to_owned(), b.to_owned())),
            )
        };
        assert!(it.admits(&labels("shop", "")) && it.admits(&labels("blog", "prod")));
        assert!(!it.admits(&labels("shop", "dev")) && !it.admits(&labels("shopping", "")));
        assert!(!it.admits(&BTreeMap::new()));
    }

    #[test]
    fn what_does_not_say_whose_it_is_is_not_plainly_ours() {
        let it: LabelMatchers = r#"namespace="shop",env!="dev""#.parse().unwrap();
        let mut labels = BTreeMap::from([("namespace".to_owned(), "shop".to_owned())]);
        assert!(it.admits(&labels) && !it.admits_plainly(&labels));
        labels.insert("env".to_owned(), "prod".to_owned());
        assert!(it.admits_plainly(&labels));
    }
}
