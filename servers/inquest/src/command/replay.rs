//! `inquest replay`: a snapshot as the APIs that it came from, for programs that are not ours.

use super::{investigate, terminal};
use crate::trouble::{DONE, Trouble};
use futures::future::try_join_all;
use replay::alertmanager::Alertmanager;
use replay::kubernetes::Kubernetes;
use replay::prometheus::Prometheus;
use replay::recorded::Recorded;
use replay::serve;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A snapshot as read-only APIs on loopback; prints a kubeconfig that points at it, and the other addresses
///
/// Prometheus, Alertmanager and Grafana are served where the snapshot has them.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The snapshot: a directory or a .tar.zst
    #[arg(long, value_name = "PATH")]
    pub snapshot: PathBuf,
    /// The port of the Kubernetes API on loopback; 0 takes a free one
    #[arg(long, env = "INQUEST_REPLAY_PORT", value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// The port of Prometheus; 0 takes a free one
    #[arg(long, env = "INQUEST_REPLAY_PROMETHEUS_PORT", value_name = "PORT", default_value_t = 0)]
    pub prometheus_port: u16,
    /// The port of Alertmanager; 0 takes a free one
    #[arg(
        long,
        env = "INQUEST_REPLAY_ALERTMANAGER_PORT",
        value_name = "PORT",
        default_value_t = 0
    )]
    pub alertmanager_port: u16,
    /// The port of Grafana; 0 takes a free one
    #[arg(long, env = "INQUEST_REPLAY_GRAFANA_PORT", value_name = "PORT", default_value_t = 0)]
    pub grafana_port: u16,
}

/// The name of Grafana's recorded exchanges.
const GRAFANA: &str = "grafana";

impl Replay {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let snapshot = Arc::new(investigate::load(&self.snapshot)?);
        let stop = terminal::interrupt();
        let stopped = || stop.clone().cancelled_owned();
        let (listener, address) = bind("--port", self.port).await?;
        let kubernetes = Arc::new(Kubernetes::of(Arc::clone(&snapshot)));
        let mut serving = vec![serve::serve(listener, kubernetes, stopped())];
        // Comments in a kubeconfig, so that the output stays one.
        let mut settings = serve::kubeconfig(address, &snapshot.about.cluster);
        if Prometheus::unavailable(&snapshot).is_none() {
            let (listener, address) = bind("--prometheus-port", self.prometheus_port).await?;
            let prometheus = Arc::new(Prometheus::of(Arc::clone(&snapshot)));
            serving.push(serve::serve(listener, prometheus, stopped()));
            settings.push_str(&format!("# PROMETHEUS_URL=http://{address}\n"));
        }
        if Alertmanager::unavailable(&snapshot).is_none() {
            let (listener, address) = bind("--alertmanager-port", self.alertmanager_port).await?;
            let alertmanager = Arc::new(Alertmanager::of(Arc::clone(&snapshot)));
            serving.push(serve::serve(listener, alertmanager, stopped()));
            settings.push_str(&format!("# ALERTMANAGER_URL=http://{address}\n"));
        }
        if Recorded::unavailable(&snapshot, GRAFANA).is_none() {
            let (listener, address) = bind("--grafana-port", self.grafana_port).await?;
            let grafana = Arc::new(Recorded::of(snapshot, GRAFANA));
            serving.push(serve::serve(listener, grafana, stopped()));
            settings.push_str(&format!("# GRAFANA_URL=http://{address}\n"));
        }
        super::write(out, &settings)?;
        try_join_all(serving)
            .await
            .map_err(|error| Trouble::Ours(format!("a listener failed: {error}")))?;
        Ok(DONE)
    }
}

async fn bind(flag: &str, port: u16) -> Result<(TcpListener, SocketAddr), Trouble> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Trouble::Usage(format!("{flag} {port}: {error}")))?;
    let address = listener.local_addr().map_err(|error| Trouble::Ours(error.to_string()))?;
    Ok((listener, address))
}
