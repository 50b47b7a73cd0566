//! The templates of labels and annotations, as far as one value or one label goes into each place.
//!
//! `{{ $labels.pod }}`, `{{ $value | humanize }}`, `{{ printf "%.2f" $value }}` are expanded. What runs queries, branches
//! or loops is not: it is answered with the error that Prometheus puts in the place of a template that fails.

use crate::prometheus::humanize::{self, Piece};
use crate::snapshot::metrics::labels::Labels;

/// The text for an alert of these labels and this value.
pub(crate) fn expand(text: &str, labels: &Labels, value: f64) -> String {
    match expanded(text, labels, value) {
        Ok(expanded) => expanded,
        Err(reason) => format!("<error expanding template: {reason}>"),
    }
}

fn expanded(text: &str, labels: &Labels, value: f64) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, next) =
            after.split_once("}}").ok_or_else(|| "an action is not closed".to_owned())?;
        // A hyphen eats the white space on its side.
        let (action, eats_before) = match action.strip_prefix("- ") {
            Some(action) => (action, true),
            None => (action, false),
        };
        let (action, eats_after) = match action.strip_suffix(" -") {
            Some(action) => (action, true),
            None => (action, false),
        };
        written.push_str(if eats_before { before.trim_end() } else { before });
        if !action.trim_start().starts_with("/*") {
            written.push_str(&pipeline(action, labels, value)?.shown());
        }
        rest = if eats_after { next.trim_start() } else { next };
    }
    written.push_str(rest);
    Ok(written)
}

/// `a b | c d`: each command gets what the one before it gave as its last argument.
fn pipeline(action: &str, labels: &Labels, value: f64) -> Result<Piece, String> {
    let mut given: Option<Piece> = None;
    for command in words(action)?.split(|word| word == "|") {
        let (first, arguments) =
            command.split_first().ok_or_else(|| "a command is missing".to_owned())?;
        let mut pieces = Vec::new();
        for argument in arguments {
            let piece = operand(argument, labels, value)?;
            pieces.push(piece.ok_or_else(|| format!("{argument} is not known"))?);
        }
        let is_first = given.is_none();
        pieces.extend(given);
        given = Some(match operand(first, labels, value)? {
            Some(piece) if pieces.is_empty() && is_first => piece,
            Some(_) => return Err(format!("{first} takes no arguments")),
            None => humanize::call(first, &pieces)?,
        });
    }
    given.ok_or_else(|| "an action is empty".to_owned())
}

/// A value; none if it is the name of a function.
fn operand(word: &str, labels: &Labels, value: f64) -> Result<Option<Piece>, String> {
    if let Some(name) = word.strip_prefix("$labels.").or_else(|| word.strip_prefix(".Labels.")) {
        return Ok(Some(Piece::Text(labels.get(name).to_owned())));
    }
    if word == "$value" || word == ".Value" {
        return Ok(Some(Piece::Number(value)));
    }
    if word.starts_with("$externalLabels.") || word == "$externalURL" || word == ".ExternalURL" {
        // A snapshot has neither.
        return Ok(Some(Piece::Text(String::new())));
    }
    if word.starts_with('"') {
        let text = serde_json::from_str(word).map_err(|_| format!("{word} is not a string"))?;
        return Ok(Some(Piece::Text(text)));
    }
    if let Some(text) = word.strip_prefix('`') {
        return Ok(Some(Piece::Text(text.trim_end_matches('`').to_owned())));
    }
    if let Ok(number) = word.parse() {
        return Ok(Some(Piece::Number(number)));
    }
    if word.starts_with(['$', '.', '(']) {
        return Err(format!("{word} is not evaluated in a replay"));
    }
    Ok(None)
}

/// Words between spaces, quoted ones whole; `|` stands by itself.
fn words(action: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = action.trim_start();
    while let Some(first) = rest.chars().next() {
        let width = match first {
            '|' => 1,
            '"' | '`' => closing(rest, first).ok_or_else(|| "a string is not closed".to_owned())?,
            _ => rest.find(|next: char| next.is_whitespace() || next == '|').unwrap_or(rest.len()),
        };
        let (word, next) = rest.split_at(width);
        words.push(word.to_owned());
        rest = next.trim_start();
    }
    Ok(words)
}

/// How wide the quoted text at the front is, with its quotes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = true; // The opening quote.
    for (place, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return Some(place + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_values_and_plain_functions() {
        let labels = Labels::of([("pod".into(), "web-1".into()), ("node".into(), "n:9100".into())]);
        for (template, text) in [
            ("Pod {{ $labels.pod }} is {{ .Value }}.", "Pod web-1 is 0.956."),
            ("{{ $labels.missing }}{{$value | humanizePercentage}}", "95.6%"),
            ("{{ printf \"%.1f|%s\" $value $labels.pod }}", "1.0|web-1"),
            ("a {{- /* nothing */ -}} b", "ab"),
            ("{{ $labels.node | stripPort | toUpper }}", "N"),
            ("{{ reReplaceAll \"-.*\" \"\" $labels.pod }}", "web"),
        ] {
            assert_eq!(expand(template, &labels, 0.956), text, "{template}");
        }
    }

    #[test]
    fn what_is_not_evaluated_says_so_as_prometheus_does() {
        let labels = Labels::default();
        for template in ["{{ with query \"up\" }}x{{ end }}", "{{ if $value }}x{{ end }}", "{{ $x"]
        {
            let text = expand(template, &labels, 1.0);
            assert!(text.starts_with("<error expanding template: "), "{text}");
        }
    }
}
