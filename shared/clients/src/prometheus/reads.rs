//! What is read of Prometheus: the allow-list is made from this table. Nothing of `/-/` and of `/api/v1/admin` is on it.

use http::Method;
use readonly::allow::{AllowList, Read};

/// A query at one moment.
pub(crate) const QUERY: &str = "/api/v1/query";
/// A query over time.
pub(crate) const QUERY_RANGE: &str = "/api/v1/query_range";
/// The names of labels.
pub(crate) const LABELS: &str = "/api/v1/labels";
/// Type, unit and help of metrics.
pub(crate) const METADATA: &str = "/api/v1/metadata";
/// What is scraped.
pub(crate) const TARGETS: &str = "/api/v1/targets";
/// Rules, and the alerts that they raised.
pub(crate) const RULES: &str = "/api/v1/rules";
/// Alerts alone.
pub(crate) const ALERTS: &str = "/api/v1/alerts";
/// The version.
pub(crate) const BUILD: &str = "/api/v1/status/buildinfo";
/// Retention, and how the last reload went.
pub(crate) const RUNTIME: &str = "/api/v1/status/runtimeinfo";
/// What takes room in the database.
pub(crate) const DATABASE: &str = "/api/v1/status/tsdb";

/// A request that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The method. A POST carries a question as a form, as it may be longer than an address.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// What it is read for.
    pub why: &'static str,
}

/// All requests that are sent.
pub const TABLE: &[Row] = &[
    Row { method: "POST", path: QUERY, why: "a query at one moment" },
    Row { method: "POST", path: QUERY_RANGE, why: "a query over time" },
    Row { method: "POST", path: LABELS, why: "names of labels" },
    Row { method: "GET", path: "/api/v1/label/{name}/values", why: "values of a label" },
    Row { method: "GET", path: METADATA, why: "type, unit and help of metrics" },
    Row { method: "GET", path: TARGETS, why: "what is scraped, and what is not" },
    Row { method: "GET", path: RULES, why: "rules, and how their evaluation went" },
    Row { method: "GET", path: ALERTS, why: "alerts that are pending or firing" },
    Row { method: "GET", path: BUILD, why: "the version" },
    Row {
        method: "GET",
        path: RUNTIME,
        why: "retention, and the last reload of the configuration",
    },
    Row { method: "GET", path: DATABASE, why: "what takes room in the database" },
];

/// Everything that may be sent. What cannot stand on such a list is not on it, and so not sent.
pub(crate) fn allow_list() -> AllowList {
    let read =
        |row: &Row| Read::new(Method::from_bytes(row.method.as_bytes()).ok()?, row.path).ok();
    AllowList::new(TABLE.iter().filter_map(read).collect())
}
