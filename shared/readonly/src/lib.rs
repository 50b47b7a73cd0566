//! The only way out of the house, and it only reads.

pub mod allow;
pub mod asked;
pub mod body;
pub mod items;
pub mod limits;
pub mod lines;
mod meter;
pub mod names;
pub mod network;
mod pour;
pub mod reader;
pub mod redact;
pub mod refusal;
pub mod retry;
pub mod sanitise;
mod scan;
mod status;
pub mod tally;
pub mod text;
pub mod transport;
