//! Chores of this repository, and the real upstream servers that chores and acceptance tests run against.
#![expect(
    clippy::disallowed_methods,
    reason = "starting programs, reading the environment and writing to test servers is the job of a chore"
)]

pub mod bench;
pub mod cluster;
pub mod conformance;
mod debian;
pub mod image;
pub mod inquest;
pub mod inspector;
pub mod install;
pub mod listening;
pub mod monitoring;
mod npm;
pub mod order;
pub mod program;
pub mod record;
pub mod replaying;
pub mod sbom;
pub mod scenario;
pub mod settings;
pub mod test;
pub mod upstreams;
