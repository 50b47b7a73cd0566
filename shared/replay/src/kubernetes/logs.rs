//! Logs as the API server passes them on from a kubelet.

use crate::kubernetes::query::Query;
use crate::kubernetes::reply::{self, About, Reply};
use crate::snapshot::Snapshot;
use crate::snapshot::log::LogOf;
use crate::snapshot::object::Object;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Which part of a log is asked for.
#[derive(Debug, Default)]
struct Part {
    tail: Option<usize>,
    since: Option<Timestamp>,
    bytes: Option<usize>,
    timestamps: bool,
}

/// Answers `pods/NAME/log`.
pub(crate) fn read(snapshot: &Snapshot, pod: &Object, query: &Query) -> Result<Reply, Reply> {
    let part = part(&pod.name, query, snapshot.about.captured_at)?;
    let container = container(pod, query.text("container"))?;
    let log = find(snapshot, pod, container, query.flag("previous"))?;
    match log {
        Some(log) => Ok(Reply::log(cut(log, &part))),
        None => Ok(Reply { status: StatusCode::NO_CONTENT, content_type: "", body: Vec::new() }),
    }
}

fn part(pod: &str, query: &Query, now: Timestamp) -> Result<Part, Reply> {
    let (seconds, tail) = (query.number("sinceSeconds")?, query.number("tailLines")?);
    let bytes = query.number("limitBytes")?;
    let invalid = |field: &str, value: i64, bound: &str| {
        let why = format!("Invalid value: {value}: must be greater than {bound}");
        reply::invalid_log_options(pod, field, "FieldValueInvalid", &why)
    };
    if let Some(tail) = tail.filter(|tail| *tail < 0) {
        return Err(invalid("tailLines", tail, "or equal to 0"));
    }
    for (field, value) in [("limitBytes", bytes), ("sinceSeconds", seconds)] {
        if let Some(value) = value.filter(|value| *value < 1) {
            return Err(invalid(field, value, "0"));
        }
    }
    let since = match (seconds, query.text("sinceTime")) {
        (Some(_), time) if !time.is_empty() => {
            let why = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified";
            return Err(reply::invalid_log_options(pod, "[]", "FieldValueForbidden", why));
        }
        (Some(seconds), _) => {
            Some(now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(now))
        }
        (None, "") => None,
        (None, time) => Some(time.parse().map_err(|_| {
            reply::bad_request(&format!(
                "parsing time {time:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse it"
            ))
        })?),
    };
    let size = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    Ok(Part { tail: size(tail), since, bytes: size(bytes), timestamps: query.flag("timestamps") })
}

/// The container that is meant, where the pod has it.
fn container<'a>(pod: &'a Object, asked: &str) -> Result<&'a str, Reply> {
    let named = |list: &str| {
        let list = pod.value.pointer(&format!("/spec/{list}")).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|one| one.get("name")?.as_str())
    };
    let all: Vec<&str> = ["initContainers", "containers", "ephemeralContainers"]
        .into_iter()
        .flat_map(named)
        .collect();
    if asked.is_empty() {
        return match all.as_slice() {
            [only] => Ok(only),
            _ => Err(reply::bad_request(&format!(
                "a container name must be specified for pod {}, choose one of: [{}]",
                pod.name,
                all.join(" "),
            ))),
        };
    }
    all.into_iter().find(|name| *name == asked).ok_or_else(|| {
        reply::bad_request(&format!("container {asked} is not valid for pod {}", pod.name))
    })
}

/// The recorded log; `None` for a pod that has not come to a node, where there can be none.
fn find<'a>(
    snapshot: &'a Snapshot,
    pod: &Object,
    container: &str,
    previous: bool,
) -> Result<Option<&'a [u8]>, Reply> {
    let recorded = |previous: bool| {
        let [namespace, pod, container] =
            [&pod.namespace, &pod.name, container].map(|part: &str| part.to_owned());
        snapshot.logs.get(&LogOf { namespace, pod, container, previous }).map(|log| &log[..])
    };
    if let Some(log) = recorded(previous) {
        return Ok(Some(log));
    }
    if pod.text("/spec/nodeName").is_empty() {
        return Ok(None);
    }
    let state = |pointer: &str| status(pod, container).and_then(|status| status.pointer(pointer));
    let (waiting, last) = (state("/state/waiting"), state("/lastState/terminated"));
    // While a container waits to be started again, a kubelet shows its last run under both names.
    if let Some(log) = recorded(!previous).filter(|_| waiting.is_some() && last.is_some()) {
        return Ok(Some(log));
    }
    let in_pod = format!("container {container:?} in pod {:?}", pod.name);
    if previous && last.is_none() {
        return Err(reply::bad_request(&format!("previous terminated {in_pod} not found")));
    }
    if let Some(waiting) = waiting.filter(|_| last.is_none()) {
        let why = match waiting.get("reason").and_then(Value::as_str).unwrap_or_default() {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            reason => reason,
        };
        return Err(reply::bad_request(&format!("{in_pod} is waiting to start: {why}")));
    }
    let about =
        About { plural: "pods", namespace: &pod.namespace, name: &pod.name, ..About::default() };
    Err(reply::no_log(
        &about,
        &format!("no log of container {container:?} is recorded in the snapshot"),
    ))
}

fn status<'a>(pod: &'a Object, container: &str) -> Option<&'a Value> {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    let statuses =
        lists.into_iter().filter_map(|list| pod.value.pointer(&format!("/status/{list}")));
    statuses
        .filter_map(Value::as_array)
        .flatten()
        .find(|status| status.get("name").and_then(Value::as_str) == Some(container))
}

/// One line: when it was written, where that is known, and what it says.
struct Line<'a> {
    at: Option<(&'a str, Timestamp)>,
    said: &'a str,
}

fn cut(log: &[u8], part: &Part) -> Vec<u8> {
    let log = String::from_utf8_lossy(log);
    let mut at = None;
    let mut lines: Vec<Line> = Vec::new();
    for line in log.lines() {
        let line = line_of(line);
        // A line without a time belongs to the one before it, as those of a stack trace do.
        at = line.at.or(at);
        lines.push(Line { at, said: line.said });
    }
    let first = part.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
    let mut answer = String::new();
    for line in lines.iter().skip(first) {
        let old = matches!((part.since, line.at), (Some(since), Some((_, at))) if at < since);
        if old {
            continue;
        }
        if let Some((stamp, _)) = line.at.filter(|_| part.timestamps) {
            answer.push_str(stamp);
            answer.push(' ');
        }
        answer.push_str(line.said);
        answer.push('\n');
    }
    let mut answer = answer.into_bytes();
    answer.truncate(part.bytes.unwrap_or(usize::MAX));
    answer
}

/// A line with a timestamp before it, be it from `kubectl logs --timestamps` or from the file of a node.
fn line_of(line: &str) -> Line<'_> {
    let Some((stamp, rest)) = line.split_once(' ') else { return bare(line) };
    let Ok(at) = stamp.parse::<Timestamp>() else { return bare(line) };
    let said = ["stdout F ", "stderr F ", "stdout P ", "stderr P "]
        .iter()
        .find_map(|stream| rest.strip_prefix(stream))
        .unwrap_or(rest);
    Line { at: Some((stamp, at)), said }
}

fn bare(line: &str) -> Line<'_> {
    // A timestamp alone is an empty line.
    match line.parse::<Timestamp>() {
        Ok(at) => Line { at: Some((line, at)), said: "" },
        Err(_) => Line { at: None, said: line },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "2026-11-21T12:00:00Z one\n2026-11-21T12:00:10Z stderr F two\n  at there\n2026-11-21T12:00:20Z\n";

    fn shown(part: Part) -> String {
        String::from_utf8(cut(LOG.as_bytes(), &part)).unwrap()
    }

    #[test]
    fn timestamps_are_kept_apart_from_what_was_said() {
        assert_eq!(shown(Part::default()), "one\ntwo\n  at there\n\n");
        let with = shown(Part { timestamps: true, ..Part::default() });
        assert_eq!(
            with,
            "2026-11-21T12:00:00Z one\n2026-11-21T12:00:10Z two\n2026-11-21T12:00:10Z   at there\n2026-11-21T12:00:20Z \n"
        );
    }

    #[test]
    fn the_end_the_time_and_the_size_cut_a_log() {
        assert_eq!(shown(Part { tail: Some(2), ..Part::default() }), "  at there\n\n");
        assert_eq!(shown(Part { tail: Some(0), ..Part::default() }), "");
        let since = Some("2026-11-21T12:00:05Z".parse().unwrap());
        assert_eq!(shown(Part { since, ..Part::default() }), "two\n  at there\n\n");
        assert_eq!(shown(Part { bytes: Some(5), ..Part::default() }), "one\nt");
    }
}
