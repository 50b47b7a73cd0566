//! The Helm specialist: reads the releases that a cluster keeps and testifies about what it saw.

mod difference;
pub mod lead;
mod objects;
mod releases;
mod search;
pub mod server;
pub mod settings;
pub mod tools;
mod views;
