//! The functions of templates.

use crate::prometheus::number;
use jiff::Timestamp;
use regex::Regex;

/// A value in a template.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(String),
    Number(f64),
}

impl Piece {
    pub(crate) fn shown(&self) -> String {
        match self {
            Piece::Text(text) => text.clone(),
            Piece::Number(value) => number::shortest(*value),
        }
    }

    fn number(&self) -> Result<f64, String> {
        match self {
            Piece::Number(value) => Ok(*value),
            Piece::Text(text) => text.parse().map_err(|_| format!("{text:?} is not a number")),
        }
    }
}

const LARGE: [&str; 9] = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const LARGE_BINARY: [&str; 9] = ["", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const SMALL: [&str; 9] = ["", "m", "u", "n", "p", "f", "a", "z", "y"];

/// Calls a function.
pub(crate) fn call(name: &str, arguments: &[Piece]) -> Result<Piece, String> {
    let text = match (name, arguments) {
        ("humanize", [value]) => humanize(value.number()?),
        ("humanize1024", [value]) => scaled(value.number()?, 1024.0, &LARGE_BINARY),
        ("humanizePercentage", [value]) => {
            format!("{}%", number::four_digits(value.number()? * 100.0))
        }
        ("humanizeDuration", [value]) => duration(value.number()?),
        ("humanizeTimestamp", [value]) => timestamp(value.number()?),
        ("toUpper", [text]) => text.shown().to_uppercase(),
        ("toLower", [text]) => text.shown().to_lowercase(),
        ("title", [text]) => title(&text.shown()),
        ("stripPort", [text]) => strip_port(&text.shown()),
        ("printf", [format, values @ ..]) => printf(&format.shown(), values)?,
        ("reReplaceAll", [pattern, replacement, text]) => {
            let pattern =
                Regex::new(&pattern.shown()).map_err(|_| "a pattern is wrong".to_owned())?;
            pattern.replace_all(&text.shown(), replacement.shown().as_str()).into_owned()
        }
        _ => return Err(format!("{name} is not evaluated in a replay")),
    };
    Ok(Piece::Text(text))
}

/// `1.235M`, `12.35m`.
fn humanize(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number::four_digits(value);
    }
    if value.abs() >= 1.0 { scaled(value, 1000.0, &LARGE) } else { shrunk(value) }
}

fn scaled(mut value: f64, base: f64, prefixes: &[&str]) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return number::four_digits(value);
    }
    let mut prefix = "";
    for next in prefixes.iter().skip(1) {
        if value.abs() < base {
            break;
        }
        prefix = next;
        value /= base;
    }
    format!("{}{prefix}", number::four_digits(value))
}

fn shrunk(mut value: f64) -> String {
    let mut prefix = "";
    for next in SMALL.iter().skip(1) {
        if value.abs() >= 1.0 {
            break;
        }
        prefix = next;
        value *= 1000.0;
    }
    format!("{}{prefix}", number::four_digits(value))
}

/// `1d 2h 3m 4s`; below a minute with the digits after the point.
fn duration(value: f64) -> String {
    if !value.is_finite() {
        return number::four_digits(value);
    }
    if value == 0.0 {
        return "0s".to_owned();
    }
    if value.abs() < 1.0 {
        return format!("{}s", shrunk(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as i64;
    let (seconds, minutes) = (whole % 60, whole / 60 % 60);
    let (hours, days) = (whole / 3600 % 24, whole / 86_400);
    if days > 0 {
        return format!("{sign}{days}d {hours}h {minutes}m {seconds}s");
    }
    if hours > 0 {
        return format!("{sign}{hours}h {minutes}m {seconds}s");
    }
    if minutes > 0 {
        return format!("{sign}{minutes}m {seconds}s");
    }
    format!("{sign}{}s", number::four_digits(value.abs()))
}

/// As Go prints a time.
fn timestamp(value: f64) -> String {
    let time = Timestamp::from_millisecond((value * 1000.0) as i64);
    match time {
        Ok(time) if value.is_finite() => {
            time.strftime("%Y-%m-%d %H:%M:%S%.f +0000 UTC").to_string()
        }
        _ => number::four_digits(value),
    }
}

fn title(text: &str) -> String {
    let mut starts = true;
    let raise = |character: char| {
        let raised = if starts { character.to_ascii_uppercase() } else { character };
        starts = character.is_whitespace();
        raised
    };
    text.chars().map(raise).collect()
}

fn strip_port(text: &str) -> String {
    match text.rsplit_once(':') {
        Some((host, _)) if host.starts_with('[') && host.ends_with(']') => {
            host.trim_matches(['[', ']']).to_owned()
        }
        Some((host, _)) if !host.contains(':') => host.to_owned(),
        _ => text.to_owned(),
    }
}

/// The verbs that rules use: `%s`, `%v`, `%.2f`, `%.3g`, `%%`.
fn printf(format: &str, values: &[Piece]) -> Result<String, String> {
    let mut written = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        written.push_str(before);
        let end = after
            .find(|character: char| character.is_ascii_alphabetic() || character == '%')
            .ok_or_else(|| "printf: a verb is missing".to_owned())?;
        let (options, verb) = after.split_at(end);
        rest = verb.get(1..).unwrap_or_default();
        if verb.starts_with('%') {
            written.push('%');
            continue;
        }
        let value = values.next().ok_or_else(|| "printf: an argument is missing".to_owned())?;
        let decimals = match options {
            "" => None,
            _ => Some(
                options
                    .strip_prefix('.')
                    .and_then(|digits| digits.parse::<usize>().ok())
                    .filter(|digits| *digits < 100)
                    .ok_or_else(|| format!("printf: %{options} is not evaluated in a replay"))?,
            ),
        };
        match (verb.chars().next(), decimals) {
            (Some('s' | 'v'), None) => written.push_str(&value.shown()),
            (Some('g'), None) => written.push_str(&number::shortest(value.number()?)),
            (Some('g'), Some(4)) => written.push_str(&number::four_digits(value.number()?)),
            (Some('f'), decimals) => {
                let (value, decimals) = (value.number()?, decimals.unwrap_or(6));
                let text = if value.is_finite() {
                    format!("{value:.decimals$}")
                } else {
                    number::plain(value)
                };
                written.push_str(&text);
            }
            _ => {
                return Err(format!(
                    "printf: %{options}{} is not evaluated in a replay",
                    verb.get(..1).unwrap_or_default()
                ));
            }
        }
    }
    written.push_str(rest);
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_humans() {
        assert_eq!(
            [humanize(1_234_567.0), humanize(0.012_35), humanize(0.0)],
            ["1.235M", "12.35m", "0"]
        );
        assert_eq!(scaled(3_221_225_472.0, 1024.0, &LARGE_BINARY), "3Gi");
        assert_eq!(
            [duration(93_784.0), duration(0.25), duration(59.5)],
            ["1d 2h 3m 4s", "250ms", "59.5s"]
        );
        assert_eq!(timestamp(1_435_065_584.128), "2015-06-23 13:19:44.128 +0000 UTC");
    }
}
