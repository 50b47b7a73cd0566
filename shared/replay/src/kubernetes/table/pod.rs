//! The row of a pod: what its containers come to, in one word.

use super::cells::{NONE, age, array, field, name, text_or};
use crate::kubernetes::since::since;
use crate::snapshot::object::Object;
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn pod(object: &Object, now: Timestamp) -> Vec<Value> {
    let state = state(object);
    let restarts = match state.restarted_at {
        Some(moment) if state.restarts != 0 => {
            format!("{} ({} ago)", state.restarts, since(&moment.to_string(), now))
        }
        _ => state.restarts.to_string(),
    };
    vec![
        name(object),
        format!("{}/{}", state.ready, state.containers).into(),
        state.word.into(),
        restarts.into(),
        age(object, now),
        text_or(object, "/status/podIP", text_or(object, "/status/podIPs/0/ip", NONE)).into(),
        text_or(object, "/spec/nodeName", NONE).into(),
        text_or(object, "/status/nominatedNodeName", NONE).into(),
        gates(object).into(),
    ]
}

/// What the row says.
struct State {
    word: String,
    ready: usize,
    containers: usize,
    restarts: i64,
    restarted_at: Option<Timestamp>,
}

impl State {
    fn add_restarts(&mut self, status: &Value) {
        self.restarts += status.get("restartCount").and_then(Value::as_i64).unwrap_or(0);
        let ended = status.pointer("/lastState/terminated/finishedAt").and_then(Value::as_str);
        let ended = ended.and_then(|ended| ended.parse::<Timestamp>().ok());
        self.restarted_at = self.restarted_at.max(ended);
    }
}

fn state(object: &Object) -> State {
    let pod = &object.value;
    let phase = object.text("/status/phase");
    let mut state = State {
        word: text_or(object, "/status/reason", phase).to_owned(),
        ready: 0,
        containers: array(pod, "/spec/containers").len(),
        restarts: 0,
        restarted_at: None,
    };
    if condition(pod, "PodScheduled").is_some_and(|one| field(one, "reason") == "SchedulingGated") {
        state.word = "SchedulingGated".to_owned();
    }
    let mut sidecars = State { word: String::new(), containers: 0, ..state };
    state.containers +=
        array(pod, "/spec/initContainers").iter().filter(|one| is_sidecar(one)).count();
    let initializing = init(pod, &mut state, &mut sidecars);
    if !initializing || is_true(pod, "Initialized") {
        state.restarts = sidecars.restarts;
        state.restarted_at = sidecars.restarted_at;
        main(pod, &mut state);
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string) {
        if object.text("/status/reason") == "NodeLost" {
            state.word = "Unknown".to_owned();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            state.word = "Terminating".to_owned();
        }
    }
    state
}

/// The init containers; whether one of them is still to finish.
fn init(pod: &Value, state: &mut State, sidecars: &mut State) -> bool {
    let specs = array(pod, "/spec/initContainers");
    for (index, status) in array(pod, "/status/initContainerStatuses").iter().enumerate() {
        let spec = specs.iter().find(|spec| field(spec, "name") == field(status, "name"));
        let sidecar = spec.is_some_and(is_sidecar);
        state.add_restarts(status);
        if sidecar {
            sidecars.add_restarts(status);
        }
        if status.pointer("/state/terminated/exitCode").and_then(Value::as_i64) == Some(0) {
            continue;
        }
        if sidecar && status.get("started").and_then(Value::as_bool) == Some(true) {
            state.ready += usize::from(is_ready(status));
            continue;
        }
        let waiting = status.pointer("/state/waiting").map(|waiting| field(waiting, "reason"));
        state.word = match (status.pointer("/state/terminated"), waiting) {
            (Some(ended), _) => format!("Init:{}", end(ended)),
            (None, Some(reason)) if !matches!(reason, "" | "PodInitializing") => {
                format!("Init:{reason}")
            }
            _ => format!("Init:{index}/{}", specs.len()),
        };
        return true;
    }
    false
}

/// The containers proper; the first one that has something to say has the word.
fn main(pod: &Value, state: &mut State) {
    let mut running = false;
    for status in array(pod, "/status/containerStatuses").iter().rev() {
        state.add_restarts(status);
        let waiting = status.pointer("/state/waiting").map(|waiting| field(waiting, "reason"));
        match (waiting, status.pointer("/state/terminated")) {
            (Some(reason), _) if !reason.is_empty() => state.word = reason.to_owned(),
            (_, Some(ended)) => state.word = end(ended),
            _ if is_ready(status) && status.pointer("/state/running").is_some() => {
                running = true;
                state.ready += 1;
            }
            _ => {}
        }
    }
    if state.word == "Completed" && running {
        state.word = if is_true(pod, "Ready") { "Running" } else { "NotReady" }.to_owned();
    }
}

/// Why a container ended: its reason, else its signal or exit code.
fn end(ended: &Value) -> String {
    let number = |name: &str| ended.get(name).and_then(Value::as_i64).unwrap_or(0);
    match (field(ended, "reason"), number("signal")) {
        ("", 0) => format!("ExitCode:{}", number("exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn is_sidecar(container: &Value) -> bool {
    field(container, "restartPolicy") == "Always"
}

fn is_ready(status: &Value) -> bool {
    status.get("ready").and_then(Value::as_bool).unwrap_or(false)
}

fn condition<'a>(pod: &'a Value, kind: &str) -> Option<&'a Value> {
    array(pod, "/status/conditions").iter().find(|one| field(one, "type") == kind)
}

fn is_true(pod: &Value, kind: &str) -> bool {
    condition(pod, kind).is_some_and(|condition| field(condition, "status") == "True")
}

fn gates(object: &Object) -> String {
    let gates = array(&object.value, "/spec/readinessGates");
    if gates.is_empty() {
        return NONE.to_owned();
    }
    let passed =
        gates.iter().filter(|gate| is_true(&object.value, field(gate, "conditionType"))).count();
    format!("{passed}/{}", gates.len())
}
