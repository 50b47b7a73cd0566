//! The Kubernetes specialist: reads the API server and testifies about what it saw.

mod address;
mod age;
mod cells;
mod digest;
pub mod doctor;
mod everything;
mod hearing;
pub mod lead;
mod listing;
mod logs;
mod manifest;
mod metrics;
pub mod nearest;
mod nodes;
mod path;
mod rows;
mod said;
pub mod server;
pub mod settings;
mod survey;
pub mod tools;
pub mod translate;
mod unwell;
mod usage;
mod verdict;
