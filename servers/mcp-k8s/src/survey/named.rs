//! A survey of namespaces that were named, with an object in the middle or without.

use super::asked::{self, Centre};
use super::namespace::{self, Place};
use super::reading::{Desk, Reading, Trouble};
use super::record::Record;
use crate::translate::{self, policy};
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads;
use evidence::fact::Body;
use evidence::testimony::Source;
use futures::future::{join, join_all};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;
use mcp::failure::{Code, Failure};
use serde_json::Value;

/// Surveys the namespaces.
///
/// # Errors
/// Where a namespace, or the object in the middle, is not there.
pub(crate) async fn survey(
    desk: &Desk,
    since: Timestamp,
    namespaces: &[String],
    centre: Option<&Centre>,
    record: &mut Record,
) -> Result<(), Failure> {
    let pod = centre.filter(|it| it.resource == reads::PODS).map(|it| it.name.as_str());
    let place = |namespace| Place { namespace, since, asked: pod, known: &[] };
    let themselves = join_all(namespaces.iter().map(|it| itself(desk, it)));
    let all = join_all(namespaces.iter().map(|it| namespace::read(desk, place(it))));
    let nodes = async {
        match desk.plain(&reads::NODES, Reach::Cluster) {
            Some(nodes) => Some(nodes.await),
            None => None,
        }
    };
    let ((themselves, nodes), all) = join(join(themselves, nodes), all).await;
    for (namespace, reading) in namespaces.iter().zip(themselves) {
        if reading.trouble.as_ref().is_some_and(|it| it.code == Code::NotFound) {
            return Err(asked::no_namespace(namespace, &names(desk).await));
        }
        record.add(reading);
    }
    for reading in nodes.into_iter().chain(all.into_iter().flatten()) {
        record.add(reading);
    }
    match centre {
        Some(centre) => find(desk, namespaces, centre, record).await,
        None => Ok(()),
    }
}

/// Reads the namespace's own object. It is no look at all namespaces.
async fn itself(desk: &Desk, namespace: &str) -> Reading {
    let mut reading = Reading::of(&reads::NAMESPACES, Reach::Cluster);
    reading.is_look = false;
    let kind = reads::NAMESPACES;
    let got = desk.client.get::<Namespace>(&kind, Reach::Cluster, namespace);
    match tokio::time::timeout_at(desk.deadline, got).await {
        Ok(Ok(got)) => {
            reading.bodies.push(Body::Namespace(policy::namespace(got.object)));
            reading.source = Some(source(got.path, got.observed_at));
        }
        Ok(Err(refusal)) => reading.trouble = Some(Failure::from(&refusal).into()),
        Err(_) => reading.trouble = Some(Trouble::late()),
    }
    reading
}

fn source(path: String, observed_at: Timestamp) -> Source {
    Source { method: "GET".to_owned(), path, observed_at }
}

/// The namespaces there are, as far as they may be read.
async fn names(desk: &Desk) -> Vec<String> {
    match desk.plain(&reads::NAMESPACES, Reach::Cluster) {
        Some(namespaces) => namespaces.await.bodies.iter().map(|body| body.entity().name).collect(),
        None => Vec::new(),
    }
}

/// Finds the object in the middle among what was read, or reads it where its kind is not part of a survey.
async fn find(
    desk: &Desk,
    namespaces: &[String],
    centre: &Centre,
    record: &mut Record,
) -> Result<(), Failure> {
    let Some(namespace) = namespaces.first() else { return Ok(()) };
    let entity = centre.entity(namespace);
    if record.bodies().any(|body| body.entity() == entity) {
        return Ok(());
    }
    let got = desk.client.get::<Value>(&centre.resource, Reach::Namespace(namespace), &centre.name);
    let mut reading = Reading::of(&centre.resource, Reach::Namespace(namespace));
    reading.is_look = false;
    match tokio::time::timeout_at(desk.deadline, got).await {
        Ok(Ok(got)) => {
            let api_version = centre.resource.api_version();
            match translate::any(&api_version, &centre.resource.kind, got.object) {
                Ok(body) => reading.bodies.push(body),
                Err(error) => reading.trouble = Some(Trouble::unknown_form(&error)),
            }
            reading.source = Some(source(got.path, got.observed_at));
        }
        Err(_) => reading.trouble = Some(Trouble::late()),
        Ok(Err(refusal)) => {
            let failure = Failure::from(&refusal);
            if failure.code == Code::NotFound {
                return Err(centre.missing(namespace, record.bodies()));
            }
            reading.trouble = Some(failure.into());
        }
    }
    record.add(reading);
    Ok(())
}

/// In which namespaces an object of this kind and name is, where nobody said.
///
/// # Errors
/// Where there is none, or several; where they may not be listed, the namespace this identity is at home in is it.
pub(crate) async fn whereabouts(desk: &Desk, centre: &Centre) -> Result<String, Failure> {
    let fields = format!("metadata.name={}", centre.name);
    let options = clients::kubernetes::list::ListOptions { fields, ..Default::default() };
    let listed = desk.client.list_metadata(&centre.resource, Reach::Cluster, &options).await;
    let listed = match listed.map_err(|refusal| Failure::from(&refusal)) {
        Ok(listed) => listed,
        Err(failure) if failure.code == Code::Forbidden => {
            return Ok(desk.client.cluster().namespace.clone());
        }
        Err(failure) => return Err(failure),
    };
    let each = listed.items.into_iter();
    let mut found: Vec<String> = each.filter_map(|it| it.metadata.namespace).collect();
    found.sort();
    match (found.pop(), found.as_slice()) {
        (Some(only), []) => Ok(only),
        (None, _) => Err(Failure {
            code: Code::NotFound,
            message: format!(
                "there is no {} {} in any namespace",
                centre.resource.kind, centre.name
            ),
            retryable: false,
            hint: "name its namespace in `namespaces`, or survey without `workload`".to_owned(),
        }),
        (Some(last), others) => Err(Failure::invalid(format!(
            "argument `namespaces` must say which {} {}: it is in {} and {last}",
            centre.resource.kind,
            centre.name,
            others.join(", ")
        ))),
    }
}
