//! A door to the API server that counts what comes through it.

use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on as they are, so that TLS is between the two ends.
#[derive(Debug)]
pub(super) struct Relay {
    /// A kubeconfig like the one it was opened with, whose server is the relay.
    pub(super) kubeconfig: PathBuf,
    received: Arc<AtomicU64>,
}

impl Relay {
    /// Opens a relay to the server of a kubeconfig; it ends with the runtime.
    pub(super) async fn open(address: &str, kubeconfig: &Path) -> Result<Relay> {
        let there: SocketAddr = address.trim_start_matches("https://").parse()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let here = format!("https://{}", listener.local_addr()?);
        let text = std::fs::read_to_string(kubeconfig)?;
        anyhow::ensure!(text.contains(address), "{}: no {address}", kubeconfig.display());
        let relayed = kubeconfig.with_extension("relayed.kubeconfig");
        std::fs::write(&relayed, text.replace(address, &here)).context("the relay's kubeconfig")?;
        let received = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(there).await else { return };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(onwards(from_client, to_server));
                tokio::spawn(back(from_server, to_client, Arc::clone(&counted)));
            }
        });
        Ok(Relay { kubeconfig: relayed, received })
    }

    /// Bytes that came from the API server since this was asked last, those of TLS among them.
    pub(super) fn received(&self) -> u64 {
        self.received.swap(0, Ordering::Relaxed)
    }
}

async fn onwards(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // A connection that breaks is noticed by the two ends.
    drop(copy(&mut from, &mut to).await);
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, received: Arc<AtomicU64>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        received.fetch_add(count as u64, Ordering::Relaxed);
        if to.write_all(buffer.get(..count).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}
