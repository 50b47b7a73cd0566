//! The client that a path is asked for: a pod, or a workload whose pods stand for it.

use crate::address;
use crate::translate;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{DAEMON_SETS, DEPLOYMENTS, PODS, STATEFUL_SETS};
use clients::kubernetes::resource::Resource;
use evidence::entity::Entity;
use evidence::fact::Body;
use evidence::fact::spec::PodSpec;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Where a caller is looked for, the first first.
const KINDS: [Resource; 4] = [PODS, DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS];

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who it is.
    pub(crate) entity: Entity,
    /// Its pods' labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its pods' spec.
    pub(crate) spec: PodSpec,
    /// Its addresses; none for a workload, whose pods have different ones.
    pub(crate) addresses: Vec<IpAddr>,
}

/// Checks `namespace/name`, where the name is a pod's or a workload's.
///
/// # Errors
/// One line that names the argument.
pub(crate) fn check(from: &str) -> Result<(&str, &str), Failure> {
    let parts = from.split_once('/');
    let parts = parts.filter(|(namespace, name)| {
        address::check_namespace(namespace).is_ok() && address::check_object("from", name).is_ok()
    });
    parts.ok_or_else(|| {
        Failure::invalid("argument `from` must be namespace/pod or namespace/workload, as shop/web")
    })
}

/// Finds it.
///
/// # Errors
/// Where nothing bears the name, or none of the kinds may be read.
pub(crate) async fn find(client: &Client, from: &str) -> Result<Caller, Failure> {
    let (namespace, name) = check(from)?;
    let mut refused = None;
    for resource in &KINDS {
        let got = client.get::<Value>(resource, Reach::Namespace(namespace), name).await;
        match got.map_err(|refusal| Failure::from(&refusal)) {
            Ok(got) => {
                let body = translate::any(&resource.api_version(), &resource.kind, got.object);
                let body = body.map_err(|error| address::unknown_form(&error))?;
                return Ok(caller(body));
            }
            Err(failure) if failure.code == Code::NotFound => {}
            Err(failure) => {
                refused.get_or_insert(address::with_right(failure, resource));
            }
        }
    }
    if let Some(refused) = refused {
        return Err(refused);
    }
    if let Some(failure) = address::missing_namespace(client, namespace).await {
        return Err(failure);
    }
    let (here, all) = (Reach::Namespace(namespace), ListOptions::default());
    let pods = client.list_metadata(&PODS, here, &all).await.map(|it| it.items).unwrap_or_default();
    let names: Vec<String> = pods.into_iter().filter_map(|it| it.metadata.name).collect();
    Err(Failure {
        code: Code::NotFound,
        message: format!(
            "argument `from`: there is no Pod, Deployment, StatefulSet or DaemonSet {from}"
        ),
        retryable: false,
        hint: offer(name, names.iter().map(String::as_str)),
    })
}

fn caller(body: Body) -> Caller {
    let entity = body.entity();
    let (labels, spec, address) = match body {
        Body::Pod(it) => (it.meta.labels, it.spec, it.address),
        Body::Workload(it) => (it.template_labels, it.template, String::new()),
        _ => Default::default(),
    };
    Caller { entity, labels, spec, addresses: address.parse().into_iter().collect() }
}
