//! ConfigMaps that were made or written, by their metadata alone, and Helm releases, which are kept in them or in Secrets.

use super::{Change, Told, Window, change, fields, helm, maker, writes};
use crate::survey::reading::Desk;
use crate::translate::access;
use clients::kubernetes::list::Metadata;
use clients::kubernetes::reads::{CONFIG_MAPS, HELM, SECRETS};
use evidence::fact::Body;
use mcp::failure::{Code, Failure};

/// Every namespace has one from its beginning.
const OF_EVERY_NAMESPACE: [&str; 2] = ["kube-root-ca.crt", "openshift-service-ca.crt"];

/// What ConfigMaps tell, Helm releases kept in them among it.
pub(super) async fn config_maps(desk: &Desk, window: Window<'_>) -> Told {
    let mut changes = Vec::new();
    let mut bodies = Vec::new();
    let visit = |it: Metadata| {
        if let Some(release) = helm::release(&it.metadata) {
            changes.extend(helm::changes(&release, window));
            return;
        }
        if it.metadata.name.as_deref().is_some_and(|it| OF_EVERY_NAMESPACE.contains(&it)) {
            return;
        }
        let body = Body::Config(access::config_known_by_name("ConfigMap", it.metadata));
        let found = of(&body, window);
        if !found.is_empty() {
            changes.extend(found);
            bodies.push(body);
        }
    };
    let mut reading = desk.metadata(&CONFIG_MAPS, window.reach, "", visit).await;
    reading.bodies = bodies;
    Told { changes, readings: vec![reading] }
}

fn of(body: &Body, window: Window<'_>) -> Vec<Change> {
    let Body::Config(config) = body else { return Vec::new() };
    let mut changes = Vec::new();
    if let Some(at) = window.holds(config.meta.created) {
        changes.push(change(at, body.entity(), "created", maker(&config.meta)));
    }
    for (at, touch) in writes(&config.meta, window) {
        let what = format!("written{}", fields(touch));
        changes.push(change(at, body.entity(), what, &touch.manager));
    }
    if let Some(at) = window.holds(config.meta.deleted) {
        changes.push(change(at, body.entity(), "is being deleted", ""));
    }
    changes
}

/// Helm releases kept in Secrets, where our identity may list those: it is asked first, for a denied list of Secrets looks
/// like an attack to who reads the audit log.
///
/// # Errors
/// Why none could be seen.
pub(super) async fn releases(desk: &Desk, window: Window<'_>) -> Result<Told, String> {
    let access = desk.client.may("list", &SECRETS, "", window.reach).await;
    let access = access.map_err(|refusal| Failure::from(&refusal).message)?;
    let denied = "this identity may not list Secrets, as it should be";
    if !access.allowed {
        return Err(denied.to_owned());
    }
    let mut changes = Vec::new();
    let visit = |it: Metadata| {
        let release = helm::release(&it.metadata);
        changes.extend(release.into_iter().flat_map(|it| helm::changes(&it, window)));
    };
    let reading = desk.metadata(&SECRETS, window.reach, HELM, visit).await;
    if reading.trouble.as_ref().is_some_and(|it| it.code == Code::Forbidden) {
        return Err(denied.to_owned());
    }
    Ok(Told { changes, readings: vec![reading] })
}
