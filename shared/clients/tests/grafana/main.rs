//! The Grafana client against scripted servers: what it asks, in which form, and what it makes of the answers.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what these find wrong fails a test"
)]

#[path = "../common/listening.rs"]
mod listening;

mod access;
mod forms;
mod script;
mod sent;
