//! Quotas, limits, webhooks, configuration and rights in cells.

use super::{Cell, cell, labels, wide};
use evidence::fact::access::{Config, Grant};
use evidence::fact::policy::{LimitRange, Quota, Webhooks};

pub(super) fn quota(it: &Quota) -> Vec<Cell> {
    let used = |what: &str| it.used.get(what).map_or("?", String::as_str);
    let each: Vec<String> =
        it.hard.iter().map(|(what, hard)| format!("{what} {}/{hard}", used(what))).collect();
    vec![cell("USED", each.join(", "))]
}

pub(super) fn limit_range(it: &LimitRange) -> Vec<Cell> {
    let mut each = Vec::new();
    for limits in &it.limits {
        for (what, values) in [
            ("min", &limits.min),
            ("max", &limits.max),
            ("default", &limits.default),
            ("default request", &limits.default_request),
        ] {
            if !values.is_empty() {
                each.push(format!("{} {what} {}", limits.kind, labels(values)));
            }
        }
    }
    vec![cell("LIMITS", each.join("; "))]
}

pub(super) fn webhooks(it: &Webhooks) -> Vec<Cell> {
    let closed = it.hooks.iter().filter(|hook| hook.fails_closed).count();
    let asked: Vec<String> = it
        .hooks
        .iter()
        .map(|hook| match &hook.service {
            Some(service) => format!("{}/{}", service.namespace, service.name),
            None => "outside".to_owned(),
        })
        .collect();
    vec![
        cell("WEBHOOKS", it.hooks.len()),
        cell("FAIL-CLOSED", closed),
        wide("SERVICES", asked.join(",")),
    ]
}

pub(super) fn config(it: &Config) -> Vec<Cell> {
    let keys = it.keys.as_ref();
    vec![
        cell("KEYS", keys.map(|keys| keys.len().to_string()).unwrap_or_default()),
        wide("NAMES", keys.map(|keys| keys.join(",")).unwrap_or_default()),
    ]
}

pub(super) fn grant(it: &Grant) -> Vec<Cell> {
    if it.kind.ends_with("Binding") {
        return vec![cell("ROLE", &it.role), cell("SUBJECTS", it.subjects.join(", "))];
    }
    vec![cell("RULES", it.rules.len()), wide("ALLOWS", it.rules.join("; "))]
}
