//! What Argo CD did: syncs that are in an Application's history, and its last operation.

use super::{Change, Told, Window, change, fields, writes};
use crate::applications::application::{Application, OperationState, short};
use crate::applications::{self, MOST};
use crate::survey::reading::{Desk, Reading, Trouble};
use crate::translate::meta::meta;
use clients::kubernetes::list::ListOptions;
use clients::kubernetes::reach::Reach;
use clients::kubernetes::resource::Resource;
use mcp::failure::Code;
use tokio::time::timeout_at;

/// Argo CD's own writer of what it saw.
const OWN: &str = "argocd-application-controller";
/// Between a sync and the end of its operation, in seconds.
const TOGETHER: i64 = 120;

/// Where the kind is served; Applications of other namespaces may deploy into this one.
pub(super) async fn read(desk: &Desk, window: Window<'_>) -> Told {
    let served = match timeout_at(desk.deadline, applications::served(&desk.client)).await {
        Ok(served) => served.map_err(Trouble::from),
        Err(_) => Err(Trouble::late()),
    };
    let resource = match served {
        Ok(Some(resource)) => resource,
        Ok(None) => return Told::default(),
        Err(trouble) => {
            let unknown =
                Resource::namespaced("argoproj.io", "v1alpha1", "applications", "Application");
            let reading =
                Reading { trouble: Some(trouble), ..Reading::of(&unknown, Reach::Cluster) };
            return Told { changes: Vec::new(), readings: vec![reading], ..Told::default() };
        }
    };
    let mut told = at(desk, &resource, Reach::Cluster, window).await;
    let is = |code: Code| {
        told.readings.iter().any(|it| it.trouble.as_ref().is_some_and(|it| it.code == code))
    };
    if is(Code::NotFound) {
        // The group is there, of Argo Rollouts or Workflows, and this kind is not.
        return Told::default();
    }
    if is(Code::Forbidden) && window.reach != Reach::Cluster {
        let here = at(desk, &resource, window.reach, window).await;
        told.changes.extend(here.changes);
        told.readings.extend(here.readings);
    }
    told
}

async fn at(desk: &Desk, resource: &Resource, reach: Reach<'_>, window: Window<'_>) -> Told {
    let mut changes = Vec::new();
    let options = ListOptions { at_most: MOST, ..ListOptions::default() };
    let visit = |it: Application| {
        let is_near = match window.reach {
            Reach::Cluster => true,
            Reach::Namespace(namespace) => it.concerns(namespace),
        };
        if is_near {
            changes.extend(of(it, window));
        }
    };
    let reading = desk.each(resource, reach, options, visit).await;
    Told { changes, readings: vec![reading], ..Told::default() }
}

fn of(it: Application, window: Window<'_>) -> Vec<Change> {
    let meta = meta(it.metadata);
    let subject = meta.entity("Application");
    let mut changes = Vec::new();
    for deployed in &it.status.history {
        if let Some(at) = window.holds(deployed.deployed_at) {
            let what = format!("synced to {}", short(&deployed.revision, &deployed.revisions));
            changes.push(change(at, subject.clone(), what, deployed.initiated_by.name()));
        }
    }
    if let Some(state) = &it.status.operation_state {
        let at = window.holds(state.finished_at.or(state.started_at));
        let is_told = |it: &Change| {
            at.is_some_and(|at| (at.as_second() - it.at.as_second()).abs() <= TOGETHER)
        };
        if let Some(at) = at.filter(|_| state.phase != "Succeeded" || !changes.iter().any(is_told))
        {
            changes.push(operation(
                state,
                change(at, subject.clone(), "", state.operation.initiated_by.name()),
            ));
        }
    }
    for (at, touch) in writes(&meta, window).filter(|(_, it)| it.manager != OWN) {
        let what = format!("written{}", fields(touch));
        changes.push(change(at, subject.clone(), what, &touch.manager));
    }
    changes
}

fn operation(state: &OperationState, change: Change) -> Change {
    let result = state.sync_result.as_ref();
    let revision = result.map(|it| short(&it.revision, &it.revisions)).unwrap_or_default();
    let to = if revision.is_empty() { String::new() } else { format!(" to {revision}") };
    let bad = matches!(state.phase.as_str(), "Failed" | "Error");
    let what = match state.phase.as_str() {
        "Succeeded" => format!("synced{to}"),
        "Failed" | "Error" => format!("sync{to} failed"),
        phase => format!("sync{to}: {phase}"),
    };
    let details =
        if bad && !state.message.is_empty() { vec![state.message.clone()] } else { Vec::new() };
    Change { what, details, bad, ..change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(status: serde_json::Value) -> Vec<String> {
        let from = json!({"metadata": {"name": "web", "namespace": "argocd"}, "status": status});
        let window =
            Window { reach: Reach::Cluster, since: "2026-11-02T11:00:00Z".parse().unwrap() };
        let changes = of(serde_json::from_value(from).unwrap(), window);
        changes.iter().map(|it| format!("{} by {}", it.what, it.actor)).collect()
    }

    #[test]
    fn a_sync_is_told_once_with_who_asked_for_it() {
        let said = said(json!({
            "history": [{"revision": "9f31c2e7d0a4b8f6c1e5d7a9b3c2f1e0d4a6b8c7", "deployedAt": "2026-11-02T11:30:00Z",
                "initiatedBy": {"username": "ana"}}, {"revision": "old", "deployedAt": "2026-10-01T00:00:00Z"}],
            "operationState": {"phase": "Succeeded", "startedAt": "2026-11-02T11:29:50Z", "finishedAt": "2026-11-02T11:30:01Z"}}));
        assert_eq!(said, ["synced to 9f31c2e7d0 by argo cd, ana"]);
    }

    #[test]
    fn a_sync_that_failed_is_not_in_the_history() {
        let said =
            said(json!({"operationState": {"phase": "Failed", "startedAt": "2026-11-02T11:30:00Z",
            "operation": {"initiatedBy": {"automated": true}}, "syncResult": {"revision": "v2"}}}));
        assert_eq!(said, ["sync to v2 failed by argo cd, automated"]);
    }
}
