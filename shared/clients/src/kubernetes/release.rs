//! What the metadata of an object tells of the Helm release that it keeps. What the object holds is not read for it.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// How the names of the objects begin that releases are kept in.
pub const PREFIX: &str = "sh.helm.release.v1.";

/// One revision of a release, as the labels of its object tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The release.
    pub release: String,
    /// The revision, from 1.
    pub revision: u32,
    /// Helm's word for how it is: `deployed`, `failed`, `pending-upgrade`, ...
    pub status: String,
    /// When the revision was begun.
    pub created: Option<Timestamp>,
    /// When its status last changed, where it did.
    pub modified: Option<Timestamp>,
}

impl Labelled {
    /// What the metadata of an object tells; none where the object is not named and labelled as Helm does it.
    pub fn of(metadata: &ObjectMeta) -> Option<Labelled> {
        let labels = metadata.labels.as_ref()?;
        if labels.get("owner")? != "helm" {
            return None;
        }
        let revision = labels.get("version")?.parse().ok()?;
        let release = labels.get("name")?.clone();
        // Who reads it by this name must be led to the same revision.
        if *metadata.name.as_ref()? != format!("{PREFIX}{release}.v{revision}") {
            return None;
        }
        let seconds = |label: &str| labels.get(label).and_then(|text| text.parse().ok());
        let moment = |label| seconds(label).and_then(|it| Timestamp::from_second(it).ok());
        let created = metadata.creation_timestamp.as_ref().map(|time| time.0);
        Some(Labelled {
            release,
            revision,
            status: labels.get("status").cloned().unwrap_or_else(|| "unknown".to_owned()),
            created: created.or_else(|| moment("createdAt")),
            modified: moment("modifiedAt"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(name: &str, owner: &str) -> Option<Labelled> {
        let labels =
            json!({"owner": owner, "name": "web", "version": "4", "modifiedAt": "1793620800"});
        let metadata = json!({"name": name, "labels": labels});
        Labelled::of(&serde_json::from_value(metadata).unwrap())
    }

    #[test]
    fn a_release_is_told_by_its_labels() {
        let told = told("sh.helm.release.v1.web.v4", "helm").unwrap();
        assert_eq!((told.release.as_str(), told.revision, told.created), ("web", 4, None));
        assert_eq!(told.status, "unknown");
        assert_eq!(told.modified.map(Timestamp::as_second), Some(1_793_620_800));
    }

    #[test]
    fn what_is_not_named_or_labelled_as_helm_does_it_is_no_release() {
        assert_eq!(told("copy-of-web", "helm"), None);
        assert_eq!(told("sh.helm.release.v1.web.v5", "helm"), None);
        assert_eq!(told("sh.helm.release.v1.web.v4", "me"), None);
    }
}
