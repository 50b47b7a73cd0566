//! Where in a cluster to look.

/// Where in a cluster to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach<'a> {
    /// The whole cluster, or what has no namespace.
    Cluster,
    /// One namespace.
    Namespace(&'a str),
}

impl<'a> Reach<'a> {
    /// The namespace; empty for the whole cluster.
    pub fn namespace(self) -> &'a str {
        match self {
            Reach::Cluster => "",
            Reach::Namespace(namespace) => namespace,
        }
    }
}
