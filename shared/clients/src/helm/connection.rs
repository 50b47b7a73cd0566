//! The connection to one cluster through which releases are read, and nothing but releases.

use crate::helm::reads;
use crate::kubernetes::configuration::OpenError;
use crate::kubernetes::connection::{Clock, Cluster, Kubernetes, Wire};
use crate::kubernetes::privilege::{self, Needs, Unfit};
use crate::kubernetes::reach::Reach;
use crate::kubernetes::reads::NAMESPACES;
use crate::kubernetes::settings::KubernetesSettings;
use jiff::Timestamp;
use readonly::reader::Spent;
use readonly::refusal::{Kind, Refusal};
use serde::de::IgnoredAny;

/// Where Helm keeps its releases. Cloning it shares the connection and the limits.
#[derive(Clone)]
pub struct Helm {
    // Private, so that nobody gets at the API of the cluster through the one identity that may read Secrets.
    pub(crate) kubernetes: Kubernetes,
}

impl Helm {
    /// Connects as `settings` say. Reads files and may start the kubeconfig's credential plugin; asks the API nothing.
    pub async fn open(settings: &KubernetesSettings) -> Result<Self, OpenError> {
        let kubernetes = Kubernetes::open_for(reads::allow_list(), settings, |wire| wire).await?;
        Ok(Helm { kubernetes })
    }

    /// Lays it over any transport, such as a snapshot's.
    pub fn over(transport: Wire, cluster: Cluster, now: Clock) -> Self {
        Helm { kubernetes: Kubernetes::over_for(reads::allow_list(), transport, cluster, now) }
    }

    /// The same connection with counters of its own, which start at zero.
    pub fn metered(&self) -> Self {
        Helm { kubernetes: self.kubernetes.metered() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub fn spent(&self) -> Spent {
        self.kubernetes.spent()
    }

    /// Which cluster this is.
    pub fn cluster(&self) -> &Cluster {
        self.kubernetes.cluster()
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        self.kubernetes.now()
    }

    /// Whether a server may answer others with this identity, which is meant to read Secrets and to do nothing else;
    /// and what it must then say with every answer.
    ///
    /// # Errors
    /// As [`privilege::admit`].
    pub async fn admit(&self, allow_overprivileged: bool) -> Result<Option<String>, Unfit> {
        privilege::admit(&self.kubernetes, Needs::Secrets, allow_overprivileged).await
    }

    /// Whether the namespace exists; none where that may not be read.
    pub async fn has_namespace(&self, namespace: &str) -> Option<bool> {
        match self.kubernetes.get::<IgnoredAny>(&NAMESPACES, Reach::Cluster, namespace).await {
            Ok(_) => Some(true),
            Err(Refusal { kind: Kind::NotFound(_), .. }) => Some(false),
            Err(_) => None,
        }
    }

    /// The namespaces there are, as far as they may be read: for who misspelt one.
    pub async fn namespaces(&self) -> Vec<String> {
        let options = crate::kubernetes::list::ListOptions::default();
        let listed = self.kubernetes.list_metadata(&NAMESPACES, Reach::Cluster, &options).await;
        let items = listed.map(|listed| listed.items).unwrap_or_default();
        items.into_iter().filter_map(|it| it.metadata.name).collect()
    }
}
