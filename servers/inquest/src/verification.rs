//! Whether a piece of evidence still holds, and what has changed where it does not.

use evidence::digest;
use evidence::fact::Body;
use evidence::report::Evidence;
use evidence::testimony::Testimony;
use serde_json::Value;
use std::fmt;

/// Changed fields that are told; the rest is counted.
const MOST_CHANGES: usize = 5;
/// A value is told, not shown whole.
const LONGEST_VALUE: usize = 40;

/// What reading evidence again showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Nothing has changed.
    Same,
    /// It is there and not the same; in words.
    Changed(String),
    /// Somebody looked, completely, and it is not there any more.
    Gone,
    /// Nobody could tell, and why.
    Unknown(String),
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verified::Same => f.write_str("unchanged"),
            Verified::Changed(how) => write!(f, "changed: {how}"),
            Verified::Gone => f.write_str("gone"),
            Verified::Unknown(why) => write!(f, "could not be read again: {why}"),
        }
    }
}

/// Compares what was seen then with what is seen now.
pub fn compare(seen: &Evidence, then: Option<&Body>, now: &Testimony) -> Verified {
    let about: Vec<&Body> = now
        .facts
        .iter()
        .map(|fact| &fact.body)
        .filter(|body| body.entity() == seen.subject)
        .collect();
    if about.iter().any(|body| digest::of(body) == seen.digest) {
        return Verified::Same;
    }
    let Some(then) = then else {
        return Verified::Changed("what it was is not known here any more".to_owned());
    };
    if let Some(body) = about.into_iter().find(|body| is_same_fact(then, body)) {
        return Verified::Changed(differences(then, body));
    }
    let kind = kind(then, seen);
    let looked = now.looks.iter().any(|look| {
        look.complete
            && look.kind == kind
            && (look.namespace.is_empty() || look.namespace == seen.subject.namespace)
    });
    match looked {
        true => Verified::Gone,
        false => Verified::Unknown("the place was not seen completely".to_owned()),
    }
}

/// Facts of one sort about one object are the same fact, but for events and logs, of which there are several.
fn is_same_fact(then: &Body, now: &Body) -> bool {
    match (then, now) {
        (Body::Event(then), Body::Event(now)) => {
            (&then.reason, &then.field, &then.uid) == (&now.reason, &now.field, &now.uid)
        }
        (Body::Log(then), Body::Log(now)) => {
            (&then.container, then.previous) == (&now.container, now.previous)
        }
        (then, now) => std::mem::discriminant(then) == std::mem::discriminant(now),
    }
}

/// What must have been listed to see it.
fn kind(then: &Body, seen: &Evidence) -> String {
    match then {
        Body::Event(_) => "Event".to_owned(),
        Body::Endpoints(_) => "EndpointSlice".to_owned(),
        _ => seen.subject.kind.clone(),
    }
}

fn differences(then: &Body, now: &Body) -> String {
    let mut changes = Vec::new();
    walk("", &fields(then), &fields(now), &mut changes);
    // What lies near the top of an object tells more than a condition's wording.
    changes.sort_by_key(|change: &String| {
        let (path, _) = change.split_once(" was ").unwrap_or((change, ""));
        path.matches(['.', '[']).count()
    });
    let more = changes.len().saturating_sub(MOST_CHANGES);
    changes.truncate(MOST_CHANGES);
    if more > 0 {
        changes.push(format!("{more} more"));
    }
    changes.join("; ")
}

/// The fact without the word for its sort, which goes without saying.
fn fields(body: &Body) -> Value {
    match serde_json::to_value(body) {
        Ok(Value::Object(sorts)) => {
            sorts.into_iter().next().map(|(_, fields)| fields).unwrap_or_default()
        }
        _ => Value::Null,
    }
}

fn walk(path: &str, then: &Value, now: &Value, changes: &mut Vec<String>) {
    match (then, now) {
        (then, now) if then == now => {}
        (Value::Object(then), Value::Object(now)) => {
            for (key, was) in then {
                walk(&below(path, key), was, now.get(key).unwrap_or(&Value::Null), changes);
            }
            for (key, is) in now.iter().filter(|(key, _)| !then.contains_key(*key)) {
                walk(&below(path, key), &Value::Null, is, changes);
            }
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            for (place, (was, is)) in then.iter().zip(now).enumerate() {
                walk(&format!("{path}[{place}]"), was, is, changes);
            }
        }
        (then, now) => changes.push(format!("{path} was {}, is {}", shown(then), shown(now))),
    }
}

fn below(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "absent".to_owned(),
        value => crate::report::plain::line(&value.to_string(), LONGEST_VALUE),
    }
}
