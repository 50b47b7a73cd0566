//! A fact as the cells of one row: what `kubectl get` would show, and what it leaves out that explains more.

mod network;
mod node;
mod policy;
mod storage;
mod workload;

pub(crate) mod pod;

use evidence::fact::Body;
use evidence::fact::meta::{Meta, Selector};
use jiff::Timestamp;
use mcp::age::age;
use std::collections::BTreeMap;

/// One cell, and the head of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The column's head.
    pub(crate) head: &'static str,
    /// What stands in it.
    pub(crate) text: String,
    /// It is shown only where there is room.
    pub(crate) wide: bool,
}

/// A cell that is always shown.
fn cell(head: &'static str, text: impl ToString) -> Cell {
    Cell { head, text: text.to_string(), wide: false }
}

/// A cell that is shown where there is room.
fn wide(head: &'static str, text: impl ToString) -> Cell {
    Cell { wide: true, ..cell(head, text) }
}

/// The cells of a fact: its name first. All facts of a kind have the same columns.
pub(crate) fn of(body: &Body, now: Timestamp) -> Vec<Cell> {
    let mut cells = vec![cell("NAME", body.entity().name)];
    cells.extend(match body {
        Body::Pod(it) => pod::cells(it, now),
        Body::Workload(it) => workload::workload(it),
        Body::Revision(it) => workload::revision(it),
        Body::Job(it) => workload::job(it),
        Body::CronJob(it) => workload::cron_job(it, now),
        Body::Autoscaler(it) => workload::autoscaler(it),
        Body::Budget(it) => workload::budget(it),
        Body::Service(it) => network::service(it),
        Body::Endpoints(it) => network::endpoints(it),
        Body::Ingress(it) => network::ingress(it),
        Body::NetworkPolicy(it) => network::network_policy(it),
        Body::Node(it) => node::cells(it),
        Body::Claim(it) => storage::claim(it),
        Body::Volume(it) => storage::volume(it),
        Body::StorageClass(it) => storage::class(it),
        Body::Quota(it) => policy::quota(it),
        Body::LimitRange(it) => policy::limit_range(it),
        Body::Webhooks(it) => policy::webhooks(it),
        Body::Namespace(it) => vec![cell("STATUS", &it.phase)],
        Body::Config(it) => policy::config(it),
        Body::Account(it) => vec![cell("PULL-SECRETS", it.pull_secrets.join(","))],
        Body::Grant(it) => policy::grant(it),
        Body::Event(_) | Body::Log(_) | Body::Object(_) => Vec::new(),
        // Not Kubernetes' own: other servers tell them.
        Body::Measure(_)
        | Body::Measured(_)
        | Body::Alert(_)
        | Body::ScrapeTarget(_)
        | Body::AlertingRule(_) => Vec::new(),
    });
    if let Some(meta) = meta(body) {
        let shown = cells.iter().position(|it| it.wide).unwrap_or(cells.len());
        cells.insert(shown, cell("AGE", age(now, meta.created)));
    }
    cells
}

/// The metadata of a fact about an object.
pub(crate) fn meta(body: &Body) -> Option<&Meta> {
    Some(match body {
        Body::Pod(it) => &it.meta,
        Body::Workload(it) => &it.meta,
        Body::Revision(it) => &it.meta,
        Body::Job(it) => &it.meta,
        Body::CronJob(it) => &it.meta,
        Body::Autoscaler(it) => &it.meta,
        Body::Budget(it) => &it.meta,
        Body::Service(it) => &it.meta,
        Body::Ingress(it) => &it.meta,
        Body::NetworkPolicy(it) => &it.meta,
        Body::Node(it) => &it.meta,
        Body::Claim(it) => &it.meta,
        Body::Volume(it) => &it.meta,
        Body::StorageClass(it) => &it.meta,
        Body::Quota(it) => &it.meta,
        Body::LimitRange(it) => &it.meta,
        Body::Webhooks(it) => &it.meta,
        Body::Namespace(it) => &it.meta,
        Body::Config(it) => &it.meta,
        Body::Account(it) => &it.meta,
        Body::Grant(it) => &it.meta,
        Body::Object(it) => &it.meta,
        Body::Endpoints(_)
        | Body::Event(_)
        | Body::Log(_)
        | Body::Measure(_)
        | Body::Measured(_)
        | Body::Alert(_)
        | Body::ScrapeTarget(_)
        | Body::AlertingRule(_) => return None,
    })
}

/// `app=web,tier=front`.
pub(crate) fn labels(labels: &BTreeMap<String, String>) -> String {
    let each: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    each.join(",")
}

/// A label selector as `kubectl` takes it; empty for one that meets everything.
pub(crate) fn selector(selector: &Selector) -> String {
    let mut parts: Vec<String> =
        selector.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    for it in &selector.requirements {
        let values = it.values.join(",");
        parts.push(match it.operator.as_str() {
            "In" => format!("{} in ({values})", it.key),
            "NotIn" => format!("{} notin ({values})", it.key),
            "DoesNotExist" => format!("!{}", it.key),
            _ => it.key.clone(),
        });
    }
    parts.join(",")
}
