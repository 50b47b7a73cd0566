//! A kind of object, as the API server addresses it.

use std::borrow::Cow;
use std::fmt;

/// A kind of object, as the API server addresses it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: Cow<'static, str>,
    /// The version, such as `v1`.
    pub version: Cow<'static, str>,
    /// The plural in paths, such as `pods`.
    pub plural: Cow<'static, str>,
    /// The kind in objects, such as `Pod`.
    pub kind: Cow<'static, str>,
    /// Its objects live in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// A kind whose objects live in namespaces.
    pub const fn namespaced(
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        kind: &'static str,
    ) -> Self {
        Resource {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            plural: Cow::Borrowed(plural),
            kind: Cow::Borrowed(kind),
            namespaced: true,
        }
    }

    /// A kind whose objects have no namespace.
    pub const fn clusterwide(
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        kind: &'static str,
    ) -> Self {
        let mut resource = Resource::namespaced(group, version, plural, kind);
        resource.namespaced = false;
        resource
    }

    /// `v1` or `apps/v1`, as an object's `apiVersion` says it.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.to_string();
        }
        format!("{}/{}", self.group, self.version)
    }

    /// Its objects are Secrets, which are never read, whatever group or version claims the name.
    pub fn is_secret(&self) -> bool {
        self.plural.eq_ignore_ascii_case("secrets") || self.kind.eq_ignore_ascii_case("secret")
    }
}

/// `pods`, or `deployments.apps` outside the core group.
impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            return formatter.write_str(&self.plural);
        }
        write!(formatter, "{}.{}", self.plural, self.group)
    }
}
