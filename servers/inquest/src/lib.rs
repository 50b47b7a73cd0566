//! The lead: takes a question, hears the specialists, and shows what the judge concludes.

pub mod command;
pub mod delegation;
pub mod hearing;
pub mod intake;
pub mod report;
pub mod settings;
pub mod store;
pub mod trouble;
pub mod witnesses;
