//! Puts our credentials on each request, with the layers that kube has for it, and hands it to the network.

use crate::kubernetes::configuration::OpenError;
use crate::kubernetes::connection::SYSTEM;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use kube::Config;
use kube::client::{AuthError, ConfigExt};
use readonly::limits::Limits;
use readonly::network::Network;
use readonly::refusal::{Kind, Refusal};
use readonly::transport::{Body, Transport};
use std::sync::Arc;
use tokio::sync::oneshot;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Layer, ServiceExt};
use tracing::warn;
use url::Url;

/// The layers around the network. A token that expires is read again between two requests.
struct Authenticated {
    layers: BoxCloneSyncService<Request<Full<Bytes>>, Response<Body>, BoxError>,
}

/// The way to the API server that `config` describes, for the cluster called `name`.
pub(crate) async fn connect(
    config: Config,
    name: &str,
    limits: Limits,
) -> Result<Arc<dyn Transport>, OpenError> {
    let name = name.to_owned();
    let late = OpenError::Credentials {
        cluster: name.clone(),
        what: format!("there were none within {} s", limits.total.as_secs()),
    };
    // A kubeconfig may name a credential plugin. kube starts it and waits for it, on a thread of its own that does not keep
    // the process from ending.
    let (opened, opening) = oneshot::channel();
    std::thread::spawn(move || opened.send(authenticated(&config, &name, &limits)));
    match tokio::time::timeout(limits.total, opening).await {
        Ok(Ok(authenticated)) => Ok(Arc::new(authenticated?)),
        Ok(Err(_)) | Err(_) => Err(late),
    }
}

fn authenticated(config: &Config, name: &str, limits: &Limits) -> Result<Authenticated, OpenError> {
    let unusable = |error| OpenError::Credentials { cluster: name.to_owned(), what: said(&error) };
    let bad = |why: String| OpenError::Address { cluster: name.to_owned(), why };
    let address = Url::parse(&config.cluster_url.to_string()).map_err(|e| bad(e.to_string()))?;
    let tls = config.rustls_client_config().map_err(unusable)?;
    let network = Network::with_tls(SYSTEM, &address, limits, tls);
    let network = Arc::new(network.map_err(|e| bad(e.to_string()))?);
    let bare = tower::service_fn(move |request| forward(Arc::clone(&network), request));
    let headed = config.extra_headers_layer().map_err(unusable)?.layer(bare);
    let layers = match config.auth_layer().map_err(unusable)? {
        Some(auth) => BoxCloneSyncService::new(auth.layer(headed).map_err(BoxError::from)),
        None => BoxCloneSyncService::new(headed),
    };
    Ok(Authenticated { layers })
}

async fn forward(
    network: Arc<Network>,
    request: Request<Full<Bytes>>,
) -> Result<Response<Body>, BoxError> {
    let (parts, body) = request.into_parts();
    let bytes = match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(never) => match never {},
    };
    Ok(network.send(Request::from_parts(parts, bytes)).await?)
}

impl Transport for Authenticated {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, Refusal>> {
        let asked = format!("{} {}", request.method(), request.uri());
        let sent = self.layers.clone().oneshot(request.map(Full::new));
        async move {
            sent.await.map_err(|error| match error.downcast::<Refusal>() {
                Ok(refusal) => *refusal,
                Err(_) => {
                    // Its text may hold what a credential plugin printed, so it is not repeated.
                    warn!(system = SYSTEM, "the credentials could not be renewed");
                    Refusal { system: SYSTEM, request: asked, kind: Kind::Unauthorized }
                }
            })
        }
        .boxed()
    }
}

/// What is wrong with the credentials, without what a credential plugin printed: that may be a token.
fn said(error: &kube::Error) -> String {
    match error {
        kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
            format!("the credential plugin failed ({})", out.status)
        }
        kube::Error::Auth(AuthError::AuthExecParse(_)) => {
            "the credential plugin answered in a form we do not know".to_owned()
        }
        other => other.to_string(),
    }
}
