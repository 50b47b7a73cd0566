//! OpenMetrics text, line by line.

use crate::snapshot::document;
use crate::snapshot::error::LoadError;
use crate::snapshot::metrics::labels::{Labels, NAME, Text, is_label_name, is_metric_name};
use crate::snapshot::metrics::{Family, Sample, Series};
use std::collections::{BTreeMap, HashMap, HashSet};

const END: &str = "# EOF";
const KINDS: [&str; 8] =
    ["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];
/// Seconds since 1970 within which a time makes sense: three thousand years.
const FURTHEST: f64 = 1e11;

/// What was read so far.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) series: Vec<Series>,
    pub(super) families: BTreeMap<String, Family>,
    places: HashMap<Labels, usize>,
    texts: HashSet<Text>,
}

/// What is wrong, and in which column.
type Wrong = (usize, String);

impl Reading {
    /// Reads one file to its `# EOF`.
    pub(super) fn file(&mut self, file: &str, bytes: &[u8]) -> Result<(), LoadError> {
        let text = document::text(file, bytes)?;
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut ended = false;
        let mut number = 0;
        for line in text.lines() {
            number += 1;
            let refuse = |(column, reason): Wrong| {
                Err(LoadError::at(file, number, column as u64 + 1, reason))
            };
            if ended {
                return refuse((0, format!("there is more after {END}")));
            }
            if line == END {
                ended = true;
                continue;
            }
            let read = match line.strip_prefix("# ") {
                Some(comment) => self.comment(comment),
                None => self.sample(line, &mut known),
            };
            if let Err(wrong) = read {
                return refuse(wrong);
            }
        }
        if ended {
            return Ok(());
        }
        Err(LoadError::at(file, number.max(1), 1, format!("does not end with {END}")))
    }

    /// `TYPE name kind`, `HELP name words`, `UNIT name unit`.
    fn comment(&mut self, comment: &str) -> Result<(), Wrong> {
        let (word, rest) = comment.split_once(' ').unwrap_or((comment, ""));
        if !matches!(word, "TYPE" | "HELP" | "UNIT") {
            return Err((2, "is neither TYPE, HELP, UNIT nor EOF".to_owned()));
        }
        let (name, said) = rest.split_once(' ').unwrap_or((rest, ""));
        if !is_metric_name(name) {
            return Err((7, format!("{name:?} is not the name of a metric")));
        }
        if word == "TYPE" && !KINDS.contains(&said) {
            let reason = format!("{said:?} is not a type; types are {}", KINDS.join(", "));
            return Err((8 + name.len(), reason));
        }
        let family = self.families.entry(name.to_owned()).or_default();
        let place = match word {
            "TYPE" => &mut family.kind,
            "HELP" => &mut family.help,
            _ => &mut family.unit,
        };
        *place = Some(unescaped(said));
        Ok(())
    }

    /// `name{label="value"} value seconds`; an exemplar behind it is passed over.
    fn sample<'a>(
        &mut self,
        line: &'a str,
        known: &mut HashMap<&'a str, usize>,
    ) -> Result<(), Wrong> {
        let width = series_width(line).ok_or((0, "has no value".to_owned()))?;
        let (of, rest) = line.split_at(width);
        let place = match known.get(of) {
            Some(place) => *place,
            None => {
                let place = self.place(of)?;
                known.insert(of, place);
                place
            }
        };
        let mut words = rest.split(' ').skip(1);
        let value = words.next().unwrap_or_default();
        let time = words.next().filter(|word| !word.starts_with('#')).unwrap_or_default();
        let sample = Sample { at: milliseconds(time, line)?, value: number(value, line)? };
        if words.next().is_some_and(|word| word != "#") {
            return Err((width, "has more than a value and a time".to_owned()));
        }
        let Some(series) = self.series.get_mut(place) else { return Ok(()) };
        if series.samples.last().is_some_and(|last| last.at >= sample.at) {
            let reason = "is not later than the sample of the same series before it".to_owned();
            return Err((width, reason));
        }
        series.samples.push(sample);
        Ok(())
    }

    /// Where the series of this text stands, which may be new.
    fn place(&mut self, text: &str) -> Result<usize, Wrong> {
        let labels = self.labels(text)?;
        if let Some(place) = self.places.get(&labels) {
            return Ok(*place);
        }
        let place = self.series.len();
        self.places.insert(labels.clone(), place);
        self.series.push(Series { labels, samples: Vec::new() });
        Ok(place)
    }

    fn labels(&mut self, text: &str) -> Result<Labels, Wrong> {
        let (name, inside) = match text.split_once('{') {
            Some((name, inside)) => (name, inside.strip_suffix('}').unwrap_or(inside)),
            None => (text, ""),
        };
        if !is_metric_name(name) {
            return Err((0, format!("{name:?} is not the name of a metric")));
        }
        let mut pairs = vec![(self.shared(NAME), self.shared(name))];
        let mut rest = inside;
        while !rest.is_empty() {
            let column = place_of(rest, text);
            let broken = || (column, "is not label=\"value\"".to_owned());
            let (label, quoted) = rest.split_once("=\"").ok_or_else(broken)?;
            if !is_label_name(label) {
                return Err((column, format!("{label:?} is not the name of a label")));
            }
            let end = end_of_quoted(quoted).ok_or_else(broken)?;
            let value = unescaped(quoted.get(..end).unwrap_or_default());
            let label = self.shared(label);
            if pairs.iter().any(|(other, _)| *other == label) {
                return Err((column, format!("has the label {label:?} twice")));
            }
            pairs.push((label, self.shared(&value)));
            let after = quoted.get(end + 1..).unwrap_or_default();
            rest = match after.strip_prefix(',') {
                Some(next) => next,
                None if after.is_empty() => after,
                None => return Err((place_of(after, text), "misses a comma".to_owned())),
            };
        }
        Ok(Labels::of(pairs))
    }

    fn shared(&mut self, text: &str) -> Text {
        if let Some(shared) = self.texts.get(text) {
            return shared.clone();
        }
        let shared = Text::from(text);
        self.texts.insert(shared.clone());
        shared
    }
}

/// How long the name and the labels at the front of a line are.
fn series_width(line: &str) -> Option<usize> {
    let name = line.find([' ', '{'])?;
    let mut rest = line.get(name..)?.strip_prefix('{').map_or("", |inside| inside);
    if rest.is_empty() {
        return Some(name);
    }
    loop {
        let stop = rest.find(['"', '}'])?;
        let after = rest.get(stop + 1..)?;
        if rest.as_bytes().get(stop) == Some(&b'}') {
            return Some(line.len() - after.len());
        }
        rest = after.get(end_of_quoted(after)? + 1..)?;
    }
}

/// Where the closing quote is.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(place),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some(escaped @ ('\\' | '"')) => plain.push(escaped),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain
}

fn number(text: &str, line: &str) -> Result<f64, Wrong> {
    text.parse().map_err(|_| (place_of(text, line), format!("{text:?} is not a number")))
}

fn milliseconds(text: &str, line: &str) -> Result<i64, Wrong> {
    if text.is_empty() {
        return Err((line.len(), "has no time; it is seconds since 1970".to_owned()));
    }
    let seconds = number(text, line)?;
    if !seconds.is_finite() || seconds.abs() > FURTHEST {
        return Err((place_of(text, line), format!("{text:?} is not seconds since 1970")));
    }
    Ok((seconds * 1000.0).round() as i64)
}

/// The column of a part of a line.
fn place_of(part: &str, line: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reading, String> {
        let mut reading = Reading::default();
        reading.file("a.om", text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(reading)
    }

    #[test]
    fn labels_values_times_and_what_is_said_of_a_metric() {
        let text = "# TYPE http counter\n# HELP http All of \\\"them\\\".\n\
            http_total{path=\"/a,{b}\",quote=\"\\\"\"} 1.5e3 1700000000.25 # {id=\"x\"} 1\n\
            up 1 1700000000\n# EOF\n";
        let reading = read(text).unwrap();
        let labels = reading.series[0].labels.to_string();
        assert_eq!(labels, r#"{__name__="http_total", path="/a,{b}", quote="\""}"#);
        assert_eq!(reading.series[0].samples, [Sample { at: 1_700_000_000_250, value: 1500.0 }]);
        assert_eq!(reading.families["http"].help.as_deref(), Some("All of \"them\"."));
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_stands() {
        for (text, refusal) in [
            ("up 1 1\n", "a.om:1:1: does not end with # EOF"),
            ("# EOF\nup 1 1\n", "a.om:2:1: there is more after # EOF"),
            ("up 1\n# EOF\n", "a.om:1:5: has no time; it is seconds since 1970"),
            ("up x 1\n# EOF\n", "a.om:1:4: \"x\" is not a number"),
            ("up{a=b} 1 1\n# EOF\n", "a.om:1:4: is not label=\"value\""),
            ("up{a=\"1\",a=\"2\"} 1 1\n# EOF\n", "a.om:1:10: has the label \"a\" twice"),
            (
                "up 1 2\nup 1 2\n# EOF\n",
                "a.om:2:3: is not later than the sample of the same series before it",
            ),
            ("# up is up\n# EOF\n", "a.om:1:3: is neither TYPE, HELP, UNIT nor EOF"),
        ] {
            assert_eq!(read(text).err().as_deref(), Some(refusal), "{text}");
        }
    }
}
