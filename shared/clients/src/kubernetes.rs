//! The Kubernetes API in its own words, and nothing that writes.

pub mod access;
mod authenticate;
pub mod configuration;
pub mod connection;
pub mod discovery;
pub mod get;
pub mod groups;
pub mod list;
pub mod logs;
pub mod made;
mod paths;
pub mod privilege;
pub mod rbac;
pub mod reach;
pub mod reads;
pub mod redact;
pub mod release;
pub mod resource;
pub mod settings;
mod stores;
pub mod table;
pub mod version;
pub mod words;
