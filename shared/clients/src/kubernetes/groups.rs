//! Which API groups the cluster serves, by name: one small answer, for who only wants to know whether something is
//! installed.

use crate::kubernetes::connection::{JSON, Kubernetes};
use crate::kubernetes::discovery::{GROUPS, LASTS};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIGroupList;
use readonly::body;
use readonly::refusal::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of the answer at most: a hundred for each version of each group.
const ANSWER: usize = 4 << 20;

/// What was answered, and when.
pub(crate) type Named = Option<(Timestamp, Arc<Groups>)>;

/// Kinds that only an older version of their group has: it may be served beside a newer one, which is preferred.
/// See <https://github.com/kubernetes-sigs/network-policy-api/tree/main/apis>.
const LEFT_BEHIND: [(&str, &str); 2] =
    [("adminnetworkpolicies", "v1alpha1"), ("baselineadminnetworkpolicies", "v1alpha1")];

/// The groups that a cluster serves, the core not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// The version that the server prefers, by group.
    pub preferred: BTreeMap<String, String>,
}

impl Groups {
    /// The version in which a kind is asked for; none where its group is not served.
    pub fn version(&self, group: &str, plural: &str) -> Option<String> {
        let preferred = self.preferred.get(group)?;
        let left_behind = LEFT_BEHIND.iter().find(|(kind, _)| *kind == plural);
        Some(left_behind.map_or(preferred.as_str(), |(_, version)| version).to_owned())
    }
}

impl Kubernetes {
    /// Which groups the cluster serves; asked once, and again after ten minutes.
    pub async fn served_groups(&self) -> Result<Arc<Groups>, Refusal> {
        // Held while asking, so that callers at the same time share one question.
        let mut named = self.groups.lock().await;
        let now = self.now();
        if let Some((at, groups)) = named.as_ref()
            && now.duration_since(*at) <= LASTS
        {
            return Ok(Arc::clone(groups));
        }
        let response = self.read(GROUPS, JSON).await?;
        let list: APIGroupList = body::json(response, ANSWER).await?;
        let groups = Arc::new(gather(list));
        *named = Some((now, Arc::clone(&groups)));
        Ok(groups)
    }
}

fn gather(list: APIGroupList) -> Groups {
    let mut groups = Groups::default();
    for group in list.groups {
        let first = group.versions.into_iter().next();
        if let Some(version) = group.preferred_version.or(first) {
            groups.preferred.insert(group.name, version.version);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_group_is_known_in_the_version_that_the_server_prefers() {
        let version = |version: &str| json!({"groupVersion": format!("keda.sh/{version}"), "version": version});
        let list = json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [
            {"name": "keda.sh", "versions": [version("v1alpha1"), version("v1")], "preferredVersion": version("v1")},
            {"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}]}]});
        let groups = gather(serde_json::from_value(list).unwrap());
        assert_eq!(groups.preferred["keda.sh"], "v1");
        assert_eq!(groups.preferred["apps"], "v1");
    }

    #[test]
    fn a_kind_that_a_new_version_left_out_is_asked_for_in_the_old_one() {
        let group = "policy.networking.k8s.io";
        let preferred = [(group.to_owned(), "v1alpha2".to_owned())].into();
        let groups = Groups { preferred };
        let version = |plural| groups.version(group, plural).unwrap();
        assert_eq!(version("adminnetworkpolicies"), "v1alpha1");
        assert_eq!(version("clusternetworkpolicies"), "v1alpha2");
        assert_eq!(groups.version("keda.sh", "scaledobjects"), None);
    }
}
