//! What is read of Grafana: the allow-list is made from this table. Nothing of its proxies, and no query of a data source.

use http::Method;
use readonly::allow::{AllowList, Read};

/// Version, and whether its own database answers.
pub(crate) const HEALTH: &str = "/api/health";
/// The organisation that the identity is in.
pub(crate) const ORGANISATION: &str = "/api/org";
/// Which versions of the newer API there are.
pub(crate) const GROUP: &str = "/apis/dashboard.grafana.app";
/// Search, in the older form.
pub(crate) const SEARCH: &str = "/api/search";
/// A dashboard by its uid, in the older form.
pub(crate) const DASHBOARD: &str = "/api/dashboards/uid";
/// Data sources.
pub(crate) const DATASOURCES: &str = "/api/datasources";
/// Plugins that are installed.
pub(crate) const PLUGINS: &str = "/api/plugins";
/// Alert rules with their states.
pub(crate) const RULES: &str = "/api/prometheus/grafana/api/v1/rules";
/// Alert rules as they were written.
pub(crate) const DEFINITIONS: &str = "/api/v1/provisioning/alert-rules";
/// Annotations.
pub(crate) const ANNOTATIONS: &str = "/api/annotations";

/// All paths that are read, each by GET, and what for.
pub const TABLE: &[(&str, &str)] = &[
    (HEALTH, "version"),
    (ORGANISATION, "the namespace that the newer API keeps the organisation in"),
    (GROUP, "which versions of the newer API there are"),
    (SEARCH, "dashboards by title, tag and folder"),
    ("/apis/dashboard.grafana.app/v0alpha1/namespaces/{namespace}/search", "the same, newer"),
    ("/api/dashboards/uid/{uid}", "a dashboard"),
    (
        "/apis/dashboard.grafana.app/{version}/namespaces/{namespace}/dashboards/{uid}",
        "the same, newer",
    ),
    (DATASOURCES, "data sources, without their secrets"),
    (PLUGINS, "whether a panel's plugin is there"),
    (RULES, "alert rules with their states"),
    (DEFINITIONS, "alert rules where their states may not be read"),
    (ANNOTATIONS, "annotations"),
];

/// Everything that may be sent. What cannot stand on such a list is not on it, and so not sent.
pub(crate) fn allow_list() -> AllowList {
    let read = |row: &(&str, &str)| Read::new(Method::GET, row.0).ok();
    AllowList::new(TABLE.iter().filter_map(read).collect())
}
