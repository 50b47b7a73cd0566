//! Two answers to one query: whether they say the same.

use serde_json::Value;
use std::collections::BTreeMap;

/// How far two numbers may lie apart, relative to their size: sums are added up in another order.
const TOLERANCE: f64 = 1e-9;

/// Says how they differ; nothing if they do not.
pub(crate) fn difference(query: &str, real: &(u16, Value), ours: &(u16, Value)) -> Option<String> {
    let (real_status, real) = real;
    let (our_status, ours) = ours;
    if real["status"] != ours["status"] || real["errorType"] != ours["errorType"] {
        return Some(format!(
            "{real_status} {} instead of {our_status} {}",
            short(real),
            short(ours)
        ));
    }
    if real_status != our_status {
        return Some(format!("status {real_status} instead of {our_status}"));
    }
    if !real.is_object() {
        return (real != ours).then(|| format!("{} instead of {}", short(real), short(ours)));
    }
    if real["status"] == "error" {
        // What is wrong with a query, each parser says in its own words.
        let same = real["errorType"] != "execution" || real["error"] == ours["error"];
        return (!same).then(|| format!("{} instead of {}", real["error"], ours["error"]));
    }
    let (real, ours) = (&real["data"], &ours["data"]);
    let (Some(kind), Some(our_kind)) = (real["resultType"].as_str(), ours["resultType"].as_str())
    else {
        return (real != ours).then(|| format!("{} instead of {}", short(real), short(ours)));
    };
    if kind != our_kind {
        return Some(format!("{kind} instead of {our_kind}"));
    }
    let (real, ours) = (&real["result"], &ours["result"]);
    match kind {
        "scalar" => unlike_sample(real, ours),
        "string" => (real != ours).then(|| format!("{real} instead of {ours}")),
        _ => unlike_series(real, ours).or_else(|| unlike_order(query, real, ours)),
    }
}

fn unlike_series(real: &Value, ours: &Value) -> Option<String> {
    let (real, ours) = (by_labels(real), by_labels(ours));
    for (labels, series) in &real {
        let Some(ours) = ours.get(labels) else {
            return Some(format!("{labels} is missing: {}", short(series)));
        };
        let unlike = match (&series["values"], &ours["values"]) {
            (Value::Array(real), Value::Array(ours)) => {
                let unlike =
                    real.iter().zip(ours).find_map(|(real, ours)| unlike_sample(real, ours));
                let length = (real.len() != ours.len())
                    .then(|| format!("{} values instead of {}", real.len(), ours.len()));
                length.or(unlike)
            }
            _ => unlike_sample(&series["value"], &ours["value"]),
        };
        if let Some(unlike) = unlike {
            return Some(format!("{labels}: {unlike}"));
        }
    }
    let extra = ours.iter().find(|(labels, _)| !real.contains_key(*labels));
    extra.map(|(labels, series)| format!("{labels} is too much: {}", short(series)))
}

/// Where Prometheus orders a vector, the values must come in the same order; equal values may change places.
fn unlike_order(query: &str, real: &Value, ours: &Value) -> Option<String> {
    if !["sort", "topk(", "bottomk("].iter().any(|function| query.starts_with(function)) {
        return None;
    }
    let (real, ours) = (real.as_array()?, ours.as_array()?);
    real.iter()
        .zip(ours)
        .find_map(|(real, ours)| unlike_sample(real.get("value")?, ours.get("value")?))
}

fn by_labels(result: &Value) -> BTreeMap<String, &Value> {
    let series = result.as_array().into_iter().flatten();
    series.map(|one| (one["metric"].to_string(), one)).collect()
}

/// `[seconds, "value"]`.
fn unlike_sample(real: &Value, ours: &Value) -> Option<String> {
    let number = |sample: &Value| match sample[1].as_str()? {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        text => text.parse().ok(),
    };
    let same_time = real[0].as_f64() == ours[0].as_f64();
    let alike = match (number(real), number(ours)) {
        (Some(real), Some(ours)) => {
            real == ours
                || real.is_nan() && ours.is_nan()
                || (real - ours).abs() <= TOLERANCE * real.abs().max(ours.abs())
        }
        _ => false,
    };
    (!(same_time && alike)).then(|| format!("{real} instead of {ours}"))
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(300).collect()
}
