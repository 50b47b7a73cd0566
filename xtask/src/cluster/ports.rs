//! Blocks of ten free loopback ports, each kept for one folder.

use crate::install::Cache;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;
use std::path::Path;

/// Offsets in a block.
pub(super) const ETCD: u16 = 0;
pub(super) const ETCD_PEER: u16 = 1;
pub(super) const API_SERVER: u16 = 2;
pub(super) const CONTROLLER_MANAGER: u16 = 3;
pub(super) const SCHEDULER: u16 = 4;
pub(super) const KWOK: u16 = 5;
/// And the one after it, for its own metrics.
pub(super) const KUBE_STATE_METRICS: u16 = 6;
pub(super) const SPARE: u16 = 9;

const BLOCK: u16 = 10;
/// 20000 to 29999 lie below the ports that Linux gives to outgoing connections.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 1_000;
const TRIES: usize = 200;

/// The first port of the block that belongs to a cluster folder, which is found now if it has none.
pub(crate) fn block_of(folder: &Path, cache: &Cache) -> Result<u16> {
    if let Ok(port) = known(folder) {
        return Ok(port);
    }
    let taken = cache.folder.join("ports");
    fs::create_dir_all(&taken)?;
    let lock = File::create(taken.join(".lock"))?;
    lock.lock().context("could not lock the list of ports")?;
    for _ in 0..TRIES {
        let port = FIRST + random(BLOCKS) * BLOCK;
        let claim = taken.join(port.to_string());
        if is_claimed(&claim) || !is_free(port) {
            continue;
        }
        fs::write(claim, folder.as_os_str().as_encoded_bytes())?;
        fs::write(folder.join("port"), port.to_string())?;
        return Ok(port);
    }
    bail!("no ten free ports in a row from {FIRST}")
}

/// The block of a folder that has one.
pub(crate) fn known(folder: &Path) -> Result<u16> {
    let text = fs::read_to_string(folder.join("port"))
        .with_context(|| format!("no cluster was started in {}", folder.display()))?;
    text.trim().parse().context("the file `port` has no port")
}

/// A block is claimed as long as the folder that claimed it exists.
fn is_claimed(claim: &Path) -> bool {
    fs::read_to_string(claim).is_ok_and(|folder| Path::new(&folder).is_dir())
}

fn is_free(port: u16) -> bool {
    (port..port + BLOCK).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
}

fn random(below: u16) -> u16 {
    let number = RandomState::new().hash_one(0) % u64::from(below);
    u16::try_from(number).unwrap_or_default()
}
