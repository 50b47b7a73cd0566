//! The connection to one cluster: opened from a kubeconfig or a pod's service account, or laid over a snapshot.

use crate::kubernetes::authenticate;
use crate::kubernetes::configuration::{self, IN_CLUSTER, OpenError};
use crate::kubernetes::discovery::Discovered;
use crate::kubernetes::groups::Named;
use crate::kubernetes::reads;
use crate::kubernetes::settings::KubernetesSettings;
use crate::kubernetes::stores::Stores;
use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Request, Response};
use jiff::Timestamp;
use readonly::allow::AllowList;
use readonly::limits::Limits;
use readonly::reader::{Reader, Spent};
use readonly::refusal::{Kind, Refusal};
use readonly::transport::{Body, Transport};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The system's name in refusals.
pub(crate) const SYSTEM: &str = "kubernetes";
/// The form that every answer but a log is asked for in.
pub(crate) const JSON: &str = "application/json";

/// What carries requests to an API: the network, a snapshot, or a recorder between.
pub type Wire = Arc<dyn Transport>;

/// Says what time it is: the real one, or the frozen moment of a snapshot.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Which cluster it is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The kubeconfig's context, `in-cluster`, or the snapshot's name for it.
    pub name: String,
    /// The namespace to look in where none is named and the whole cluster may not be read.
    pub namespace: String,
    /// Where its API answers, without credentials.
    pub address: String,
}

impl Cluster {
    /// Whether we are one of its pods, with an identity that was made for us.
    pub fn is_ours(&self) -> bool {
        self.name == IN_CLUSTER
    }
}

/// One cluster's API. Cloning it shares the connection, the limits and what was discovered.
#[derive(Clone)]
pub struct Kubernetes {
    pub(crate) reader: Reader,
    pub(crate) discovered: Arc<Mutex<Discovered>>,
    pub(crate) groups: Arc<Mutex<Named>>,
    pub(crate) stores: Option<Arc<Stores>>,
    cluster: Arc<Cluster>,
    now: Clock,
}

impl Kubernetes {
    /// Connects as `settings` say. Reads files and may start the kubeconfig's credential plugin; asks the API nothing.
    pub async fn open(settings: &KubernetesSettings) -> Result<Self, OpenError> {
        Kubernetes::open_through(settings, |transport| transport).await
    }

    /// The same, with what `listen` makes of the transport that authenticates between it and the reader.
    pub async fn open_through(
        settings: &KubernetesSettings,
        listen: impl FnOnce(Wire) -> Wire,
    ) -> Result<Self, OpenError> {
        Kubernetes::open_for(reads::allow_list(), settings, listen).await
    }

    /// The same for what is on another list of reads.
    pub(crate) async fn open_for(
        allow: AllowList,
        settings: &KubernetesSettings,
        listen: impl FnOnce(Wire) -> Wire,
    ) -> Result<Self, OpenError> {
        let (config, name) = configuration::read(settings).await?;
        let cluster = Cluster {
            name,
            namespace: config.default_namespace.clone(),
            address: config.cluster_url.to_string().trim_end_matches('/').to_owned(),
        };
        let limits = Limits { total: settings.total(), ..Limits::default() };
        let transport = listen(authenticate::connect(config, &cluster.name, limits).await?);
        Ok(Kubernetes::with(allow, transport, cluster, Arc::new(Timestamp::now), limits))
    }

    /// Lays the API over any transport, such as a snapshot's.
    pub fn over(transport: Wire, cluster: Cluster, now: Clock) -> Self {
        Kubernetes::over_for(reads::allow_list(), transport, cluster, now)
    }

    /// The same for what is on another list of reads.
    pub(crate) fn over_for(
        allow: AllowList,
        transport: Wire,
        cluster: Cluster,
        now: Clock,
    ) -> Self {
        Kubernetes::with(allow, transport, cluster, now, Limits::default())
    }

    fn with(
        allow: AllowList,
        transport: Wire,
        cluster: Cluster,
        now: Clock,
        limits: Limits,
    ) -> Self {
        Kubernetes {
            reader: Reader::new(SYSTEM, transport, allow, limits),
            discovered: Arc::new(Mutex::new(None)),
            groups: Arc::new(Mutex::new(None)),
            stores: None,
            cluster: Arc::new(cluster),
            now,
        }
    }

    /// The same connection, on which lists are kept up to date by watching once they were asked for, in at most so many bytes:
    /// for a server that is asked often. Needs a runtime; what nobody asks for is let go of.
    #[must_use]
    pub fn keeping(self, most_bytes: u64) -> Self {
        let stores = Stores::new(self.clone(), most_bytes);
        Kubernetes { stores: Some(Arc::new(stores)), ..self }
    }

    /// The same connection with counters of its own, which start at zero.
    pub fn metered(&self) -> Self {
        Kubernetes { reader: self.reader.metered(), ..self.clone() }
    }

    /// What was spent through this connection, or through this metered copy of it.
    pub fn spent(&self) -> Spent {
        self.reader.spent()
    }

    /// Which cluster this is.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Reads `path` in the form `accept`.
    pub(crate) async fn read(
        &self,
        path: &str,
        accept: &'static str,
    ) -> Result<Response<Body>, Refusal> {
        self.reader.read(request(Method::GET, path, accept, Bytes::new())?).await
    }
}

/// A request for `path`, which may carry a query.
pub(crate) fn request(
    method: Method,
    path: &str,
    accept: &'static str,
    body: Bytes,
) -> Result<Request<Bytes>, Refusal> {
    let asked = format!("{method} {path}");
    Request::builder().method(method).uri(path).header(ACCEPT, accept).body(body).map_err(|_| {
        Refusal { system: SYSTEM, request: asked.clone(), kind: Kind::NotARead(asked) }
    })
}
