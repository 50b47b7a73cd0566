//! The words of each upstream system, one module and one cargo feature for each.

#[cfg(feature = "alertmanager")]
pub mod alertmanager;
#[cfg(feature = "grafana")]
pub mod grafana;
#[cfg(feature = "helm")]
pub mod helm;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(feature = "prometheus")]
pub mod prometheus;
#[cfg(feature = "web")]
pub mod web;
