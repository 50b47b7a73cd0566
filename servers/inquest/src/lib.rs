//! The lead: takes a question, hears the specialists, and shows what the judge concludes.

pub mod command;
pub mod delegation;
pub mod eval;
pub mod hearing;
pub mod intake;
pub mod report;
pub mod settings;
pub mod store;
pub mod tools;
pub mod trouble;
pub mod verification;
pub mod witnesses;
