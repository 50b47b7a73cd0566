//! The Prometheus and Alertmanager clients against scripted servers: what they ask, and what they make of the answers.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what these find wrong fails a test"
)]

#[path = "../common/listening.rs"]
mod listening;

mod access;
mod answers;
mod script;
mod sent;
