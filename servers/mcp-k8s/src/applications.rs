//! Applications of Argo CD: the kind as it is served, one by its name, and all of them.

pub(crate) mod application;
pub(crate) mod drift;

use crate::address::{check_namespace, check_object, with_right};
use application::Application;
use clients::kubernetes::connection::Kubernetes as Client;
use clients::kubernetes::list::{ListOptions, Walk};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use evidence::testimony::Source;
use mcp::failure::{Code, Failure};
use mcp::nearest::offer;
use serde_json::Value;
use std::borrow::Cow;

/// Where Argo CD's kinds are.
const GROUP: &str = "argoproj.io";
/// Names that are read to offer the nearest of them, and Applications that are listed.
pub(crate) const MOST: usize = 2_000;

/// One Application, and the read.
pub(crate) struct Found {
    /// As it is written.
    pub(crate) value: Value,
    /// What we read of it.
    pub(crate) application: Application,
    /// The read.
    pub(crate) source: Source,
    /// Its kind.
    pub(crate) resource: Resource,
}

/// The kind as the cluster serves it; none where it does not.
///
/// # Errors
/// Where nobody could tell.
pub(crate) async fn served(client: &Client) -> Result<Option<Resource>, Failure> {
    let groups = client.served_groups().await.map_err(|refusal| Failure::from(&refusal))?;
    Ok(groups.preferred.get(GROUP).map(|version| Resource {
        group: Cow::Borrowed(GROUP),
        version: version.clone().into(),
        plural: Cow::Borrowed("applications"),
        kind: Cow::Borrowed("Application"),
        namespaced: true,
    }))
}

/// The kind, for a question that makes no sense without it.
///
/// # Errors
/// Where it is not served, or nobody could tell.
pub(crate) async fn required(client: &Client) -> Result<Resource, Failure> {
    served(client).await?.ok_or_else(|| Failure {
        code: Code::NotFound,
        message: "the cluster does not serve applications.argoproj.io".to_owned(),
        retryable: false,
        hint: "Argo CD is installed elsewhere: ask the cluster that it runs in".to_owned(),
    })
}

/// The Application of this name, in whichever namespace it is.
///
/// # Errors
/// Where there is none, with the nearest names, or there are several; where they may not be read.
pub(crate) async fn find(
    client: &Client,
    name: &str,
    namespace: Option<&str>,
) -> Result<Found, Failure> {
    check_object("name", name)?;
    if let Some(namespace) = namespace {
        check_namespace(namespace)?;
    }
    let resource = required(client).await?;
    let reach = namespace.map_or(Reach::Cluster, Reach::Namespace);
    let options = ListOptions { fields: format!("metadata.name={name}"), ..ListOptions::default() };
    let listed = client.list::<Value>(&resource, reach, &options).await;
    let listed = listed.map_err(|refusal| with_right(Failure::from(&refusal), &resource))?;
    let source = source(&listed.walk);
    let mut found = listed.items;
    match found.len() {
        1 => {}
        0 => return Err(missing(client, &resource, reach, name).await),
        _ => {
            let namespaces = found.iter().filter_map(|it| it.pointer("/metadata/namespace"));
            let namespaces: Vec<&str> = namespaces.filter_map(Value::as_str).collect();
            return Err(Failure::invalid(format!(
                "argument `namespace` must say which Application {name}: there is one in {}",
                namespaces.join(", ")
            )));
        }
    }
    let value = found.pop().unwrap_or_default();
    let application = serde_json::from_value(value.clone()).map_err(|error| Failure {
        code: Code::UpstreamError,
        message: format!("Application {name} is in a form that we do not know: {error}"),
        retryable: false,
        hint: "k8s_get_resource_yaml shows it as it is".to_owned(),
    })?;
    Ok(Found { value, application, source, resource })
}

async fn missing(client: &Client, resource: &Resource, reach: Reach<'_>, name: &str) -> Failure {
    let options = ListOptions { at_most: MOST, ..ListOptions::default() };
    let listed = client.list_metadata(resource, reach, &options).await;
    let items = listed.map(|listed| listed.items).unwrap_or_default();
    let names: Vec<String> = items.into_iter().filter_map(|it| it.metadata.name).collect();
    Failure {
        code: Code::NotFound,
        message: format!("there is no Application {name}"),
        retryable: false,
        hint: offer(name, names.iter().map(String::as_str)),
    }
}

/// The read behind a list.
pub(crate) fn source(walk: &Walk) -> Source {
    Source { method: "GET".to_owned(), path: walk.path.clone(), observed_at: walk.observed_at }
}
