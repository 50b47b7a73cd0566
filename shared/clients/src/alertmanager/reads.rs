//! What is read of Alertmanager: the allow-list is made from this table.

use http::Method;
use readonly::allow::{AllowList, Read};

/// Alerts with what silences or inhibits them.
pub(crate) const ALERTS: &str = "/api/v2/alerts";
/// Silences. The path to take one away has an id more, and another method.
pub(crate) const SILENCES: &str = "/api/v2/silences";
/// Version, cluster and configuration.
pub(crate) const STATUS: &str = "/api/v2/status";

/// All paths that are read, each by GET, and what for.
pub const TABLE: &[(&str, &str)] = &[
    (ALERTS, "alerts, and what silences or inhibits them"),
    (SILENCES, "silences"),
    (STATUS, "version, cluster, and the inhibition rules in its configuration"),
];

/// Everything that may be sent. What cannot stand on such a list is not on it, and so not sent.
pub(crate) fn allow_list() -> AllowList {
    let read = |row: &(&str, &str)| Read::new(Method::GET, row.0).ok();
    AllowList::new(TABLE.iter().filter_map(read).collect())
}
