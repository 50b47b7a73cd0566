//! The judge. Nothing here waits, reads a clock, draws a random number or leaves the process.

pub mod aim;
pub mod case;
pub mod catalogue;
pub mod engine;
pub mod failure_mode;
pub mod finding;
pub mod kubectl;
pub mod numbers;
pub mod pending;
pub mod policy;
pub mod quantity;
pub mod rules;
pub mod seen;
