//! The Kubernetes specialist: reads the API server and testifies about what it saw.

pub mod doctor;
pub mod lead;
pub mod nearest;
pub mod server;
pub mod settings;
mod survey;
pub mod tools;
pub mod translate;
