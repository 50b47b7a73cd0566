//! A thing in the cluster, in plain Kubernetes terms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A Kubernetes object by kind, namespace and name.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Entity {
    /// Kubernetes kind, such as `Deployment`.
    pub kind: String,
    /// Namespace; empty for what has none.
    #[serde(default)]
    pub namespace: String,
    /// Name within the namespace.
    pub name: String,
}

impl Entity {
    /// The object of this kind, namespace (empty for none) and name.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Entity { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

impl fmt::Display for Entity {
    /// `Deployment shop/web`, or `Node node-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{} {}", self.kind, self.name)
        } else {
            write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
        }
    }
}
