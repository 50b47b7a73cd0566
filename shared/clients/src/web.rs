//! What every upstream with an address of its own has in common: who we are to it, whom we trust, and what it said.

pub mod access;
pub(crate) mod authenticated;
pub mod said;
#[cfg(any(feature = "alertmanager", feature = "grafana"))]
pub(crate) mod server;
#[cfg(any(feature = "grafana", feature = "prometheus"))]
pub(crate) mod tolerant;
pub mod wire;
