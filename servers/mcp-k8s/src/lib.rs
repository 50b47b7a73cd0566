//! The Kubernetes specialist: reads the API server and testifies about what it saw.

mod address;
mod applications;
mod cells;
mod changes;
mod configuration;
mod difference;
mod digest;
pub mod doctor;
mod everything;
mod hearing;
mod history;
pub mod lead;
mod listing;
mod logs;
mod manifest;
mod rights;
mod rows;
mod said;
pub mod server;
pub mod settings;
mod survey;
pub mod tools;
pub mod translate;
mod unwell;
mod verdict;
