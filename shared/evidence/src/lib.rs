//! The nouns of an investigation: what was asked, seen, not seen and concluded. No I/O, no clock.

pub mod alerting;
pub mod digest;
pub mod entity;
pub mod fact;
pub mod lint;
pub mod message;
pub mod question;
pub mod report;
pub mod scope;
pub mod testimony;
