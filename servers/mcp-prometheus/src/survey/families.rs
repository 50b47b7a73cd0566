//! The one table of signals: which metrics tell each, and the query for it.
//!
//! Families are those that clusters commonly have: kube-state-metrics, cAdvisor, node exporter, kubelet, blackbox exporter,
//! Istio, OpenTelemetry, Micrometer, client libraries' own, CoreDNS, etcd, the API server, cert-manager, pools, databases.

mod plain;

use self::plain::PLAIN;
use super::subject::{About, WORKLOAD};
use evidence::fact::metric::Signal;

/// One way to read a signal.
pub(crate) struct Row {
    pub(crate) signal: Signal,
    /// Metrics that must be there.
    pub(crate) needs: Vec<&'static str>,
    /// The query; `$` stands for the matcher of namespaces.
    pub(crate) query: String,
    /// The label that says which namespace.
    space: &'static str,
    pub(crate) about: About,
    /// What makes our unit of its.
    pub(crate) scale: f64,
}

impl Row {
    /// The query over namespaces; over all where there are none.
    pub(crate) fn over(&self, namespaces: &[String]) -> String {
        let matcher = match namespaces {
            [] => format!("{}!=\"\"", self.space),
            some => format!("{}=~\"{}\"", self.space, some.join("|")),
        };
        self.query.replace('$', &matcher).replace("<<", "label_replace(").replace(">>", &owner())
    }
}

/// What Kubernetes makes names of: no vowels, so that they spell nothing, and nothing that looks like another letter.
const MADE: &str = "[bcdfghjklmnpqrstvwxz2456789]";

/// The workload in a pod's name: without what a ReplicaSet, DaemonSet or StatefulSet puts behind. A word of the workload's own
/// name is no such part: `x7k2p` is one, `collector` is none.
fn owner() -> String {
    format!(
        ", \"{WORKLOAD}\", \"$1\", \"pod\", \"(.+?)(?:-{MADE}{{6,10}}-{MADE}{{5}}|-{MADE}{{5}}|-[0-9]+)\")"
    )
}

/// Rows by what our own labels tell.
const OWN: &str = "namespace, workload, service, job";
const MESH: &str = "destination_workload_namespace, destination_workload";
const CALLS: &str = "source_workload_namespace, source_workload, destination_workload_namespace, destination_workload";

/// A family of metrics about requests.
pub(crate) struct Requests {
    /// Where it comes from.
    pub(crate) family: &'static str,
    /// Counts them.
    pub(crate) count: &'static str,
    /// Matchers of those that failed, one for each of the labels that say so.
    pub(crate) failed: &'static [&'static str],
    /// How long they took; empty where that is not told.
    pub(crate) buckets: &'static str,
    scale: f64,
    only: &'static str,
    space: &'static str,
    by: &'static str,
    about: About,
}

const HTTP: Requests = Requests {
    family: "HTTP",
    count: "http_requests_total",
    failed: &["code=~\"5..\"", "status=~\"5..\"", "status_code=~\"5..\""],
    buckets: "http_request_duration_seconds_bucket",
    scale: 1.0,
    only: "",
    space: "namespace",
    by: OWN,
    about: About::Serving(""),
};

/// Those of requests, the most telling first.
pub(crate) const REQUESTS: &[Requests] = &[
    Requests {
        family: "Istio",
        count: "istio_requests_total",
        failed: &["response_code=~\"5..|0\""],
        buckets: "istio_request_duration_milliseconds_bucket",
        scale: 0.001,
        only: "reporter=\"destination\",",
        space: "destination_workload_namespace",
        by: MESH,
        about: About::MeshServing,
    },
    Requests {
        family: "Istio",
        count: "istio_requests_total",
        failed: &["response_code=~\"5..|0\""],
        buckets: "istio_request_duration_milliseconds_bucket",
        scale: 0.001,
        only: "reporter=\"source\",",
        space: "source_workload_namespace",
        by: CALLS,
        about: About::MeshCalling,
    },
    Requests {
        family: "OpenTelemetry",
        count: "http_server_request_duration_seconds_count",
        failed: &["http_response_status_code=~\"5..\""],
        buckets: "http_server_request_duration_seconds_bucket",
        ..HTTP
    },
    Requests {
        family: "Spring",
        count: "http_server_requests_seconds_count",
        failed: &["status=~\"5..\""],
        buckets: "http_server_requests_seconds_bucket",
        ..HTTP
    },
    Requests {
        family: "OpenTelemetry",
        count: "http_client_request_duration_seconds_count",
        failed: &["http_response_status_code=~\"5..\"", "error_type!=\"\""],
        buckets: "http_client_request_duration_seconds_bucket",
        by: "namespace, workload, service, job, server_address",
        about: About::Calling("server_address"),
        ..HTTP
    },
    Requests {
        family: "Spring",
        count: "http_client_requests_seconds_count",
        failed: &["status=~\"5..|IO_ERROR|CLIENT_ERROR\""],
        buckets: "http_client_requests_seconds_bucket",
        by: "namespace, workload, service, job, client_name",
        about: About::Calling("client_name"),
        ..HTTP
    },
    Requests {
        family: "OpenTelemetry RPC",
        count: "rpc_server_duration_milliseconds_count",
        failed: &["rpc_grpc_status_code=~\"2|4|8|13|14|15\""],
        buckets: "rpc_server_duration_milliseconds_bucket",
        scale: 0.001,
        ..HTTP
    },
    Requests {
        family: "gRPC",
        count: "grpc_server_handled_total",
        failed: &[
            "grpc_code=~\"Unknown|DeadlineExceeded|ResourceExhausted|Internal|Unavailable|DataLoss\"",
        ],
        buckets: "grpc_server_handling_seconds_bucket",
        ..HTTP
    },
    HTTP,
];

impl Requests {
    /// Whether they are those that a workload serves, and not those that it makes.
    pub(crate) fn are_served(&self) -> bool {
        matches!(self.about, About::Serving(_) | About::MeshServing)
    }

    /// The rate of one of its metrics; `more` is empty, or further matchers that end in a comma.
    pub(crate) fn rate(&self, metric: &str, more: &str) -> String {
        format!("rate({metric}{{{}{more}$}}[5m])", self.only)
    }

    fn rows(&self) -> Vec<Row> {
        let Requests { count, by, .. } = self;
        let rate = |more: &str| {
            let inner = self.rate(count, more);
            let inner =
                if self.by.starts_with("namespace") { format!("<<{inner}>>") } else { inner };
            format!("sum by ({by}) ({inner})")
        };
        let all = rate("");
        let failed: Vec<String> = self.failed.iter().map(|it| rate(&format!("{it},"))).collect();
        // Where nothing failed there is no series to divide: none is zero.
        let errors = format!("({} or {all} * 0) / ({all} > 0)", failed.join(" or "));
        let row = |signal, query, needs: &[&'static str], scale| Row {
            signal,
            needs: needs.to_vec(),
            query,
            space: self.space,
            about: self.about,
            scale,
        };
        let mut rows = vec![
            row(Signal::RequestRate, all, &[count], 1.0),
            row(Signal::ErrorRatio, errors, &[count], 1.0),
        ];
        if !self.buckets.is_empty() {
            let inner = self.rate(self.buckets, "");
            let inner = if by.starts_with("namespace") { format!("<<{inner}>>") } else { inner };
            let query = format!("histogram_quantile(0.99, sum by (le, {by}) ({inner}))");
            rows.push(row(Signal::LatencyP99, query, &[self.buckets], self.scale));
        }
        if matches!(self.about, About::Serving(_)) {
            // Of each pod of a workload, as the labels of its own target tell.
            let pods = format!("sum by (namespace, workload, pod) (<<{}>>)", self.rate(count, ""));
            // One pod alone gets all, and that is even.
            let even = format!(
                "avg by (namespace, workload) ({pods}) > 0 unless count by (namespace, workload) ({pods}) == 1"
            );
            let query = format!("{pods} / on (namespace, workload) group_left () ({even})");
            let about = About::Container;
            rows.push(Row { about, ..row(Signal::LoadOfEven, query, &[count], 1.0) });
        }
        rows
    }
}

/// Every row. Of rows that tell the same of one object, the first counts.
pub(crate) fn all() -> Vec<Row> {
    let mut rows: Vec<Row> = REQUESTS.iter().flat_map(Requests::rows).collect();
    rows.extend(PLAIN.iter().map(|(signal, needs, query, about)| Row {
        signal: *signal,
        needs: needs.to_vec(),
        query: (*query).to_owned(),
        space: match about {
            About::MeshServing => "destination_workload_namespace",
            _ => "namespace",
        },
        about: *about,
        scale: 1.0,
    }));
    rows
}

#[cfg(test)]
mod tests {
    use super::all;
    use clients::prometheus::connection::Prometheus;
    use replay::snapshot::Snapshot;
    use std::path::Path;
    use std::sync::Arc;

    /// Every query, over one namespace, some and all, as it may be sent where matchers are enforced.
    #[test]
    fn every_row_can_be_asked_where_matchers_are_enforced() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshot");
        let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
        let wire = Arc::new(replay::prometheus::Prometheus::of(snapshot));
        let enforced = "namespace=\"shop\"".parse().unwrap();
        let client = Prometheus::over(wire, Some(enforced), Arc::new(jiff::Timestamp::now));
        for row in all() {
            for namespaces in [vec![], vec!["shop".to_owned()], vec!["a".to_owned(), "b".into()]] {
                let query = row.over(&namespaces);
                let expression = client.expression(&query);
                let tree = expression.as_ref().map(|it| it.tree().is_some());
                assert_eq!(tree, Ok(true), "{:?}: {query}", row.signal);
            }
        }
        for known in crate::signals::known() {
            for query in &known.queries {
                let query = query.replace('$', "namespace=\"shop\"");
                assert!(client.expression(&query).is_ok(), "{query}");
            }
        }
    }
}
