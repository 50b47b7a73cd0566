//! The Kubernetes client against a scripted API server: what it asks, and what it makes of the answers.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what these find wrong fails a test"
)]

mod access;
mod budget;
mod discovery;
mod gap;
mod list;
mod logs;
mod privilege;
mod script;
mod sent;
mod stores;
mod version;
mod watched;
