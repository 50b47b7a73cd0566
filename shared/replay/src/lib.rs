//! Snapshots of a cluster: read from a file, served as the upstream APIs they came from, and written.

pub mod alertmanager;
pub mod capture;
pub mod kubernetes;
pub mod prometheus;
pub mod recorded;
mod response;
pub mod serve;
pub mod snapshot;
pub mod truth;
