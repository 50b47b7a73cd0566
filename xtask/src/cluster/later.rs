//! Letting time pass: everything that exists is moved into the past, as an API server cannot be told to.

use super::Cluster;
use super::etcd::{Entry, Store};
use anyhow::{Context, Result, bail};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::Value;
use std::fs;

/// How long an API server keeps an event.
const EVENTS_LAST: SignedDuration = SignedDuration::from_hours(1);
/// Leases are clocks of the present; ranges have no times.
const OF_NOW: [&str; 3] = ["/registry/leases/", "/registry/masterleases/", "/registry/ranges/"];
/// Controllers may write while we do.
const TRIES: usize = 20;

impl Cluster {
    /// Lets time pass: every time in every object, and in the recorded lines of containers, is moved back by `duration`
    /// ("25m", "6d"). Events that are then older than an hour are gone, as they would be. Controllers see the objects
    /// change and do what they do after such a time (a Deployment exceeds its progress deadline).
    pub fn later(&self, duration: &str) -> Result<()> {
        let duration = span(duration)?;
        let store = Store::open(self)?;
        let now = Timestamp::now();
        rewrite(&store, "/registry/", |entry| {
            if OF_NOW.iter().any(|prefix| entry.key.starts_with(prefix)) {
                return Outcome::Keep;
            }
            let moved = move_back(&mut entry.object, duration);
            let is_event = entry.key.starts_with("/registry/events/");
            match (is_event && last_seen(&entry.object) < now - EVENTS_LAST, moved) {
                (true, _) => Outcome::Remove,
                (false, true) => Outcome::Put,
                (false, false) => Outcome::Keep,
            }
        })?;
        self.move_logs_back(duration)
    }

    /// Events that were written with times in the past are made to look created when they were first seen.
    pub(super) fn backdate_events(&self, namespace: &str) -> Result<()> {
        rewrite(&Store::open(self)?, &format!("/registry/events/{namespace}/"), |entry| {
            let first =
                entry.object.get("firstTimestamp").and_then(Value::as_str).map(String::from);
            let Some(metadata) = entry.object.get_mut("metadata") else { return Outcome::Keep };
            let created =
                metadata.get("creationTimestamp").and_then(Value::as_str).map(String::from);
            let (Some(first), Some(created)) = (first, created) else { return Outcome::Keep };
            if first >= created {
                return Outcome::Keep;
            }
            replace_time(metadata, &created, &first);
            Outcome::Put
        })
    }

    fn move_logs_back(&self, duration: SignedDuration) -> Result<()> {
        let Ok(files) = fs::read_dir(self.folder().join("podlogs")) else { return Ok(()) };
        for file in files {
            let path = file?.path();
            let mut moved = String::new();
            for line in fs::read_to_string(&path)?.lines() {
                let (time, rest) = line.split_once(' ').unwrap_or((line, ""));
                let time = earlier(time, duration).with_context(|| format!("no time: {line}"))?;
                moved.push_str(&format!("{time} {rest}\n"));
            }
            fs::write(path, moved)?;
        }
        Ok(())
    }
}

/// A duration in words: "40s", "25m", "1h 30m", "6d"; a day has 24 hours.
pub fn span(text: &str) -> Result<SignedDuration> {
    let span: Span =
        text.parse().with_context(|| format!("{text:?} is no duration such as 25m"))?;
    Ok(span.to_duration(SpanRelativeTo::days_are_24_hours())?)
}

/// A time in the past, from `43s ago`; now if nothing is said.
pub fn past(ago: Option<&str>) -> Result<Timestamp> {
    let Some(ago) = ago else { return Ok(Timestamp::now()) };
    let text =
        ago.strip_suffix(" ago").with_context(|| format!("{ago:?} is no time such as 43s ago"))?;
    Ok(Timestamp::now() - span(text)?)
}

enum Outcome {
    Keep,
    Put,
    Remove,
}

/// Changes each object below a prefix once, reading again what somebody else changed meanwhile.
fn rewrite(store: &Store, prefix: &str, change: impl Fn(&mut Entry) -> Outcome) -> Result<()> {
    let mut done = std::collections::BTreeSet::new();
    for _ in 0..TRIES {
        let mut lost = false;
        for mut entry in store.objects(prefix)? {
            if !done.contains(&entry.key) {
                match change(&mut entry) {
                    Outcome::Keep => {}
                    Outcome::Remove => store.remove(&entry.key)?,
                    Outcome::Put if store.put(&entry)? => {}
                    Outcome::Put => {
                        lost = true;
                        continue;
                    }
                }
                done.insert(entry.key);
            }
        }
        if !lost {
            return Ok(());
        }
    }
    bail!("objects below {prefix} kept changing")
}

/// Moves every time in a value, and says whether there was one.
fn move_back(value: &mut Value, duration: SignedDuration) -> bool {
    let mut moved = false;
    match value {
        Value::String(text) => {
            if let Some(time) = earlier(text, duration) {
                *text = time;
                moved = true;
            }
        }
        Value::Array(items) => {
            for item in items {
                moved |= move_back(item, duration);
            }
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                moved |= move_back(field, duration);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    moved
}

fn replace_time(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => *text = new.to_string(),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_time(item, old, new)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| replace_time(field, old, new))
        }
        _ => {}
    }
}

/// A text that is nothing but a time, that much earlier, with as many digits: the API server insists on their number.
fn earlier(text: &str, duration: SignedDuration) -> Option<String> {
    let is_time = text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    let time = is_time.then(|| text.parse::<Timestamp>().ok())??;
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = u8::try_from(fraction.len().saturating_sub(1)).ok()?;
    let printer = DateTimePrinter::new().precision(Some(digits));
    Some(printer.timestamp_to_string(&(time - duration)))
}

fn last_seen(event: &Value) -> Timestamp {
    let series = event.get("series").and_then(|series| series.get("lastObservedTime"));
    let created = event.get("metadata").and_then(|metadata| metadata.get("creationTimestamp"));
    let times = [series, event.get("lastTimestamp"), event.get("eventTime"), created];
    let parsed = |time: &Value| time.as_str()?.parse().ok();
    times.into_iter().flatten().find_map(parsed).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_time_moves_and_keeps_its_digits() {
        let mut object = json!({"a": "2026-11-21T12:00:00Z", "b": [{"c": "2026-11-21T12:00:00.123000Z"}], "d": "v1"});
        assert!(move_back(&mut object, span("1d 30m").unwrap()));
        let expected = json!({"a": "2026-11-20T11:30:00Z", "b": [{"c": "2026-11-20T11:30:00.123000Z"}], "d": "v1"});
        assert_eq!(object, expected);
    }

    #[test]
    fn an_object_without_times_stays() {
        assert!(!move_back(
            &mut json!({"replicas": 2, "image": "web:2026-11-21"}),
            span("1h").unwrap()
        ));
    }

    #[test]
    fn a_duration_that_is_none_is_named() {
        assert!(span("soon").unwrap_err().to_string().contains("\"soon\""));
    }
}
