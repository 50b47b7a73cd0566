//! What the environment says: where things are kept, and how strict to be.

use crate::install::Cache;
use crate::install::component::{self, Component};
use crate::monitoring;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The folder that keeps built upstreams between runs: `INQUEST_UPSTREAMS`, or a folder in the user's cache.
pub fn cache() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("INQUEST_UPSTREAMS") {
        return Ok(PathBuf::from(folder));
    }
    let home = std::env::home_dir().context("no home directory; set INQUEST_UPSTREAMS")?;
    Ok(home.join(".cache/inquest-upstreams"))
}

/// `CI=true`: what would be skipped elsewhere is a failure here.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// `INQUEST_UPSTREAMS_TESTS=1`: tests may start real servers; `cargo xtask test` says so.
pub fn may_start_upstreams() -> bool {
    std::env::var("INQUEST_UPSTREAMS_TESTS").is_ok_and(|value| value == "1")
}

/// Why tests must not start a real control plane now; none if they may and all is built.
pub fn why_no_upstreams() -> Option<String> {
    why_not_built(component::ALL)
}

/// Why tests must not start these now; none if they may and all are built.
pub fn why_not_built(components: &[Component]) -> Option<String> {
    if !may_start_upstreams() {
        return Some("`cargo xtask test` runs them".into());
    }
    let missing = match Cache::of_the_user() {
        Ok(cache) => cache.missing(components),
        Err(error) => return Some(format!("{error:#}")),
    };
    (!missing.is_empty()).then(|| format!("not built: {}", missing.join(", ")))
}

/// Why tests must not start a real Prometheus now; none if they may and it is installed.
pub fn why_no_prometheus() -> Option<String> {
    if !may_start_upstreams() {
        return Some("`cargo xtask test` runs them".into());
    }
    match Cache::of_the_user() {
        Ok(cache) if monitoring::is_installed(&cache) => None,
        Ok(_) => Some("not installed: prometheus".into()),
        Err(error) => Some(format!("{error:#}")),
    }
}

/// The same for a real Prometheus with an Alertmanager beside it.
pub fn why_no_alertmanager() -> Option<String> {
    why_no_prometheus().or_else(|| {
        let cache = Cache::of_the_user().ok()?;
        monitoring::why_no_alertmanager(&cache)
    })
}

/// The root of the checkout that this program was built from.
pub fn repository() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The cargo that runs us, so that its toolchain is used for what we build.
pub fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
