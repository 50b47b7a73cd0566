//! `inquest replay`: a snapshot as the API that it came from, for programs that are not ours.

use super::{investigate, terminal};
use crate::trouble::{DONE, Trouble};
use replay::kubernetes::Kubernetes;
use replay::serve;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A snapshot as a read-only Kubernetes API on loopback; prints a kubeconfig that points at it
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The snapshot: a directory or a .tar.zst
    #[arg(long, value_name = "PATH")]
    pub snapshot: PathBuf,
    /// The port on loopback; 0 takes a free one
    #[arg(long, env = "INQUEST_REPLAY_PORT", value_name = "PORT", default_value_t = 0)]
    pub port: u16,
}

impl Replay {
    pub(super) async fn run(self, out: &mut dyn Write) -> Result<u8, Trouble> {
        let snapshot = Arc::new(investigate::load(&self.snapshot)?);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Trouble::Usage(format!("--port {}: {error}", self.port)))?;
        let address = listener.local_addr().map_err(|error| Trouble::Ours(error.to_string()))?;
        super::write(out, &serve::kubeconfig(address, &snapshot.about.cluster))?;
        let stop = terminal::interrupt();
        let kubernetes = Arc::new(Kubernetes::of(snapshot));
        serve::serve(listener, kubernetes, stop.cancelled_owned())
            .await
            .map_err(|error| Trouble::Ours(format!("the listener failed: {error}")))?;
        Ok(DONE)
    }
}
