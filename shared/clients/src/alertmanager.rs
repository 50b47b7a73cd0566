//! The HTTP API of Alertmanager, version 2. Nothing that writes.

pub mod alerts;
pub mod connection;
pub mod reads;
pub mod settings;
pub mod status;
