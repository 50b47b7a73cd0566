//! The HTTP API of Grafana, as far as it tells of dashboards, data sources, alert rules and annotations. Nothing that writes.

pub mod annotations;
pub mod connection;
pub mod dashboards;
pub mod datasources;
pub mod form;
pub mod health;
pub mod plugins;
pub mod reads;
pub mod rules;
pub mod search;
pub mod settings;
