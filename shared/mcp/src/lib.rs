//! What every MCP server stands on, and how the lead calls them.

pub mod age;
pub mod answer;
pub mod arguments;
mod check;
pub mod client;
pub mod clusters;
pub mod cursor;
mod envelope;
pub mod failure;
mod handler;
pub mod http;
mod metrics;
pub mod nearest;
pub mod outside;
pub mod part;
mod render;
mod run;
mod schema;
pub mod server;
mod slots;
pub mod stdio;
mod table;
mod times;
pub mod tool;
pub mod tools;
pub mod trace;
pub mod upstream;
