//! ConfigMaps and Namespaces that were made or written, by their metadata alone, and Helm releases, which are kept in
//! ConfigMaps or in Secrets.

use super::{Change, Told, Window, change, fields, helm, maker, writes};
use crate::server::NAME;
use crate::survey::reading::{Desk, Trouble};
use crate::translate::access;
use crate::translate::meta::meta;
use clients::kubernetes::list::Metadata;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::reads::{CONFIG_MAPS, HELM, NAMESPACES, SECRETS};
use evidence::fact::Body;
use evidence::fact::meta::Meta;
use evidence::testimony::Gap;
use mcp::failure::{Code, Failure};
use tokio::time::timeout_at;

/// Every namespace has one from its beginning.
const OF_EVERY_NAMESPACE: [&str; 2] = ["kube-root-ca.crt", "openshift-service-ca.crt"];

/// What is said where Secrets may not be listed.
const DENIED: &str = "Helm releases in Secrets are not read, as it should be: helm_release_history of mcp-helm tells of them";

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
        let config = access::config_known_by_name("ConfigMap", it.metadata);
        let found = of("ConfigMap", &config.meta, window);
        if !found.is_empty() {
            changes.extend(found);
            bodies.push(Body::Config(config));
        }
    };
    let mut reading = desk.metadata(&CONFIG_MAPS, window.reach, "", visit).await;
    reading.bodies = bodies;
    Told { changes, readings: vec![reading], ..Told::default() }
}

/// What Namespaces tell: a label of one may decide what is let into it, or put into its pods.
pub(super) async fn namespaces(desk: &Desk, window: Window<'_>) -> Told {
    let mut changes = Vec::new();
    let visit = |it: Metadata| {
        let meta = meta(it.metadata);
        if window.reach == Reach::Cluster || window.reach.namespace() == meta.name {
            changes.extend(of("Namespace", &meta, window));
        }
    };
    let reading = desk.metadata(&NAMESPACES, Reach::Cluster, "", visit).await;
    Told { changes, readings: vec![reading], ..Told::default() }
}

fn of(kind: &str, meta: &Meta, window: Window<'_>) -> Vec<Change> {
    let entity = || meta.entity(kind);
    let mut changes = Vec::new();
    if let Some(at) = window.holds(meta.created) {
        changes.push(change(at, entity(), "created", maker(meta)));
    }
    for (at, touch) in writes(meta, window) {
        let what = format!("written{}", fields(touch));
        changes.push(change(at, entity(), what, &touch.manager));
    }
    if let Some(at) = window.holds(meta.deleted) {
        changes.push(change(at, entity(), "is being deleted", ""));
    }
    changes
}

/// Helm releases kept in Secrets, where our identity may list those: it is asked first, for a denied list of Secrets looks
/// like an attack to who reads the audit log. Where it may not, that is as it should be, and no gap.
pub(super) async fn releases(desk: &Desk, window: Window<'_>) -> Told {
    let resource = SECRETS;
    let access = desk.client.may("list", &resource, "", window.reach);
    let access = match timeout_at(desk.deadline, access).await {
        Ok(access) => access.map_err(|refusal| Trouble::from(Failure::from(&refusal))),
        Err(_) => Err(Trouble::late()),
    };
    let denied = || Told { notes: vec![DENIED.to_owned()], ..Told::default() };
    match access {
        Ok(access) if access.allowed => {}
        Ok(_) => return denied(),
        Err(trouble) => {
            let what = "Helm releases in Secrets".to_owned();
            let remedy = "helm_release_history of mcp-helm tells of them".to_owned();
            let gap = Gap { server: NAME.to_owned(), what, why: trouble.why, remedy };
            return Told { gaps: vec![gap], ..Told::default() };
        }
    }
    let mut changes = Vec::new();
    let visit = |it: Metadata| {
        let release = helm::release(&it.metadata);
        changes.extend(release.into_iter().flat_map(|it| helm::changes(&it, window)));
    };
    let reading = desk.metadata(&resource, window.reach, HELM, visit).await;
    if reading.trouble.as_ref().is_some_and(|it| it.code == Code::Forbidden) {
        return denied();
    }
    Told { changes, readings: vec![reading], ..Told::default() }
}
