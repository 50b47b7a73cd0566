//! The releases that Helm 3 and 4 keep in a cluster, in Helm's own words, and nothing else that Secrets hold.

pub mod connection;
pub mod kept;
mod payload;
pub mod rbac;
pub mod reads;
pub mod redact;
pub mod release;
