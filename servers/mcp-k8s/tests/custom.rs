//! Custom kinds in a survey: read where their group is served, a gap where they are denied, nothing where they are not.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use evidence::fact::Body;
use evidence::testimony::Testimony;
use mcp::client::Specialist;
use mcp_k8s::server::Kubernetes;
use mcp_k8s::tools;
use replay::snapshot::Snapshot;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Far more than any call takes.
const TIMEOUT: Duration = Duration::from_secs(30);

async fn survey(folder: &str) -> Testimony {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let snapshot = Arc::new(Snapshot::load(&folder).unwrap());
    let (cluster, now) = (snapshot.about.cluster.clone(), snapshot.about.captured_at);
    let wire = Arc::new(replay::kubernetes::Kubernetes::of(snapshot));
    let kubernetes = Kubernetes::replaying(wire, &cluster, now);
    let server = Specialist::in_memory(tools::server(Arc::new(kubernetes))).await.unwrap();
    let arguments = json!({"namespaces": ["shop"]}).as_object().unwrap().clone();
    let stop = CancellationToken::new();
    let reply = server.call("k8s_survey", arguments, true, TIMEOUT, &stop).await.unwrap();
    reply.testimony.unwrap()
}

#[tokio::test]
async fn an_experiment_in_another_namespace_is_seen_with_its_conditions() {
    let testimony = survey("custom").await;
    let object = testimony.facts.iter().find_map(|fact| match &fact.body {
        Body::Object(object) if object.kind == "NetworkChaos" => Some(object),
        _ => None,
    });
    let object = object.unwrap();
    assert_eq!(object.meta.namespace, "chaos");
    assert_eq!(object.conditions[0].kind, "AllInjected");
    assert_eq!(object.fields["status.experiment.containerRecords[0].id"], "shop/cart-1");
    assert_eq!(object.fields["spec.selector.labelSelectors.app"], "cart");
}

#[tokio::test]
async fn what_is_served_and_denied_is_a_gap_and_what_its_group_lacks_is_none() {
    let testimony = survey("custom").await;
    let missed = |plural: &str| testimony.gaps.iter().any(|gap| gap.what.contains(plural));
    assert!(missed("certificates"), "{:?}", testimony.gaps);
    assert!(!missed("podchaos") && !missed("scaledobjects"), "{:?}", testimony.gaps);
}

#[tokio::test]
async fn a_cluster_without_custom_kinds_costs_one_request_more() {
    let testimony = survey("snapshot").await;
    // A list that is denied is a request too, and no source.
    let reads = u64::try_from(testimony.sources.len() + testimony.gaps.len()).unwrap();
    let further = testimony.cost.upstream_requests - reads;
    assert_eq!(further, 1, "{:?}", testimony.gaps);
    assert!(!testimony.looks.iter().any(|look| look.kind == "Certificate"));
}
