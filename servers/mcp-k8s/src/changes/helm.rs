//! Helm releases, by the labels of the Secrets and ConfigMaps that Helm keeps them in.

use super::{Change, Window, change};
use clients::kubernetes::release::Labelled;
use evidence::entity::Entity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// One revision of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Release {
    namespace: String,
    told: Labelled,
    actor: String,
}

/// The release that an object keeps; none where it is another object.
pub(super) fn release(from: &ObjectMeta) -> Option<Release> {
    let told = Labelled::of(from)?;
    let touches = from.managed_fields.iter().flatten();
    Some(Release {
        namespace: from.namespace.clone().unwrap_or_default(),
        told,
        actor: touches.filter_map(|it| it.manager.clone()).next_back().unwrap_or_default(),
    })
}

/// What happened to it: that it was made, and what became of it later.
pub(super) fn changes(it: &Release, window: Window<'_>) -> Vec<Change> {
    let subject = Entity::new("Release", &it.namespace, &it.told.release);
    let (number, status) = (it.told.revision, it.told.status.as_str());
    let is_bad = status == "failed" || status.starts_with("pending");
    if let Some(at) = window.holds(it.told.created) {
        let what = match status {
            "superseded" => format!("revision {number}, superseded since"),
            status => format!("revision {number}, {status}"),
        };
        return vec![Change { bad: is_bad, ..change(at, subject, what, &it.actor) }];
    }
    match window.holds(it.told.modified) {
        // The revision that took its place has a row.
        Some(at) if status != "superseded" => {
            let what = format!("revision {number} is {status} now");
            vec![Change { bad: is_bad, ..change(at, subject, what, &it.actor) }]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clients::kubernetes::reach::Reach;
    use serde_json::json;

    fn said(status: &str, made: &str) -> Vec<String> {
        let from = json!({"name": "sh.helm.release.v1.web.v4", "namespace": "shop", "creationTimestamp": made,
            "labels": {"owner": "helm", "name": "web", "version": "4", "status": status, "modifiedAt": "1793620800"},
            "managedFields": [{"manager": "helm", "operation": "Update"}]});
        let release = release(&serde_json::from_value(from).unwrap()).unwrap();
        // 1793620800 is noon of the same day.
        let since = "2026-11-02T11:00:00Z".parse().unwrap();
        let window = Window { reach: Reach::Cluster, since };
        changes(&release, window)
            .iter()
            .map(|it| format!("{} {} {}", it.what, it.actor, it.bad))
            .collect()
    }

    #[test]
    fn a_new_revision_says_what_became_of_it() {
        assert_eq!(said("failed", "2026-11-02T11:30:00Z"), ["revision 4, failed helm true"]);
        assert_eq!(
            said("superseded", "2026-11-02T11:30:00Z"),
            ["revision 4, superseded since helm false"]
        );
    }

    #[test]
    fn an_old_revision_that_was_removed_is_a_change_and_one_that_was_replaced_is_none() {
        assert_eq!(
            said("uninstalled", "2026-10-01T00:00:00Z"),
            ["revision 4 is uninstalled now helm false"]
        );
        assert_eq!(said("superseded", "2026-10-01T00:00:00Z"), Vec::<String>::new());
    }
}
