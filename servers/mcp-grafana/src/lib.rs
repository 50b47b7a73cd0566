//! The Grafana specialist: reads dashboards, data sources, alert rules and annotations, and says what it saw.

pub mod doctor;
mod interval;
pub mod lead;
mod panels;
mod record;
mod resolve;
pub mod server;
pub mod settings;
mod time;
pub mod tools;
mod variables;
mod views;
