//! The Helm client against a scripted API server: what it asks, and what it makes of releases that Helm itself wrote.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what these find wrong fails a test"
)]

mod releases;
#[path = "../kubernetes/script.rs"]
#[expect(dead_code, reason = "the other tests use all of it")]
mod script;
mod sent;
