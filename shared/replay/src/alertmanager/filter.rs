//! Filters of alerts and silences: `severity="critical"`, `pod=~web.*`.

use crate::alertmanager::Reply;
use crate::prometheus::parameters::Parameters;
use crate::snapshot::metrics::labels::is_label_name;
use http::StatusCode;
use regex::Regex;
use serde_json::json;
use std::collections::BTreeMap;

/// Longest first, so that `=~` is not read as `=`.
const OPERATORS: [&str; 4] = ["=~", "!~", "!=", "="];

/// One condition.
pub(super) struct Filter {
    name: String,
    value: String,
    equal: bool,
    pattern: Option<Regex>,
}

/// All `filter` parameters of a request.
pub(super) fn filters(parameters: &Parameters) -> Result<Vec<Filter>, Reply> {
    parameters.all("filter").map(|text| filter(text).ok_or_else(|| wrong(text))).collect()
}

/// Whether labels pass all of them.
pub(super) fn pass(filters: &[Filter], labels: &BTreeMap<String, String>) -> bool {
    filters.iter().all(|filter| {
        let value = labels.get(&filter.name).map(String::as_str).unwrap_or_default();
        let is = match &filter.pattern {
            Some(pattern) => pattern.is_match(value),
            None => filter.value == value,
        };
        is == filter.equal
    })
}

/// A regular expression that must match all of a text.
pub(super) fn whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

fn filter(text: &str) -> Option<Filter> {
    let text = text.trim();
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let (place, operator) = OPERATORS
        .iter()
        .filter_map(|operator| Some((text.find(operator)?, *operator)))
        .min_by_key(|(place, operator)| (*place, std::cmp::Reverse(operator.len())))?;
    let name = text.get(..place)?.trim();
    let value = text.get(place + operator.len()..)?.trim();
    let value = match value.starts_with('"') {
        true => serde_json::from_str(value).ok()?,
        false => value.to_owned(),
    };
    if !is_label_name(name) {
        return None;
    }
    let pattern = if operator.ends_with('~') { Some(whole(&value)?) } else { None };
    Some(Filter { name: name.to_owned(), value, equal: !operator.starts_with('!'), pattern })
}

fn wrong(text: &str) -> Reply {
    (StatusCode::BAD_REQUEST, json!(format!("bad matcher format: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_operators() {
        let labels = BTreeMap::from([("pod".to_owned(), "web-1".to_owned())]);
        let passes = |text: &str| pass(&[filter(text).unwrap()], &labels);
        let true_ones = ["pod=\"web-1\"", "pod=~web-.*", "pod!=x", "pod!~w", "other=\"\""];
        assert!(true_ones.iter().all(|text| passes(text)));
        assert!(!["pod=web", "pod=~web", "pod!=web-1"].iter().any(|text| passes(text)));
        assert!(filter("pod").is_none() && filter("a-b=c").is_none());
    }
}
