//! The revisions that a cluster keeps, as the labels of their objects tell: nothing that is in them is read.

use crate::helm::connection::Helm;
use crate::helm::payload;
use crate::helm::release::Release;
use crate::kubernetes::connection::SYSTEM;
use crate::kubernetes::list::{ListOptions, Metadata, Walk};
use crate::kubernetes::reach::Reach;
use crate::kubernetes::release::Labelled;
use jiff::Timestamp;
use readonly::names;
use readonly::refusal::{Kind, Refusal};
use serde::Deserialize;
use std::fmt;

/// What marks an object as Helm's.
const OWNER: &str = "owner=helm";
/// The type of the Secrets that hold releases.
const TYPE: &str = "type=helm.sh/release.v1";
/// Bytes of a name of a release, as Helm limits them.
const LONGEST_NAME: usize = 53;

/// The kinds of objects that releases are kept in, as `HELM_DRIVER` names them. What it keeps in SQL is not in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Driver {
    /// Secrets, unless somebody says otherwise.
    Secret,
    /// ConfigMaps.
    ConfigMap,
}

impl Driver {
    /// Both.
    pub const ALL: [Driver; 2] = [Driver::Secret, Driver::ConfigMap];

    /// The plural of its objects in paths.
    pub fn plural(self) -> &'static str {
        match self {
            Driver::Secret => "secrets",
            Driver::ConfigMap => "configmaps",
        }
    }
}

/// `Secret` or `ConfigMap`.
impl fmt::Display for Driver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// One revision of a release, as the labels of its object tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The namespace of the release.
    pub namespace: String,
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
    /// What it is kept in.
    pub driver: Driver,
    /// The object's name.
    pub object: String,
}

/// The revisions of one driver.
#[derive(Debug)]
pub struct Revisions {
    /// Those that were read, in no order.
    pub kept: Vec<Kept>,
    /// Names of objects that say they are Helm's and not which revision they hold.
    pub odd: Vec<String>,
    /// How the read went.
    pub walk: Walk,
}

/// A revision that was read.
#[derive(Debug)]
pub struct Got {
    /// What it says.
    pub release: Release,
    /// The request's path, to be cited.
    pub path: String,
    /// When the answer began.
    pub observed_at: Timestamp,
}

impl Helm {
    /// The revisions of one release, or of all, that a driver keeps. Only metadata is sent for.
    pub async fn revisions(
        &self,
        driver: Driver,
        reach: Reach<'_>,
        release: Option<&str>,
    ) -> Result<Revisions, Refusal> {
        let fields = match driver {
            Driver::Secret => TYPE.to_owned(),
            Driver::ConfigMap => String::new(),
        };
        let labels = match release {
            Some(release) if is_release_name(release) => format!("{OWNER},name={release}"),
            Some(release) => return Err(not_a_read(&format!("for a release called {release:?}"))),
            None => OWNER.to_owned(),
        };
        let options = ListOptions { labels, fields, ..ListOptions::default() };
        let listed = self.kubernetes.list_metadata_at(&list(driver, reach)?, &options).await?;
        let (mut kept, mut odd) = (Vec::new(), Vec::new());
        for item in listed.items {
            let name = item.metadata.name.clone().unwrap_or_default();
            match told(driver, item) {
                Some(revision) => kept.push(revision),
                None => odd.push(name),
            }
        }
        Ok(Revisions { kept, odd, walk: listed.walk })
    }

    /// Reads one revision whole.
    pub async fn release(&self, kept: &Kept) -> Result<Got, Refusal> {
        names::segment("object", &kept.object).map_err(|bad| not_a_read(&bad.to_string()))?;
        let list = list(kept.driver, Reach::Namespace(&kept.namespace))?;
        let got = self.kubernetes.get_at::<Object>(format!("{list}/{}", kept.object)).await?;
        let release = payload::decode(kept.driver, &got.object.data.release).map_err(|kind| {
            Refusal { system: SYSTEM, request: format!("GET {}", got.path), kind }
        })?;
        Ok(Got { release, path: got.path, observed_at: got.observed_at })
    }
}

/// Whether a release can have this name: a DNS-1123 subdomain of at most 53 characters.
pub fn is_release_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && names::subdomain("release", name).is_ok()
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    release: String,
}

/// What the labels of an object tell; none where it is not named and labelled as Helm does it.
fn told(driver: Driver, item: Metadata) -> Option<Kept> {
    let metadata = item.metadata;
    let Labelled { release, revision, status, created, modified } = Labelled::of(&metadata)?;
    let (namespace, object) = (metadata.namespace?, metadata.name?);
    Some(Kept { namespace, release, revision, status, created, modified, driver, object })
}

fn list(driver: Driver, reach: Reach<'_>) -> Result<String, Refusal> {
    let plural = driver.plural();
    let Reach::Namespace(namespace) = reach else {
        return Ok(format!("/api/v1/{plural}"));
    };
    names::label("namespace", namespace).map_err(|bad| not_a_read(&bad.to_string()))?;
    Ok(format!("/api/v1/namespaces/{namespace}/{plural}"))
}

fn not_a_read(what: &str) -> Refusal {
    Refusal { system: SYSTEM, request: String::new(), kind: Kind::NotARead(what.to_owned()) }
}
