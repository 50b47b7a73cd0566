//! The HTTP API of Prometheus, and of what speaks it too: Thanos, Mimir, VictoriaMetrics. Nothing that writes.

pub mod build;
pub mod connection;
pub mod expression;
pub mod form;
pub mod labels;
pub mod matchers;
pub mod metadata;
pub mod query;
pub mod reads;
pub mod rules;
pub mod series;
pub mod settings;
pub mod status;
pub mod targets;
