//! The pods whose logs are asked for: one by name, those of a workload, or those with certain labels.

use crate::address::{Address, check_object, kind, with_right};
use crate::cells::{labels, selector};
use crate::translate;
use crate::unwell;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::PODS;
use evidence::fact::Body;
use evidence::fact::pod::Pod;
use mcp::failure::{Code, Failure};

/// Pods that are read to choose from.
const MOST_READ: usize = 500;
/// Pods that are listened to: those that are not well, then the youngest.
const MOST_HEARD: usize = 5;

/// Which pods.
pub(crate) enum Asked {
    /// This one.
    Pod(String),
    /// Those of a workload, as `deployment/web`.
    Workload(String),
    /// Those with these labels.
    Labels(String),
}

/// The pods chosen, and how many there are in all.
pub(crate) struct Chosen {
    /// Those worth listening to.
    pub(crate) pods: Vec<Pod>,
    /// All that fit.
    pub(crate) all: usize,
}

/// Finds the pods.
///
/// # Errors
/// Where there are none, or they may not be read.
pub(crate) async fn find(
    client: &Client,
    namespace: &str,
    asked: &Asked,
) -> Result<Chosen, Failure> {
    let labels = match asked {
        Asked::Pod(name) => return one(client, namespace, name).await,
        Asked::Workload(workload) => match of_workload(client, namespace, workload).await? {
            Body::Pod(pod) => return Ok(Chosen { pods: vec![pod], all: 1 }),
            body => selector_of(&body)?,
        },
        Asked::Labels(labels) => labels.clone(),
    };
    let options = ListOptions { labels, at_most: MOST_READ, ..ListOptions::default() };
    let listed = client.list(&PODS, Reach::Namespace(namespace), &options).await;
    let listed = listed.map_err(|refusal| with_right(Failure::from(&refusal), &PODS))?;
    let mut pods: Vec<Pod> = listed.items.into_iter().map(translate::pod::pod).collect();
    let all = pods.len();
    if pods.is_empty() {
        return Err(none(client, namespace, &options.labels).await);
    }
    let now = client.now();
    pods.sort_by_cached_key(|pod| {
        let well = unwell::why(&Body::Pod(pod.clone()), now).is_none();
        (well, std::cmp::Reverse(pod.meta.created), pod.meta.name.clone())
    });
    pods.truncate(MOST_HEARD);
    Ok(Chosen { pods, all })
}

async fn one(client: &Client, namespace: &str, name: &str) -> Result<Chosen, Failure> {
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    match (Address { resource: PODS, namespace, name }).get(client).await?.body {
        Body::Pod(pod) => Ok(Chosen { pods: vec![pod], all: 1 }),
        _ => Ok(Chosen { pods: Vec::new(), all: 0 }),
    }
}

async fn of_workload(client: &Client, namespace: &str, workload: &str) -> Result<Body, Failure> {
    let Some((word, name)) = workload.split_once('/') else {
        return Err(Failure::invalid(
            "argument `workload` must be KIND/NAME, such as deployment/web",
        ));
    };
    check_object("workload", name)?;
    let resource = kind(client, "workload", word).await?;
    let at = Address { resource, namespace: namespace.to_owned(), name: name.to_owned() };
    Ok(at.get(client).await?.body)
}

/// The labels of the pods behind an object.
fn selector_of(body: &Body) -> Result<String, Failure> {
    let labels = match body {
        Body::Workload(it) => selector(&it.selector),
        Body::Revision(it) => labels(&it.template_labels),
        Body::Job(it) => format!("job-name={}", it.meta.name),
        Body::Service(it) => labels(&it.selector),
        _ => String::new(),
    };
    if labels.is_empty() {
        return Err(Failure::invalid(format!(
            "argument `workload`: {} selects no pods; valid: a deployment, statefulset, daemonset, replicaset, job, service or pod",
            body.entity()
        )));
    }
    Ok(labels)
}

async fn none(client: &Client, namespace: &str, labels: &str) -> Failure {
    if let Some(failure) = crate::address::missing_namespace(client, namespace).await {
        return failure;
    }
    Failure {
        code: Code::NotFound,
        message: format!("there is no pod with {labels} in namespace {namespace}"),
        retryable: false,
        hint: format!(
            "k8s_get_resources(resource_type=pods, namespace={namespace}) shows which there are"
        ),
    }
}
