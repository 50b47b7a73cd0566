//! Which kinds the cluster serves: asked in the aggregated form, or group by group where there is only the plain one.

use crate::kubernetes::connection::{JSON, Kubernetes, SYSTEM};
use crate::kubernetes::resource::Resource;
use futures::future::try_join;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{APIGroupList, APIResource, APIResourceList};
use kube::client::{APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery};
use readonly::body;
use readonly::refusal::{Kind, Refusal};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the core group is told.
pub(crate) const CORE: &str = "/api";
/// Where the other groups are told.
pub(crate) const GROUPS: &str = "/apis";
/// Asks for all groups in one answer. Servers before 1.27 give the plain form instead.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
     application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
/// Bytes of one answer at most: a cluster with 1,000 custom kinds tells them in about 1 MB.
const ANSWER: usize = 16 << 20;
/// Groups asked at once in the plain form.
const AT_ONCE: usize = 8;
/// How long the answer is believed.
pub(crate) const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// What was discovered, and when.
pub(crate) type Discovered = Option<(Timestamp, Arc<Discovery>)>;

/// Every kind that the cluster serves, each in the version that the server prefers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The kinds, core group first, then by group and plural.
    pub kinds: Vec<Served>,
    /// Groups that are registered but do not answer, as `metrics.k8s.io/v1beta1`.
    pub stale: Vec<String>,
}

/// One kind that the cluster serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The kind.
    pub resource: Resource,
    /// All the versions in which it is served, the preferred one first.
    pub versions: Vec<String>,
    /// `get`, `list`, ...
    pub verbs: Vec<String>,
    /// The singular, such as `pod`.
    pub singular: String,
    /// What people call it for short.
    pub short_names: Vec<String>,
}

impl Kubernetes {
    /// Which kinds the cluster serves; asked once, and again after ten minutes.
    pub async fn discover(&self) -> Result<Arc<Discovery>, Refusal> {
        self.discover_within(LASTS).await
    }

    /// The same, asked again if the last answer is older than `age`.
    pub(crate) async fn discover_within(
        &self,
        age: SignedDuration,
    ) -> Result<Arc<Discovery>, Refusal> {
        // Held while asking, so that callers at the same time share one question.
        let mut discovered = self.discovered.lock().await;
        let now = self.now();
        if let Some((at, discovery)) = discovered.as_ref()
            && now.duration_since(*at) <= age
        {
            return Ok(Arc::clone(discovery));
        }
        let (core, groups) = try_join(self.groups(CORE), self.groups(GROUPS)).await?;
        let discovery = Arc::new(gather(core.into_iter().chain(groups)));
        *discovered = Some((now, Arc::clone(&discovery)));
        Ok(discovery)
    }

    async fn groups(&self, path: &'static str) -> Result<Vec<Group>, Refusal> {
        let response = self.read(path, AGGREGATED).await?;
        let answer: Value = body::json(response, ANSWER).await?;
        if answer.get("kind").and_then(Value::as_str) == Some("APIGroupDiscoveryList") {
            let list: APIGroupDiscoveryList = decode(path, answer)?;
            return Ok(list.items.into_iter().flat_map(aggregated).collect());
        }
        if path == CORE {
            return Ok(vec![self.plain("", "v1").await]);
        }
        let list: APIGroupList = decode(path, answer)?;
        let mut asked = Vec::new();
        for group in list.groups {
            let preferred = group.preferred_version.map(|version| version.version);
            let mut versions: Vec<String> = group.versions.into_iter().map(|v| v.version).collect();
            versions.sort_by_key(|version| Some(version) != preferred.as_ref());
            asked.extend(versions.into_iter().map(|version| (group.name.clone(), version)));
        }
        let groups = stream::iter(asked)
            .map(|(group, version)| async move { self.plain(&group, &version).await })
            .buffered(AT_ONCE);
        Ok(groups.collect().await)
    }

    /// One group in the plain form. A group that does not answer is stale; the others are of use without it.
    async fn plain(&self, group: &str, version: &str) -> Group {
        let mut found = Group { name: group.to_owned(), version: version.to_owned(), kinds: None };
        let path = match group {
            "" => format!("{CORE}/{version}"),
            group => format!("{GROUPS}/{group}/{version}"),
        };
        let Ok(response) = self.read(&path, JSON).await else {
            return found;
        };
        if let Ok(list) = body::json::<APIResourceList>(response, ANSWER).await {
            let whole = list.resources.into_iter().filter(|kind| !kind.name.contains('/'));
            found.kinds = Some(whole.map(|kind| plain_kind(group, version, kind)).collect());
        }
        found
    }
}

/// One version of one group; its kinds are none where the group does not answer.
struct Group {
    name: String,
    version: String,
    kinds: Option<Vec<Served>>,
}

/// Puts versions together: the first that serves a kind is the preferred one.
fn gather(groups: impl Iterator<Item = Group>) -> Discovery {
    let mut stale = Vec::new();
    let mut kinds: BTreeMap<(Cow<'static, str>, Cow<'static, str>), Served> = BTreeMap::new();
    for group in groups {
        let Some(served) = group.kinds else {
            stale.push(format!("{}/{}", group.name, group.version));
            continue;
        };
        for kind in served {
            let key = (kind.resource.group.clone(), kind.resource.plural.clone());
            match kinds.get_mut(&key) {
                Some(known) => known.versions.extend(kind.versions),
                None => drop(kinds.insert(key, kind)),
            }
        }
    }
    stale.sort();
    Discovery { kinds: kinds.into_values().collect(), stale }
}

fn aggregated(group: APIGroupDiscovery) -> Vec<Group> {
    let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
    let mut groups = Vec::new();
    for served in group.versions {
        let version = served.version.unwrap_or_default();
        let stale = served.freshness.as_deref() == Some("Stale");
        let kinds = served.resources.into_iter();
        let kinds = kinds.filter_map(|kind| aggregated_kind(&name, &version, kind)).collect();
        groups.push(Group { name: name.clone(), kinds: (!stale).then_some(kinds), version });
    }
    groups
}

fn aggregated_kind(group: &str, version: &str, kind: APIResourceDiscovery) -> Option<Served> {
    let resource = Resource {
        group: group.to_owned().into(),
        version: version.to_owned().into(),
        plural: kind.resource?.into(),
        kind: kind.response_kind?.kind?.into(),
        namespaced: kind.scope.as_deref() == Some("Namespaced"),
    };
    Some(Served {
        resource,
        versions: vec![version.to_owned()],
        verbs: kind.verbs,
        singular: kind.singular_resource.unwrap_or_default(),
        short_names: kind.short_names,
    })
}

fn plain_kind(group: &str, version: &str, kind: APIResource) -> Served {
    let resource = Resource {
        group: group.to_owned().into(),
        version: version.to_owned().into(),
        plural: kind.name.into(),
        kind: kind.kind.into(),
        namespaced: kind.namespaced,
    };
    Served {
        resource,
        versions: vec![version.to_owned()],
        verbs: kind.verbs,
        singular: kind.singular_name,
        short_names: kind.short_names.unwrap_or_default(),
    }
}

fn decode<T: DeserializeOwned>(path: &str, answer: Value) -> Result<T, Refusal> {
    serde_json::from_value(answer).map_err(|error| Refusal {
        system: SYSTEM,
        request: format!("GET {path}"),
        kind: Kind::Malformed(error.to_string()),
    })
}
