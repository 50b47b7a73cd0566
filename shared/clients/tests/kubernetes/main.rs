//! The Kubernetes client against a scripted API server: what it asks, and what it makes of the answers.

mod access;
mod discovery;
mod list;
mod logs;
mod script;
mod sent;
mod version;
