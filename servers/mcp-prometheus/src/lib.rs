//! The Prometheus specialist: reads metrics and alerts, and testifies about what it saw.

mod alerts;
mod ask;
mod change;
pub mod doctor;
mod elsewhere;
mod empty;
mod explain;
mod labels;
pub mod lead;
mod narrow;
mod number;
mod record;
pub mod server;
pub mod settings;
mod signals;
mod span;
mod statistics;
mod survey;
mod table;
mod target;
pub mod tools;
mod unit;
